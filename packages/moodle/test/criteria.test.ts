/** The table of criteria: whole, and naming tests that exist. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const rows = readFileSync(new URL("../CRITERIA.md", import.meta.url), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, number, , state = "", where = ""] = line.split("|").map((cell) => cell.trim());
    return /^\d+$/.test(number ?? "") ? [{ number: Number(number), state, where }] : [];
  });

it("has a row for each of the 48", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 48 }, (_, index) => index + 1));
});

it.each(rows)("criterion $number names its test, or says that only AWS can show it", ({ state, where }) => {
  expect(state).toMatch(/^(tested|lab)(: .+)?$|^AWS only, never run$/);
  if (state.startsWith("AWS")) expect(where).toBe("");
  else expect(existsSync(new URL(`../../../${where}`, import.meta.url)), where).toBe(true);
});
