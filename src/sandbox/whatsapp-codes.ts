import { graphFail } from './graph.ts';
import type { SandboxAnswer } from './simulation.ts';

const said: Record<number, string> = {
  130472: "User's number is part of an experiment",
  131026: 'Message undeliverable',
  131049: 'This message was not delivered to maintain healthy ecosystem engagement',
  131050: 'User has stopped receipt of marketing messages from your business',
  131062: 'Business-scoped user ids are not supported for this kind of message',
};

/** A refusal in the answer. */
export function refused(code: number): SandboxAnswer {
  return graphFail(400, code, `(#${code}) ${titleOf(code)}`, titleOf(code));
}

/** What a code says of a message that was not delivered. */
export function titleOf(code: number): string {
  return said[code] ?? 'Message undeliverable';
}
