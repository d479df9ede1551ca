import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDuration, size, writeDuration } from "../src/quantities.ts";

describe("a duration that was written", () => {
  it("reads back as the same", () => {
    fc.assert(
      fc.property(fc.nat(2_000_000_000), (time) => {
        expect(readDuration(writeDuration(time))).toBe(time);
      }),
    );
  });

  it.each([
    [0, "0s"],
    [1_500, "1s500ms"],
    [90_000, "90s"],
    [5_400_000, "90m"],
    [17_100_000, "4h45m"],
    [604_800_000, "7d"],
  ])("of %i ms is %s", (time, text) => expect(writeDuration(time)).toBe(text));
});

describe("a size", () => {
  it.each([
    ["256M", 256],
    ["2G", 2048],
  ])("%s is %i mebibytes", (text, mebibytes) => expect(size.parse(text)).toBe(mebibytes));

  it.each(["0M", "256", "256MB", "1.5G", "-1M", "M", "", " 1M", 256])("is not %j", (text) =>
    expect(size.safeParse(text).error?.issues[0]?.message).toBe("a size such as 256M or 2G"),
  );
});
