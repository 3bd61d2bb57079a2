import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The scripts of a source tree, known by their hash or by their text. */
export interface ScriptNames {
  /** Name of the script that a command runs, such as `claim`; undefined for any other command. */
  nameOf(args: readonly Buffer[]): string | undefined;
}

/**
 * Reads the Lua files of `root`. A script is sent by the SHA-1 of its text, which is one file behind some others, in an
 * order that the sources beside them name; any other is learnt from the text when it passes.
 */
export function readScripts(root: string): ScriptNames {
  const dir = join(root, 'src/store');
  const files = new Map(
    readdirSync(dir)
      .filter((file) => file.endsWith('.lua'))
      .map((file) => [file.slice(0, -'.lua'.length), readFileSync(join(dir, file), 'utf8')]),
  );
  const names = new Map<string, string>();
  const orders = readOrders(dir);
  for (const [name, text] of files) {
    names.set(sha1(text), name);
    for (const order of orders) {
      const before = order.map((other) => files.get(other) ?? '');
      names.set(sha1([...before, text].join('\n')), name);
    }
  }
  return {
    nameOf([command, script]) {
      if (command === undefined || script === undefined) return undefined;
      switch (command.toString('latin1').toLowerCase()) {
        case 'evalsha':
          return names.get(script.toString('latin1'));
        case 'eval': {
          const text = script.toString('utf8');
          const name = [...files].find(([, file]) => text.endsWith(file))?.[0];
          if (name !== undefined) names.set(sha1(text), name);
          return name;
        }
        default:
          return undefined;
      }
    },
  };
}

/** Lists of script names in the sources, such as `['state-lists', 'limits']`. */
function readOrders(dir: string): string[][] {
  const sources = readdirSync(dir).filter((file) => file.endsWith('.ts'));
  const lists = sources.flatMap(
    (file) => readFileSync(join(dir, file), 'utf8').match(/\['state-lists'[^\]]*\]/g) ?? [],
  );
  return [...new Set(lists)].map((list) => [...list.matchAll(/'([\w-]+)'/g)].map(([, name = '']) => name));
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
