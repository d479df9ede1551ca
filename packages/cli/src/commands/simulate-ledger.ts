/** `warden simulate --from-ledger FILE`: what another policy would have decided, difference by difference. */
import { availableParallelism } from "node:os";
import { type Site, siteSchema } from "@warden/control";
import { defaultPolicy, type Policy } from "@warden/fleet";
import type { LedgerFile } from "@warden/worlds/ledger";
import type { WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import { textOf, unusable } from "../file.ts";
import { hindsightJson, hindsightLines, simulatedLines } from "../render/hindsight.ts";
import { progressOn } from "../render/progress.ts";

export interface LedgerSimulation {
  readonly file: string;
  /** The file of the other policy; Warden's own defaults unless given. */
  readonly policy: string | undefined;
  readonly json: boolean;
}

export async function simulateLedger(context: WardenContext, asked: LedgerSimulation): Promise<Status> {
  const { hindsight, simulateFrom } = await import("@warden/worlds/ledger");
  const ledger = await ledgerIn(asked.file);
  const own = ledger.site.policy;
  const other = await policyOf(asked.policy, ledger.site);
  const found = hindsight(ledger, other);
  const [first] = found.differences;
  if (!asked.json) context.out.write(`${hindsightLines(ledger, found, { own, other }).join("\n")}\n`);
  const workers = availableParallelism();
  const simulated =
    first &&
    (await simulateFrom(
      first,
      { own, other },
      { now: context.now(), workers, progress: progressOn(context, " of the first difference") },
    ));
  if (asked.json) context.out.write(`${JSON.stringify(hindsightJson(ledger, found, { own, other }, simulated))}\n`);
  else if (first !== undefined && simulated !== undefined) {
    context.out.write(`\n${simulatedLines(first, simulated, context.out.columns).join("\n")}\n`);
  }
  return status.done;
}

async function ledgerIn(file: string): Promise<LedgerFile> {
  const { readLedger } = await import("@warden/worlds/ledger");
  const read = readLedger(await textOf(file, "write one with `warden ledger > FILE`"));
  if (read.ok) return read.ledger;
  throw new Problem(
    status.usage,
    `Line ${read.line} of ${file} is ${read.found}; allowed: ${read.allowed}`,
    "write the file anew with `warden ledger > FILE`",
  );
}

async function policyOf(file: string | undefined, site: Site): Promise<Policy> {
  const { problemInWords, readPolicy } = await import("@warden/worlds/scenarios");
  const { launchHook, terminateHook } = site.policy;
  if (file === undefined) return { ...defaultPolicy, launchHook, terminateHook };
  const read = readPolicy(await textOf(file, "name a file of YAML, as in drainBudget: 5m"));
  if (!read.ok) throw unusable("The policy", file, read.problems.map(problemInWords));
  const changed = siteSchema.safeParse({ ...site, policy: { ...site.policy, ...read.value } });
  if (changed.success) return changed.data.policy;
  throw unusable(
    "The policy",
    file,
    changed.error.issues.map(({ path, message }) => `${String(path.at(-1))}: ${message}`),
  );
}
