const openers = new Map([
  ['“', '”'],
  ['«', '»'],
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);
const closers = new Set([...openers.values(), '"']);

/** True where the text opens a quotation or bracket that it does not close. Curly quotes nest; straight ones toggle. */
export function isOpen(text: string): boolean {
  return openMarks(text).length > 0;
}

/** The marks that would close what the text opens, outermost first. */
export function openMarks(text: string): string[] {
  const stack: string[] = [];
  for (const char of text) {
    if (char === '"' && !stack.includes('"')) stack.push('"');
    else if (openers.has(char)) stack.push(openers.get(char) as string);
    else if (closers.has(char)) {
      const at = stack.lastIndexOf(char);
      if (at >= 0) stack.length = at;
    }
  }
  return stack;
}

/** True where every quotation and bracket that the text opens is closed in it, and none is closed that was not opened. */
export function isBalanced(text: string): boolean {
  if (isOpen(text)) return false;
  const stack: string[] = [];
  for (const char of text) {
    if (char === '"' && !stack.includes('"')) stack.push('"');
    else if (openers.has(char)) stack.push(openers.get(char) as string);
    else if (closers.has(char) && stack.pop() !== char) return false;
  }
  return true;
}
