import { InputError } from '../core/errors.ts';
import { readArticleState } from '../desk/state.ts';
import { decideDeliveries, decisionRefusal } from '../pipeline/approve.ts';
import type { Runtime } from '../runtime/open.ts';
import { print, printError, printJson } from './print.ts';

/**
 * Says yes or no to deliveries, or to those of articles that wait. Resolves to the exit code. Throws `InputError` (404)
 * for a name that is unknown, before anything is said.
 */
export async function decide(
  runtime: Runtime,
  names: readonly string[],
  word: 'yes' | 'no',
  asJson: boolean,
): Promise<number> {
  const ids: string[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const state = await readArticleState(runtime, name);
    if (!state) unknown.push(`There is no article and no delivery "${name}".`);
    else if (state.deliveries.some(({ id }) => id === name)) ids.push(name);
    else ids.push(...state.deliveries.filter(({ waitsFor }) => waitsFor !== undefined).map(({ id }) => id));
  }
  if (unknown.length > 0) throw new InputError(unknown.join('\n'), { code: 'not-found', status: 404 });
  const results = await decideDeliveries(runtime, ids, word);
  if (asJson) printJson(results.map(({ delivery }) => delivery));
  for (const { verdict, delivery } of results) {
    const name = `${delivery.id} (${delivery.channel}${delivery.recipient ? ` ${delivery.recipient}` : ''})`;
    if (verdict === 'refused') printError(decisionRefusal(delivery));
    else if (!asJson) print(verdict === 'approved' ? `${name} may go.` : `${name} is cancelled.`);
  }
  if (results.length === 0) printError('None of its deliveries waits.');
  return results.length > 0 && results.every(({ verdict }) => verdict !== 'refused') ? 0 : 1;
}
