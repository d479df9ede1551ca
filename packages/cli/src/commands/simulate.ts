/** `warden simulate`: tries a scenario many times in virtual time, and says whether a rule was ever broken. */
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import { unusable } from "../file.ts";
import { progressOn } from "../render/progress.ts";

export interface SimulateFlags {
  readonly seed: number;
  readonly runs: number;
  /** Threads; as many as there are cores unless given. */
  readonly workers: number | undefined;
  readonly json: boolean;
  readonly html: string | undefined;
  readonly wire: boolean;
  readonly list: boolean;
  /** A file that `warden ledger` wrote. */
  readonly fromLedger: string | undefined;
  readonly policy: string | undefined;
}

export async function simulate(context: WardenContext, flags: SimulateFlags, source = "default"): Promise<Status> {
  if (flags.fromLedger !== undefined) {
    const { simulateLedger } = await import("./simulate-ledger.ts");
    return simulateLedger(context, { file: flags.fromLedger, policy: flags.policy, json: flags.json });
  }
  if (flags.policy !== undefined) {
    throw new Problem(status.usage, "--policy says nothing without a ledger", "name one with --from-ledger FILE");
  }
  const scenarios = await import("@warden/worlds/scenarios");
  if (flags.list) return list(context, flags, scenarios);
  const found = await scenarios.findScenario(source);
  if (found.kind === "missing") {
    const mend = `name a file, or one of ${scenarios.builtinNames().join(", ")}`;
    throw new Problem(status.usage, `There is neither a built-in scenario nor a file ${source}`, mend);
  }
  if (found.kind === "unreadable") {
    throw unusable("The scenario", source, found.problems.map(scenarios.problemInWords));
  }
  const { simulate: run } = await import("@warden/worlds/simulate");
  const progress = progressOn(context);
  const { report, sample, bills } = await run({
    scenario: found.scenario,
    source,
    seed: flags.seed,
    runs: flags.runs,
    workers: flags.workers ?? availableParallelism(),
    transport: flags.wire ? "wire" : "typed",
    now: context.now(),
    shrink: true,
    progress(done, violations) {
      if (!flags.json) progress(done, flags.runs, violations === 0 ? "" : `, ${violations} violations`);
    },
  });
  if (flags.html !== undefined) await writeFile(flags.html, scenarios.htmlReport(report, sample, { bills }));
  if (flags.json) context.out.write(`${JSON.stringify({ ...report, bills })}\n`);
  else {
    const width = context.out.columns ?? 100;
    const colour = context.out.isTTY === true;
    context.out.write(`${scenarios.renderReport(report, { width, colour, sample, bills })}\n`);
    if (flags.html !== undefined) context.out.write(`The whole of it to look at: ${flags.html}\n`);
  }
  return report.ok ? status.done : status.unwell;
}

function list(
  context: WardenContext,
  flags: SimulateFlags,
  scenarios: typeof import("@warden/worlds/scenarios"),
): Status {
  const all = scenarios.builtinNames().map((name) => ({ name, about: scenarios.aboutBuiltin(name) }));
  if (flags.json) context.out.write(`${JSON.stringify(all)}\n`);
  else for (const { name, about } of all) context.out.write(`${name.padEnd(28)}${about}\n`);
  return status.done;
}
