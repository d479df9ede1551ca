import { describe, expect, it } from "vitest";
import { curves } from "../../src/scenario/schema.ts";
import { readTrace, requestsInFlight, usersOfCurve } from "../../src/scenario/traffic.ts";

const hour = 3_600_000;
const day = 24 * hour;

describe("a built-in curve", () => {
  it.each(curves)("%s stays between nobody and its peak, all week, and reaches the peak", (curve) => {
    const usersAt = usersOfCurve(curve, 400);
    const week = Array.from({ length: 7 * 24 * 12 }, (_, index) => usersAt(index * 300_000));
    expect(Math.min(...week)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...week)).toBeLessThanOrEqual(400);
    expect(Math.max(...week)).toBeGreaterThan(390);
  });

  it("begins on a Monday at 8 o'clock: an exam fills up within the hour", () => {
    const usersAt = usersOfCurve("exam", 100);
    expect(usersAt(0)).toBeLessThan(15);
    expect(usersAt(1.2 * hour)).toBe(100);
    expect(usersAt(4 * hour)).toBeLessThan(20);
  });

  it("knows the weekend from a school day, and begins anew each week", () => {
    const usersAt = usersOfCurve("school-day", 100);
    expect(usersAt(5 * day + 2 * hour)).toBeCloseTo(15);
    expect(usersAt(7 * day + 2 * hour)).toBe(usersAt(2 * hour));
  });
});

describe("requests in flight on a node", () => {
  it("are those of all users, by their rate and time, shared by the nodes that serve", () => {
    expect(requestsInFlight(400, 2)).toBeCloseTo(3);
    expect(requestsInFlight(400, 6)).toBeCloseTo(1);
  });

  it("are none where nobody serves", () => {
    expect(requestsInFlight(400, 0)).toBe(0);
  });
});

describe("a trace", () => {
  const usersAt = (csv: string, at: number): number => {
    const read = readTrace(csv);
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    return read.usersAt(at);
  };

  it("goes straight from row to row, and stays as it is before the first and after the last", () => {
    const csv = "at,users\n10m,100\n1200,200\r\n1h,50\n";
    expect([0, 10, 15, 20, 40, 60, 600].map((minutes) => usersAt(csv, minutes * 60_000))).toEqual([
      100, 100, 150, 200, 125, 50, 50,
    ]);
  });

  it.each([
    ["", 1, "nothing", "the columns at and users"],
    ["time,count\n1,2", 1, "time,count", "the columns at and users"],
    ["at,users\n", 1, "no rows", "at least one row below the columns"],
    ["at,users\nsoon,3", 2, "soon", "seconds since the start, or a duration such as 90s"],
    ["at,users\n5m,3\n4m,3", 3, "4m", "a time after that of the row before"],
    ["at,users\n5m,-3", 2, "-3", "a number of users, 0 or more"],
    ["at,users\n5m,3,4", 2, "5m,3,4", "two cells"],
  ])("%j is refused", (csv, line, found, allowed) => {
    expect(readTrace(csv)).toEqual({ ok: false, problems: [{ line, found, allowed }] });
  });
});
