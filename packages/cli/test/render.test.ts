import { length } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import { table } from "../src/render/table.ts";
import { relative } from "../src/render/time.ts";

describe("times", () => {
  it.each([
    [0, "0 s"],
    [45_000, "45 s"],
    [125_000, "2 min 5 s"],
    [3_600_000, "1 h"],
    [3_605_000, "1 h"],
    [2 * 86_400_000 + 4 * 3_600_000, "2 d 4 h"],
    [-5, "0 s"],
  ])("%i ms is %s", (ms, text) => expect(length(ms)).toBe(text));

  it("are told from now", () => {
    expect([relative(5000, 0), relative(0, 5000), relative(10, 0)]).toEqual(["in 5 s", "5 s ago", "now"]);
  });
});

describe("a table", () => {
  const columns = [
    { title: "A", cell: (row: { a: string; b: string }) => row.a },
    { title: "B", cell: (row: { a: string; b: string }) => row.b, flexible: true },
  ] as const;

  it("shows everything to a pipe", () => {
    const text = table(columns, [{ a: "1", b: "x".repeat(300) }], undefined);
    expect(text).toContain("x".repeat(300));
  });

  it("cuts the flexible column with an ellipsis", () => {
    const [, line] = table(columns, [{ a: "1", b: "word ".repeat(50) }], 30).split("\n");
    expect(line).toMatch(/^1 {2}word word.*…$/);
  });
});
