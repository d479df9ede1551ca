import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { phpLiteral } from "../../src/bundle/php.ts";
import { type RealPhp, realPhp } from "../php.ts";

let php: RealPhp;
beforeAll(async () => {
  php = await realPhp();
});

/** What comes out of PHP; base64, because JSON would hide a difference in bytes. */
async function bytesOutOf(texts: readonly string[]): Promise<unknown> {
  return php.evaluate(`echo json_encode(array_map('base64_encode', ${phpLiteral(texts)}));`);
}
const bytes = (text: string): string => Buffer.from(text, "utf8").toString("base64");

const hostile = [
  ...[
    "'",
    '"',
    "\\",
    "\\'",
    "\\\\",
    "'\\",
    "$x",
    "\x24{x}",
    "{$x}",
    "?>",
    "<?php",
    "\n",
    "\r\n",
    "\0",
    "\t",
    "\u{1F4A5}",
  ],
  ...["'; system('id'); //", "\\'; system('id'); //", "?><?php system('id');", "`id`", "$(id)", "%s", "/*", "//", "#"],
  ...[
    "<<<E\nE",
    "\u2028",
    "\uFEFF",
    "é",
    "'.phpinfo().'",
    "\x24{phpinfo()}",
    "{\x24{phpinfo()}}",
    "\\x27",
    "\\u{27}",
    "__halt_compiler();",
  ],
];

describe("a PHP literal", () => {
  it.each(hostile)("carries %j through real PHP", async (text) => {
    expect(await bytesOutOf([text])).toEqual([bytes(text)]);
  });

  it("carries any text", async () => {
    const pieces = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary" }), fc.string());
    const texts = fc.array(
      fc.array(pieces, { maxLength: 6 }).map((each) => each.join("").toWellFormed()),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (each) => {
        expect(await bytesOutOf(each)).toEqual(each.map(bytes));
      }),
      { numRuns: 200 },
    );
  });

  it("carries numbers, switches, nothing, and all of them nested", async () => {
    const value = { a: [1, -2, 0.5, 1e300, true, false, null], "b'c": { "?>": [["deep"], {}] }, list: [] };
    const seen = await php.evaluate(`echo json_encode(${phpLiteral(value)});`);
    // PHP has one kind of array: an empty mapping comes back as a list.
    expect(seen).toEqual({ ...value, "b'c": { "?>": [["deep"], []] } });
  });

  it("keeps the sign of a negative zero", async () => {
    expect(await php.evaluate(`echo json_encode(var_export(${phpLiteral(-0)}, true));`)).toBe("-0.0");
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, "\uD800", "a\uDFFFb"])("refuses %j", (value) => {
    expect(() => phpLiteral(value)).toThrow(RangeError);
  });
});

it("is judged by a PHP that refuses what is wrong", async () => {
  php.write("/moodle/wrong.php", "<?php $x = 'open;");
  expect(await php.lint("/moodle/wrong.php")).toMatch(/syntax error/);
  await expect(php.evaluate("echo json_encode(['a);")).rejects.toThrow();
});
