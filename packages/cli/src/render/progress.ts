/** One line that is written over, and gone at the end; nothing where nobody watches. */
import type { WardenContext } from "../context.ts";

/** @param words after the count of runs */
export function progressOn({ err }: WardenContext, words = ""): (done: number, of: number, more?: string) => void {
  if (!err.isTTY) return () => {};
  return (done, of, more = "") => err.write(done === of ? "\r\u001b[K" : `\r${done} of ${of} runs${words}${more}`);
}

/** The same for any text; the last one is empty. */
export const lineOn =
  ({ err }: WardenContext) =>
  (text: string): void => {
    if (err.isTTY) err.write(`\r\u001b[K${text}`);
  };
