/** Files that the operator names, and what is said when they are not there or cannot be used. */
import { readFile } from "node:fs/promises";
import { Problem, status } from "./errors.ts";

/** @param mend what to do when there is none */
export async function textOf(file: string, mend: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new Problem(status.usage, `There is no file ${file}`, mend);
  }
}

/** @param what the file is meant to be: `The policy` */
export const unusable = (what: string, file: string, problems: readonly string[]): Problem =>
  new Problem(status.usage, `${what} ${file} cannot be used`, `mend this in it:\n  ${problems.join("\n  ")}`);
