import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addNumbers, canonicalNumber, compareNumbers, subtractNumbers } from "../../src/services/dynamodb/numbers.ts";

describe("numbers", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["0.00", "0"],
    ["+7", "7"],
    ["007", "7"],
    ["1.50", "1.5"],
    [".5", "0.5"],
    ["-1.25E-3", "-0.00125"],
    ["12E3", "12000"],
    ["1E125", `1${"0".repeat(125)}`],
    ["1E-130", `0.${"0".repeat(129)}1`],
  ])("spells %s as %s", (text, expected) => {
    expect(canonicalNumber(text)).toBe(expected);
  });

  it.each([
    ["1E126", "Number overflow"],
    ["1E-131", "Number underflow"],
    ["1.000000000000000000000000000000000000001", "more than 38 significant digits"],
    ["", "cannot be converted to a numeric value"],
    ["0x10", "cannot be converted to a numeric value"],
    ["Infinity", "cannot be converted to a numeric value"],
  ])("refuses %s", (text, message) => {
    expect(() => canonicalNumber(text)).toThrow(message);
  });

  const decimal = fc
    .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: -8, max: 8 }))
    .map(([digits, exponent]) => canonicalNumber(`${digits}E${exponent}`));

  it("adds and subtracts without loss, and orders as arithmetic does", () => {
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        expect(subtractNumbers(addNumbers(left, right), right)).toBe(left);
        expect(addNumbers(left, right)).toBe(addNumbers(right, left));
        const sign = Math.sign(compareNumbers(left, right));
        const difference = subtractNumbers(left, right);
        expect(sign).toBe(difference === "0" ? 0 : difference.startsWith("-") ? -1 : 1);
      }),
    );
  });
});
