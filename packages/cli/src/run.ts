/** One run of the command: parse, run, and report at most one failure. */
import { run } from "@stricli/core";
import { application } from "./app.ts";
import type { Surroundings, WardenContext } from "./context.ts";
import { problemText, type Status, status } from "./errors.ts";

/** @returns the status to exit with */
export async function warden(inputs: readonly string[], surroundings: Surroundings): Promise<Status> {
  const { out, err, env } = surroundings;
  // Stricli prints each failure by itself and has exit codes of its own: its callbacks only collect, this reports.
  const failures: unknown[] = [];
  let finished: Status = status.done;
  const context: WardenContext = {
    ...surroundings,
    process: { stdout: { write: (text) => out.write(text) }, stderr: { write: () => {} } },
    finish(with_) {
      finished = with_;
    },
  };
  await run(
    application((failure) => failures.push(failure)),
    inputs,
    context,
  );

  const [failure] = failures;
  if (failure === undefined) return finished;
  const { problemOf } = await import("./faults.ts");
  const problem = problemOf(failure, env);
  if (env["WARDEN_DEBUG"] && failure instanceof Error) err.write(`${failure.stack}\n`);
  err.write(`${problemText(problem, inputs.includes("--json"))}\n`);
  return problem.status;
}
