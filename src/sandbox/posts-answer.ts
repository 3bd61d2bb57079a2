import type { ServerResponse } from 'node:http';
import type { SandboxPost } from './post.ts';

const partLength = 64 * 1024;

/**
 * Gives posts as JSON, in parts as the reader takes them: `fields` (names with commas) of each, all where not given; `from`
 * leaves so many of the oldest out, and of the others `limit` are given; `form=lines` one a line, without brackets.
 */
export async function givePosts(posts: SandboxPost[], query: URLSearchParams, response: ServerResponse): Promise<void> {
  const fields = query.get('fields')?.split(',');
  const from = wholeIn(query.get('from')) ?? 0;
  const end = from + (wholeIn(query.get('limit')) ?? posts.length);
  const inLines = query.get('form') === 'lines';
  const written = (post: SandboxPost) => JSON.stringify(fields ? picked(post, fields) : post);
  response.writeHead(200, { 'content-type': inLines ? 'application/x-ndjson' : 'application/json' });
  const between = inLines ? '\n' : ',';
  let part = inLines ? '' : '[';
  for (const [index, post] of posts.slice(from, end).entries()) {
    part += index === 0 ? written(post) : between + written(post);
    if (part.length < partLength) continue;
    if (!response.write(part) && !(await drained(response))) return;
    part = '';
  }
  response.end(inLines ? part && `${part}\n` : `${part}]`);
}

function wholeIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function picked(post: SandboxPost, fields: readonly string[]): object {
  const of = post as unknown as Record<string, unknown>;
  return Object.fromEntries(fields.flatMap((name) => (of[name] === undefined ? [] : [[name, of[name]]])));
}

/** False where the reader is gone. */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle);
      response.off('close', settle);
      resolve(!response.destroyed);
    };
    response.on('drain', settle);
    response.on('close', settle);
  });
}
