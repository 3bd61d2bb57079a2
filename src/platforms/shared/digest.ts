import type { Article, DigestItem } from '../../core/article.ts';
import type { Channel } from '../../core/channel.ts';
import type { LengthUnit, Post } from '../../core/post.ts';
import { postLink } from '../../text/link.ts';
import { fitList } from '../../text/list.ts';
import type { Medium } from '../../text/medium.ts';

export interface DigestOptions {
  platform: string;
  unit: LengthUnit;
  /** Most parts; 1 where the platform has no threads. */
  parts?: number;
  /** Whether the parts of a thread are numbered. */
  numbered?: boolean;
  /** Whether headlines carry the links of their articles. */
  links?: boolean;
}

/**
 * The post of a digest: its title and a numbered list of headlines with their links. Throws `RejectedError`
 * (`text-too-long`) where they do not all fit.
 */
export function composeDigest(
  { title, direction, digest = [] }: Article,
  { style }: Pick<Channel, 'style'>,
  medium: Medium,
  { platform, unit, parts = 1, numbered = false, links = true }: DigestOptions,
): Post {
  const list = {
    title,
    direction,
    items: digest,
    digits: style?.digits ?? ('source' as const),
    linkOf: ({ url }: DigestItem) => (links && url !== undefined ? postLink(url, style?.utm) : undefined),
  };
  const told = fitList(list, medium, { most: parts, numbered });
  const { limit } = medium.forms.text;
  return {
    platform,
    parts: told.map(({ text, markup, length }) => ({
      text,
      ...(markup === undefined || markup === text ? {} : { markup }),
      length,
      limit,
      unit,
      media: [],
    })),
    edits: told.flatMap(({ edits }) => edits),
    warnings: [],
  };
}
