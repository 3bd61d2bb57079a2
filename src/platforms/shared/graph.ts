import { z } from 'zod';
import { type PublishError, UnconfirmedError } from '../../core/errors.ts';
import type { Call } from '../../core/platform.ts';
import { createScrub } from '../../text/scrub.ts';
import { asCall } from './call.ts';
import { networkFailure, trimRoot } from './failures.ts';
import { type Answer, createHttpClient, type HttpRequest } from './http.ts';
import { graphUsage } from './usage.ts';

/** Setting of both Meta platforms. v26.0 is of 2026-07-29; each version lives about two years. */
export const graphVersion = z
  .string()
  .regex(/^v\d+\.\d+$/, 'a version such as "v26.0"')
  .default('v26.0')
  .describe('Graph API version.');

/** What Meta says when it refuses (Graph API, error handling). */
export interface GraphError {
  message?: unknown;
  code?: unknown;
  error_subcode?: unknown;
  error_user_msg?: unknown;
  error_data?: { details?: unknown };
}

/** Turns a refusal into one of our errors; `said` is already free of secrets. */
export type ReadGraphError = (answer: Answer, error: GraphError, said: string) => PublishError;

export interface GraphClient {
  /** Base address without version. */
  root: string;
  /** One call; `path` comes behind the version. Resolves to the JSON object of a 2xx answer. */
  call(request: HttpRequest, call: Call, read: ReadGraphError): Promise<object>;
  close(): Promise<void>;
}

/** A caller of Meta's Graph API over plain HTTP. */
export function createGraphClient({
  platform,
  apiRoot = 'https://graph.facebook.com',
  version,
  accessToken,
  secrets,
  usageRule,
}: {
  platform: string;
  apiRoot: string | undefined;
  version: string;
  accessToken: string;
  secrets: (string | undefined)[];
  /** Which limit the usage in the answers is about; absent: none. */
  usageRule?: string;
}): GraphClient {
  const root = trimRoot(apiRoot);
  const http = createHttpClient(root);
  const scrub = createScrub(secrets);

  return {
    root,
    async call(request, call, read) {
      const answer = await asCall(call, (state) =>
        http
          .request(
            {
              ...request,
              path: `/${version}${request.path}`,
              headers: { authorization: `Bearer ${accessToken}`, ...request.headers },
            },
            state,
          )
          .catch((error: unknown) => {
            throw networkFailure(error, { platform, call: state, scrub });
          }),
      );
      const { status, json } = answer;
      const object = typeof json === 'object' && json !== null ? (json as { error?: GraphError }) : undefined;
      if (object?.error && typeof object.error === 'object') {
        const { message, error_user_msg: userMessage, error_data: data } = object.error;
        const said = [message, data?.details ?? userMessage].filter((text) => typeof text === 'string').join(' – ');
        throw read(answer, object.error, scrub(said || 'no description'));
      }
      if (status >= 400 && status < 500) throw read(answer, {}, `HTTP ${status} without a description`);
      if (status >= 200 && status < 300 && object) {
        // A refusal says itself how long to wait.
        const usage = usageRule === undefined ? undefined : graphUsage(answer.headers, usageRule);
        if (usage) call.onUsage?.(usage);
        return object;
      }
      throw new UnconfirmedError(`${platform} answered something that cannot be read (HTTP ${status}).`, {
        code: status >= 500 ? status : 'unreadable',
      });
    },
    close: http.close,
  };
}
