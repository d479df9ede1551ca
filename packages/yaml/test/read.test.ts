import { describe, expect, it } from "vitest";
import * as z from "zod";
import { choice, duration, mapping, type Nonsense, problemInWords, readText, whole } from "../src/index.ts";

const schema = mapping({
  colour: choice(["red", "green"]),
  boxes: z.array(mapping({ size: whole(1, 9), wait: duration.prefault("1s") })).default([]),
});
const tooMany = ({ boxes }: z.output<typeof schema>): readonly Nonsense[] =>
  boxes.length > 2 ? [{ path: ["boxes"], allowed: "two at most", found: `${boxes.length} boxes` }] : [];

const problems = (text: string): string[] => {
  const read = readText(text, { schema, nonsense: tooMany });
  return read.ok ? [] : read.problems.map(problemInWords);
};

describe("a text that follows its schema", () => {
  it("is read, with its defaults", () => {
    const read = readText("colour: red\nboxes: [{ size: 2 }]", { schema });
    expect(read).toEqual({ ok: true, value: { colour: "red", boxes: [{ size: 2, wait: 1000 }] } });
  });

  it("may be JSON", () => {
    expect(problems('{"colour": "green", "boxes": [{"size": 9, "wait": "2m"}]}')).toEqual([]);
  });
});

describe("what is wrong is told with line, field, what was found, and what is allowed", () => {
  it.each([
    ["colour: gren", 'line 1: colour is "gren"; allowed: did you mean green? one of red and green'],
    ["colour: red\nboxs: []", "line 2: boxs is not a key here; allowed: did you mean boxes? the keys colour and boxes"],
    [
      "colour: red\nboxes:\n  - size: 2\n  - size: 10",
      "line 4: boxes[1].size is 10; allowed: a whole number, from 1 to 9",
    ],
    ["boxes: []", "line 1: colour is missing; allowed: one of red and green"],
    ["colour: red\nboxes: [{ size: 1 }, { size: 1 }, { size: 1 }]", "line 2: boxes is 3 boxes; allowed: two at most"],
  ])("%j", (text, problem) => expect(problems(text)).toEqual([problem]));

  it("all of it at once", () => {
    expect(problems("colour: blue\nboxes: [{ size: 0 }]")).toHaveLength(2);
  });

  it("where it is no YAML", () => {
    expect(problems("colour: [red")).toEqual([
      expect.stringMatching(/^line 1: the file is not YAML: .+; allowed: YAML, or JSON$/),
    ]);
  });

  it("where it is empty", () => {
    expect(problems("")).toEqual(["the file is missing; allowed: a mapping with the keys colour and boxes"]);
  });
});
