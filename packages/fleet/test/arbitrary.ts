/** Looks at a node as wild as the types allow, for properties. */
import fc from "fast-check";
import type {
  Answer,
  CommandView,
  Errand,
  GroupView,
  Hint,
  NodeRecord,
  Observation,
  UpgradeView,
} from "../src/index.ts";
import { assigned, group, node, noon, others } from "./builder.ts";

const states = [
  ...["Pending", "Pending:Wait", "Pending:Proceed", "InService", "Terminating", "Terminating:Wait", "Terminated"],
  ...["Terminating:Proceed", "Terminating:Retained", "Standby", "Detached", "ReplacingRootVolume", "Quarantined"],
  ...["Warmed:Pending:Wait", "Warmed:Stopped", "Warmed:Terminating:Wait", "absent", "Never heard of"],
];
/** The usual ones come often, so that sequences get somewhere. */
export const state = fc.oneof(
  { weight: 3, arbitrary: fc.constant("Pending:Wait") },
  { weight: 4, arbitrary: fc.constant("InService") },
  { weight: 2, arbitrary: fc.constant("Terminating:Wait") },
  { weight: 3, arbitrary: fc.constantFrom(...states) },
);

const releases = fc.constantFrom(assigned, { release: "5.2", digest: "d2" });

const answer: fc.Arbitrary<Answer> = fc.oneof(
  releases.map((said): Answer => ({ step: "bootstrap", ok: true, ...said })),
  fc.constantFrom("files", undefined).map(
    (sharedPart): Answer => ({
      ...{ step: "bootstrap", ok: false, message: "m", sharedPart },
    }),
  ),
  fc
    .tuple(fc.constantFrom("ok", "ok", "node-bad", "dependency-bad", "site-not-installed", "upgrade-pending"), releases)
    .chain(([verdict, said]) =>
      fc
        .record({
          drifted: fc.boolean(),
          blames: fc.constant(verdict === "dependency-bad" ? (["files"] as const) : []),
        })
        .map((more): Answer => ({ step: "verify", verdict, ...said, message: "m", ...more })),
    ),
  releases.map((said): Answer => ({ step: "push-config", ok: true, ...said })),
  fc
    .tuple(fc.constantFrom("cache", undefined), releases)
    .map(([sharedPart, said]): Answer => ({ step: "push-config", ok: false, message: "m", sharedPart, ...said })),
  fc.constant<Answer>({ step: "drain" }),
  fc.boolean().map((idle): Answer => ({ step: "drain-status", idle, busyWith: "b", tasks: idle ? [] : ["t"] })),
  fc.boolean().map((held): Answer => ({ step: "purge-cache", ok: true, purged: held ? [] : ["core/config"], held })),
  fc.constant<Answer>({ step: "purge-cache", ok: false, message: "m" }),
  fc.constant<Answer>({ step: "evidence", summary: "s" }),
  fc
    .tuple(fc.constantFrom("none", "open", "closed"), fc.boolean())
    .map(([wants, bad]): Answer => ({ step: "preflight", ok: true, wants, problems: bad ? ["m"] : [] })),
  fc.constant<Answer>({ step: "preflight", ok: false, message: "m", sharedPart: "database" }),
  fc
    .tuple(fc.boolean(), fc.constantFrom(0, 1e9))
    .map(([closed, oldest]): Answer => ({ step: "maintenance", ok: true, closed, tasks: [], oldest })),
  fc
    .tuple(
      fc.constantFrom("install", "upgrade"),
      fc.constantFrom("installed", "upgrade-pending", "held", "unknown"),
      fc.boolean(),
    )
    .map(([step, schema, moved]): Answer => ({ step, state: schema, moved, message: "m" })),
);

/** Mostly an answer to the command in question. */
export function viewFor(record: NodeRecord | undefined): fc.Arbitrary<CommandView | undefined> {
  const step = record !== undefined && "command" in record.phase ? record.phase.command?.step : undefined;
  if (step === undefined) return fc.constant(undefined);
  const fitting = answer.filter((each) => each.step === step);
  return fc.oneof(
    { weight: 5, arbitrary: fitting.map((said): CommandView => ({ status: "answered", answer: said })) },
    { weight: 1, arbitrary: answer.map((said): CommandView => ({ status: "answered", answer: said })) },
    { weight: 1, arbitrary: fc.constant<CommandView>({ status: "under-way" }) },
    { weight: 1, arbitrary: fc.constant<CommandView>({ status: "not-found" }) },
    { weight: 1, arbitrary: fc.constant<CommandView>({ status: "silent", detail: "Failed" }) },
  );
}

const hint: fc.Arbitrary<Hint> = fc.oneof(
  fc
    .record({
      transition: fc.constantFrom("launching" as const, "terminating" as const),
      token: fc.constantFrom("t1", "t2", "t3", undefined),
      at: fc.integer({ min: -600_000, max: 7_200_000 }).map((delta) => noon + delta),
    })
    .map(({ transition, token, at }): Hint => {
      const hook = transition === "launching" ? "warden-launch" : "warden-terminate";
      return { kind: "lifecycle-action", transition, hook, token, at };
    }),
  fc.tuple(fc.constantFrom("spot" as const, "rebalance" as const, "maintenance" as const), fc.boolean()).map(
    ([kind, withdrawn]): Hint => ({
      ...{ kind, goneAt: kind === "rebalance" ? undefined : noon + 120_000, withdrawn: withdrawn && kind !== "spot" },
    }),
  ),
);

const groups: fc.Arbitrary<GroupView> = fc
  .record({
    desired: fc.integer({ min: 1, max: 12 }),
    inService: fc.integer({ min: 0, max: 12 }),
    slots: fc.subarray([node, ...others]),
    slotsInService: fc.integer({ min: 0, max: 5 }),
    failedLaunches: fc.constantFrom(0, 1, 4, 9),
    kept: fc.constantFrom(undefined, node, others[0]),
    unhealthy: fc.constantFrom(0, 0, 1, 3),
    installed: fc.boolean(),
    changed: fc.constantFrom(undefined, undefined, { id: "c1", at: noon - 1000, why: "a failover" }),
    stale: fc.constantFrom(undefined, undefined, { id: "c1", at: noon - 1000, why: "a failover" }),
    hooks: fc.constantFrom(group().hooks, group().hooks, []),
  })
  .map((more) => group({ ...more, slotsInService: Math.min(more.slotsInService, more.slots.length, more.inService) }));

const upgrades: fc.Arbitrary<UpgradeView> = fc.record({
  closed: fc.boolean(),
  pending: fc.boolean(),
  insists: fc.boolean(),
  errand: fc.oneof(
    fc.constant(undefined),
    fc.constantFrom<Errand>(
      { step: "preflight", id: "u-preflight-0", target: { release: "5.3", digest: "d3" } },
      { step: "maintenance", id: "u-closing-0", closed: true, since: noon },
      { step: "maintenance", id: "u-opening-1", closed: false, since: noon },
      { step: "upgrade", id: "u-upgrading-1", target: { release: "5.3", digest: "d3" }, closed: true },
    ),
  ),
});

export const observation: fc.Arbitrary<Observation> = fc.record({
  lifecycleState: state,
  group: fc.oneof(fc.constant(group()), groups),
  agent: fc.constantFrom("online", "online", "offline"),
  command: fc.constant(undefined),
  target: fc.constantFrom("unknown", "healthy", "unhealthy", "draining"),
  othersHealthy: fc.constantFrom(undefined, 0, 1, 4),
  hints: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(hint, { maxLength: 2 }) },
  ),
  order: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("drain" as const, "replace" as const, "hold" as const), fc.constantFrom("o1", "o2"))
        .map(([verb, id]) => ({ id, verb, by: "ann", reason: "r", expiresAt: noon + 1e9 })),
    },
  ),
  stopped: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant({ by: "ann", reason: "r" }) },
  ),
  freeze: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant({ by: "ann", reason: "r", until: noon + 3_600_000 }) },
  ),
  assigned: releases,
  upgrade: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: upgrades }),
});

/** How much later than the one before a look comes. */
export const pause = fc.constantFrom(0, 1000, 5000, 10_000, 30_000, 61_000, 301_000, 901_000);
