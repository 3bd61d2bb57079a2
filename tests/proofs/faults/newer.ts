import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A copy of the tree in `folder` whose records have the next schema number. Throws where that number is not found. */
export async function plantNewer(folder: string, root: string): Promise<string> {
  const tree = join(folder, 'newer');
  for (const part of ['src', 'bin', 'workers', 'config', 'package.json', 'tsconfig.json']) {
    await cp(join(root, part), join(tree, part), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
  const file = join(tree, 'src/store/state-lists.lua');
  const text = await readFile(file, 'utf8');
  const raised = text.replace(/^local schema = (\d+)$/m, (_, number) => `local schema = ${Number(number) + 1}`);
  if (raised === text) throw new Error(`${file} has no schema number.`);
  await writeFile(file, raised);
  return tree;
}
