/** Words for the shell: what a real one makes of them. */
import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { shellList, shellValue, shellWord } from "../../src/image/shell.ts";

/** What it prints, split at each NUL, which no word holds. */
const wordsFrom = (script: string): string[] =>
  execFileSync("/bin/sh", { input: script, encoding: "utf8" }).split("\0").slice(0, -1);

const text = fc.string({ unit: "binary", maxLength: 40 }).map((each) => each.replaceAll("\0", ""));
const nasty = fc.constantFrom(
  "'",
  "''",
  "\\",
  "\\'",
  "$(echo x)",
  "`echo x`",
  "\n",
  "'\n'",
  '"',
  "-n",
  "*",
  "~",
  "; exit 3",
  "",
);

it("come out of the shell as they went in", () => {
  const property = fc.property(fc.array(fc.oneof(text, nasty), { minLength: 1 }), (words) => {
    const list = shellList("with_words", words);
    const values = words.map((word) => `${shellValue("value", word)}printf '%s\\0' "$value"\n`).join("");
    expect(wordsFrom(`${list}with_words printf '%s\\0'\n${values}`)).toEqual([...words, ...words]);
  });
  expect(fc.check(property, { numRuns: 60 }).failed).toBe(false);
});

it("of an empty list are none", () => {
  expect(wordsFrom(`${shellList("with_words", [])}with_words printf '%s\\0' only`)).toEqual(["only"]);
});

it("are refused when no shell can hold them", () => {
  expect(() => shellWord("a\0b")).toThrow(RangeError);
  expect(() => shellWord("\ud800")).toThrow(RangeError);
});
