import { expect, it } from "vitest";
import { virtualClock } from "../../src/clock.ts";
import { startProcess } from "../../src/hosts/process.ts";
import { seededRandom } from "../../src/random.ts";
import type { DocumentResult } from "../../src/region.ts";

function process() {
  const clock = virtualClock({ startAt: 0 });
  const reports: DocumentResult[] = [];
  const running = startProcess({
    clock,
    random: seededRandom(1),
    slowness: () => 1,
    report: (result) => void reports.push(result),
  });
  return { clock, reports, ...running };
}

it("ends once: with its first exit, not with a later one or a kill", () => {
  const { process: program, kill, reports } = process();
  program.exit(0);
  program.exit(1);
  kill({ timedOut: true });
  expect(reports).toEqual([{ exitCode: 0, stdout: "", stderr: "" }]);
  expect(program.hasEnded).toBe(true);
});

it("does nothing more after its end, neither what it waited for nor what it would wait for", async () => {
  const { process: program, kill, clock } = process();
  const done: string[] = [];
  program.wait(1_000, () => void done.push("before"));
  kill("nobody");
  program.wait(1_000, () => void done.push("after"));
  await clock.advance(10_000);
  expect(done).toEqual([]);
});

it("draws how long it waits", async () => {
  const { process: program, clock } = process();
  const at: number[] = [];
  for (let count = 0; count < 20; count += 1)
    program.wait({ low: 1_000, high: 2_000 }, () => void at.push(clock.now()));
  await clock.advance(2_000);
  expect(at).toHaveLength(20);
  expect(Math.min(...at)).toBeGreaterThanOrEqual(1_000);
  expect(new Set(at).size).toBeGreaterThan(10);
});
