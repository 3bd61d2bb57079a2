import type { IncomingMessage, ServerResponse } from 'node:http';
import { RejectedError, UnavailableError, UnconfirmedError } from '../../../src/core/errors.ts';
import type { Call, Publisher } from '../../../src/core/platform.ts';
import type { Receipt } from '../../../src/core/post.ts';
import type { SampleClient } from './sample-client.ts';
import type { Simulation } from './subject.ts';

/** Ways to get edits and removals wrong, each of which the suite has to see. */
export const changeDefects = [
  'edits by posting anew',
  'forgets pictures when it edits',
  'takes an unchanged text for a failure',
  'takes what is gone already for a failure',
  'removes the newest message',
  'takes a missing message for edited',
  'forgets that it is too late',
  'asks before it changes',
  'lets a text beyond the limit leave',
  'takes a lost change for made',
  'takes a lost change for not made',
  'sends a change again',
  'takes any answer to a change for success',
  'takes any 404 for gone',
  'ignores the deadline of a change',
  'never calls beforeWrite of a change',
  'names the token when a change fails',
] as const;
export type ChangeDefect = (typeof changeDefects)[number];

interface Bulletin {
  client: SampleClient;
  limit: number;
  token: string;
  has(defect: ChangeDefect): boolean;
  /** Id of the newest message. */
  newest(): string;
}

/** Edits and removals of the sample platform: `PUT` and `DELETE /posts/:id`. */
export function createSampleChanges({
  client,
  limit,
  token,
  has,
  newest,
}: Bulletin): Required<Pick<Publisher, 'edit' | 'remove'>> {
  async function change(method: 'PUT' | 'DELETE', id: string, body: object | undefined, call: Call): Promise<void> {
    const signal = has('ignores the deadline of a change') ? AbortSignal.timeout(2_500) : call.signal;
    const once = () => client.call(method, `/posts/${id}`, body, { ...call, signal });
    const work = has('never calls beforeWrite of a change')
      ? () => client.call(method, `/posts/${id}`, body, { signal })
      : once;
    if (has('asks before it changes')) await client.call('GET', '/me', undefined, { signal });
    await work().catch((error: unknown) => {
      if (error instanceof UnconfirmedError) return lost(error, work);
      if (has('names the token when a change fails')) throw new RejectedError(`It failed with ${token}.`);
      throw error;
    });
  }

  function lost(error: UnconfirmedError, again: () => Promise<unknown>): Promise<unknown> | undefined {
    if (error.code === 'unreadable' && has('takes any answer to a change for success')) return undefined;
    if (error.code === undefined && has('takes a lost change for made')) return undefined;
    if (has('takes a lost change for not made')) throw new UnavailableError(error.message);
    if (has('sends a change again')) return again();
    throw error;
  }

  const codeOf = (error: unknown) => (error instanceof RejectedError ? error.code : undefined);
  const changed = (live: Receipt): Receipt => ({ ...live, at: new Date().toISOString() });

  return {
    async edit({ live, before, post: { parts }, part }, call) {
      const { text = '' } = parts[part] ?? {};
      if (text.length > limit && !has('lets a text beyond the limit leave')) {
        throw new RejectedError('The text is too long.', { code: 'text-too-long' });
      }
      const pictures = has('forgets pictures when it edits') ? 0 : before.media.length;
      if (has('edits by posting anew')) await client.call('POST', '/posts', { text, pictures }, call);
      else {
        await change('PUT', live.remoteId, { text, pictures }, call).catch((error: unknown) => {
          if (codeOf(error) === 'same' && !has('takes an unchanged text for a failure')) return;
          if (codeOf(error) === 'gone' && has('takes a missing message for edited')) return;
          if (codeOf(error) === 'too-late' && has('forgets that it is too late')) throw new RejectedError('No.');
          throw error;
        });
      }
      return changed(live);
    },
    async remove({ live }, call) {
      const id = has('removes the newest message') ? newest() : live.remoteId;
      await change('DELETE', id, undefined, call).catch((error: unknown) => {
        if (codeOf(error) === 'gone' && !has('takes what is gone already for a failure')) return;
        if (codeOf(error) === '404' && has('takes any 404 for gone')) return;
        throw error;
      });
      return changed(live);
    },
  };
}

/** How long the sample lets a message be changed. */
export const sampleChangeableMs = 86_400_000;

type Post = ReturnType<Simulation['shown']>[number] & { at: string };

/** The server's side: `posts` are those that readers see. */
export function answerChange(
  posts: Post[],
  { method, url = '' }: IncomingMessage,
  { body, response, limit, ageMs }: { body: string; response: ServerResponse; limit: number; ageMs: number },
): void {
  const refuse = (status: number, code: string) => response.writeHead(status).end(JSON.stringify({ code }));
  const index = posts.findIndex(({ id }) => url === `/posts/${id}`);
  const post = posts[index];
  if (!post) return void refuse(404, 'gone');
  if (Date.now() - Date.parse(post.at) + ageMs > sampleChangeableMs) return void refuse(403, 'too-late');
  if (method === 'DELETE') posts.splice(index, 1);
  else {
    const { text = '', pictures = 0 } = JSON.parse(body);
    if (text.length > limit) return void refuse(400, 'too-long');
    if (text === post.text && pictures === post.pictures) return void refuse(409, 'same');
    posts[index] = { ...post, text, pictures };
  }
  response.end(JSON.stringify({ id: post.id }));
}
