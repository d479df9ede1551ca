import { describe, expect, it } from "vitest";
import { readSchedule } from "../../src/services/eventbridge/schedule.ts";

/** The next three times after Monday, 5 January 2026, 12:00 UTC. */
function nextThree(expression: string): string[] {
  const schedule = readSchedule(expression);
  const times: string[] = [];
  let time: number | undefined = Date.UTC(2026, 0, 5, 12);
  while (times.length < 3 && time !== undefined) {
    time = schedule?.next(time);
    if (time !== undefined) times.push(new Date(time).toISOString().slice(0, 16));
  }
  return times;
}

describe("cron expressions (EventBridge guide, Cron expressions)", () => {
  it.each([
    ["cron(0 10 * * ? *)", ["2026-01-06T10:00", "2026-01-07T10:00", "2026-01-08T10:00"]],
    ["cron(15 12 * * ? *)", ["2026-01-05T12:15", "2026-01-06T12:15", "2026-01-07T12:15"]],
    ["cron(0 18 ? * MON-FRI *)", ["2026-01-05T18:00", "2026-01-06T18:00", "2026-01-07T18:00"]],
    ["cron(0 8 1 * ? *)", ["2026-02-01T08:00", "2026-03-01T08:00", "2026-04-01T08:00"]],
    ["cron(0/15 * * * ? *)", ["2026-01-05T12:15", "2026-01-05T12:30", "2026-01-05T12:45"]],
    ["cron(0/30 20-23 ? * 6,7 *)", ["2026-01-09T20:00", "2026-01-09T20:30", "2026-01-09T21:00"]],
    ["cron(0 9 L * ? *)", ["2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00"]],
    ["cron(0 9 ? * 2#1 *)", ["2026-02-02T09:00", "2026-03-02T09:00", "2026-04-06T09:00"]],
    ["cron(0 9 ? * 6L *)", ["2026-01-30T09:00", "2026-02-27T09:00", "2026-03-27T09:00"]],
    ["cron(0 9 1W * ? *)", ["2026-02-02T09:00", "2026-03-02T09:00", "2026-04-01T09:00"]],
    ["cron(0 0 29 FEB ? *)", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]],
    ["cron(0 0 1 1 ? 2027-2028)", ["2027-01-01T00:00", "2028-01-01T00:00"]],
  ])("%s", (expression, times) => {
    expect(nextThree(expression)).toEqual(times);
  });
});
