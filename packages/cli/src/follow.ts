/** `--wait`: tells each decision as the ledger gets it, until the node is gone (and replaced), refused, or time is up. */
import type { LedgerEntry } from "@warden/control";
import type { Guard, Order } from "@warden/fleet";
import { type FoundNode, findNode } from "./choose.ts";
import type { Reach, Surroundings } from "./context.ts";
import { Problem, type Status, status } from "./errors.ts";
import { serves } from "./forecast.ts";
import { type Refusal, refusalIn } from "./refusal.ts";
import { sameness, storyJson, storyLine } from "./render/story.ts";
import { instant, length } from "./render/time.ts";

export interface Followed {
  readonly verb: "drain" | "replace";
  readonly found: FoundNode;
  readonly order: Order;
  /** Ids of ledger entries from before the order. */
  readonly told: Set<string>;
  /** Milliseconds. */
  readonly timeout: number;
  readonly json: boolean;
}

const pause = 1000;

/** A slot of the budget comes back by itself; what the other guards say seldom changes within a few looks. */
const looksOfPatience = 3;

export async function follow(what: Followed, reach: Reach, surroundings: Surroundings): Promise<Status> {
  const { verb, found, order } = what;
  const { instance } = found.name;
  const startedAt = surroundings.now();
  let refusedSince: number | undefined;
  let gone = false;
  for (;;) {
    await tellNews(what, reach, surroundings);
    const seen = await findNode(instance, found.site, reach);
    const refusal = seen?.stored === undefined ? undefined : refusalIn(seen.stored.why);
    const now = surroundings.now();
    refusedSince = refusal === undefined ? undefined : (refusedSince ?? now);

    gone ||= seen === undefined || seen.stored?.record.phase.name === "gone";
    if (gone && (verb === "drain" || (await isComplete(found, reach)))) return finished(what, surroundings);
    if (!gone && seen !== undefined) needOrder(seen, order);
    const patience = looksOfPatience * found.site.policy.holdRecheck;
    if (refusal !== undefined && refusal.guard !== "budget" && now - (refusedSince ?? now) >= patience) {
      throw refused(what, refusal, now - (refusedSince ?? now));
    }
    if (now - startedAt >= what.timeout)
      throw refusal === undefined ? unfinished(what, gone, seen) : refused(what, refusal, what.timeout);
    await surroundings.sleep(pause);
  }
}

async function tellNews({ found, told, json }: Followed, { deps }: Reach, { out }: Surroundings): Promise<void> {
  const entries = (await deps.ports.store.ledger(found.key, 50)).toReversed();
  const before = new Set(entries.filter((entry) => told.has(entry.id)).map(sameness));
  for (const entry of entries.filter(({ id }) => !told.has(id))) {
    told.add(entry.id);
    // A call that is denied is tried again and again: once is enough to read.
    if (entry.kind === "denied" && before.has(sameness(entry))) throw denied(entry, found);
    before.add(sameness(entry));
    out.write(json ? `${JSON.stringify(storyJson(entry))}\n` : `${storyLine(entry)}\n`);
  }
}

function denied({ actions }: LedgerEntry, found: FoundNode): Problem {
  return new Problem(
    status.unreachable,
    `AWS denies Warden ${actions.join(", ")}, which it needs for ${found.name.instance}`,
    "`warden doctor` names what is missing; it goes on by itself once that is granted",
  );
}

/** The group has again as many in service as it is meant to have. */
async function isComplete(found: FoundNode, { deps }: Reach): Promise<boolean> {
  const group = (await deps.ports.autoScaling.describeGroups([found.name.group])).get(found.name.group);
  if (group === undefined) return true;
  return group.instances.filter((each) => each.lifecycleState === "InService").length >= group.desired;
}

function finished({ verb, found, json }: Followed, { out }: Surroundings): Status {
  const { instance } = found.name;
  const text = verb === "drain" ? "is gone" : "is gone, and its group has all its nodes in service again";
  out.write(json ? `${JSON.stringify({ done: true, verb, instance })}\n` : `${instance} ${text}.\n`);
  return status.done;
}

/** Someone may take the order back, or give another one, while we wait. */
function needOrder({ order: current, stored, name }: FoundNode, ours: Order): void {
  const { instance } = name;
  const begun = stored === undefined || stored.record.orderDone === ours.id || !serves(stored.record);
  if (begun || current?.id === ours.id) return;
  const instead =
    current === undefined ? "it was withdrawn" : `${current.by} ordered ${current.verb} instead (${current.reason})`;
  throw new Problem(
    status.refused,
    `The order to ${ours.verb} ${instance} is no longer in force: ${instead}`,
    "agree with whoever did that, then order it again",
  );
}

function refused({ verb, found, order }: Followed, { guard, why }: Refusal, lasted: number): Problem {
  const { instance } = found.name;
  return new Problem(
    status.refused,
    `The guard ${guard} has refused to ${verb} ${instance} for ${length(lasted)}: ${why}`,
    `${mends[guard]} (the order stands until ${instant(order.expiresAt)})`,
  );
}

export const mends: Readonly<Record<Guard, string>> = {
  stop: "`warden resume` ends the stop",
  freeze: "`warden freeze end` ends the freeze",
  hold: "`warden release` ends the hold",
  "shared-cause": "mend what the nodes share, as `warden nodes` shows it",
  floor: "raise the group's desired capacity, or lower its minimum",
  budget: "wait until the other nodes that are away have ended or come back",
};

function unfinished({ verb, found, timeout }: Followed, gone: boolean, seen: FoundNode | undefined): Problem {
  const { instance } = found.name;
  const state = gone
    ? `${instance} is gone, but its group is not complete again`
    : `${instance} is not gone (${seen?.stored?.why ?? "no decision yet"})`;
  return new Problem(
    status.unfinished,
    `After ${length(timeout)} of waiting to ${verb} it, ${state}`,
    `it goes on by itself, and \`warden explain ${instance}\` shows how far it is`,
  );
}
