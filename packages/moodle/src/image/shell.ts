/**
 * Data for a shell script, in one place: whatever is put in is one word of the shell and is never run. Only single quotes are
 * used, in which the shell reads nothing but the quote that ends them (POSIX, Shell Command Language, 2.2.2).
 */

/** @throws RangeError for what no word of a shell can hold */
export function shellWord(text: string): string {
  if (text.includes("\0") || !text.isWellFormed())
    throw new RangeError("no word of a shell holds NUL or half a character");
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A variable with this value. */
export const shellValue = (name: string, value: string): string => `${name}=${shellWord(value)}\n`;

/** A function that runs its arguments with these words after them: a list, which the shell itself does not have. */
export const shellList = (name: string, words: readonly string[]): string =>
  `${name}() { "$@"${words.map((word) => ` \\\n  ${shellWord(word)}`).join("")}; }\n`;
