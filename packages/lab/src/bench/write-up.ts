/** What the write-up measured that this benchmark is to be read beside. It gives ranges, in milliseconds a page, and no more. */
export const writeUp = {
  of: "Moodle on t2.micro instances, application cache on EFS and on Redis, JMeter with a ramp of 30 s",
  rows: [
    { users: 20, shared: { least: 10_000, most: 12_000 }, redis: { least: 1_000, most: 2_200 } },
    { users: 30, shared: { least: 9_000 }, redis: { most: 6_000 } },
    // The system failed, with either.
    { users: 40, shared: "failed", redis: "failed" },
  ],
  local: "ten times as fast as Redis, where there is only one web server",
} as const;
