/** An observation as the ledger keeps it, checked as it is read: another version of Warden may have written it. */
import { orderSchema } from "@warden/control";
import { instanceId, type Sighting, sharedThings } from "@warden/fleet";
import * as z from "zod/mini";

/** Undefined where it is not whole. */
export const readObservation = (value: unknown): Sighting | undefined => observation.safeParse(value).data;

const instance = z.pipe(z.string(), z.transform(instanceId));

/** A member that the ledger leaves out where it has no value. */
const optional = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.pipe(
    z.optional(schema),
    z.transform((value) => value),
  );

const answer = z.union([
  z.object({ step: z.literal("bootstrap"), ok: z.literal(true), release: z.string(), digest: z.string() }),
  z.object({
    step: z.literal("bootstrap"),
    ok: z.literal(false),
    message: z.string(),
    sharedPart: optional(z.enum(sharedThings)),
  }),
  z.object({
    step: z.literal("verify"),
    verdict: z.enum(["ok", "node-bad", "dependency-bad", "site-not-installed", "upgrade-pending"]),
    release: z.string(),
    digest: z.string(),
    message: z.string(),
    /** Rows written before there was healing have none. */
    drifted: z._default(z.boolean(), false),
    /** Nor have those from before it was told apart what nodes blame. */
    blames: z._default(z.array(z.enum(sharedThings)), []),
  }),
  z.object({ step: z.literal("push-config"), ok: z.literal(true), release: z.string(), digest: z.string() }),
  z.object({
    step: z.literal("push-config"),
    ok: z.literal(false),
    message: z.string(),
    sharedPart: optional(z.enum(sharedThings)),
    release: z.string(),
    digest: z.string(),
  }),
  z.object({
    step: z.literal("purge-cache"),
    ok: z.literal(true),
    purged: z.array(z.string()),
    held: z.boolean(),
  }),
  z.object({ step: z.enum(["purge-cache", "maintenance"]), ok: z.literal(false), message: z.string() }),
  z.object({
    step: z.literal("preflight"),
    ok: z.literal(true),
    wants: z.enum(["none", "open", "closed"]),
    problems: z.array(z.string()),
  }),
  z.object({
    step: z.literal("preflight"),
    ok: z.literal(false),
    message: z.string(),
    sharedPart: optional(z.enum(sharedThings)),
  }),
  z.object({
    step: z.literal("maintenance"),
    ok: z.literal(true),
    closed: z.boolean(),
    tasks: z.array(z.string()),
    oldest: z.number(),
  }),
  z.object({
    step: z.enum(["install", "upgrade"]),
    state: z.enum(["installed", "empty", "half-installed", "upgrade-pending", "unknown", "held"]),
    moved: z.boolean(),
    message: z.string(),
  }),
  z.object({ step: z.literal("rehearse"), ok: z.literal(true), took: z.number() }),
  z.object({ step: z.literal("rehearse"), ok: z.literal(false), message: z.string() }),
  z.object({ step: z.literal("drain") }),
  z.object({
    step: z.literal("drain-status"),
    idle: z.boolean(),
    busyWith: z.string(),
    tasks: z.array(z.string()),
  }),
  z.object({ step: z.literal("evidence"), summary: z.string() }),
]);

const command = z.discriminatedUnion("status", [
  z.object({ status: z.literal("not-found") }),
  z.object({ status: z.literal("under-way") }),
  z.object({ status: z.literal("answered"), answer }),
  z.object({ status: z.literal("silent"), detail: z.string() }),
]);

const transition = z.enum(["launching", "terminating"]);

const hint = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("lifecycle-action"),
    transition,
    hook: z.string(),
    token: optional(z.string()),
    at: z.number(),
  }),
  z.object({
    kind: z.enum(["spot", "rebalance", "maintenance"]),
    goneAt: optional(z.number()),
    withdrawn: z.boolean(),
  }),
]);

const sharedChange = z.object({ id: z.string(), at: z.number(), why: z.string() });

const assigned = z.object({ release: z.string(), digest: z.string() });

const errand = z.discriminatedUnion("step", [
  z.object({ step: z.literal("preflight"), id: z.string(), target: assigned }),
  z.object({ step: z.literal("maintenance"), id: z.string(), closed: z.boolean(), since: z.number() }),
  z.object({ step: z.literal("upgrade"), id: z.string(), target: assigned, closed: z.boolean() }),
  z.object({ step: z.literal("rehearse"), id: z.string(), target: assigned, copy: z.string() }),
]);

const observation = z.object({
  lifecycleState: z.string(),
  agent: z.enum(["online", "offline"]),
  target: z.enum(["unknown", "none", "initial", "healthy", "unhealthy", "draining", "unused"]),
  othersHealthy: optional(z.number()),
  command: optional(command),
  hints: z.array(hint),
  order: optional(orderSchema),
  stopped: optional(z.object({ by: z.string(), reason: z.string() })),
  freeze: optional(z.object({ by: z.string(), reason: z.string(), until: z.number() })),
  assigned: optional(assigned),
  upgrade: optional(
    z.object({ closed: z.boolean(), pending: z.boolean(), insists: z.boolean(), errand: optional(errand) }),
  ),
  group: z.object({
    desired: z.number(),
    min: z.number(),
    minApartFromFreeze: optional(z.number()),
    max: z.number(),
    inService: z.number(),
    slots: z.array(instance),
    slotsInService: z.number(),
    hooks: z.array(z.object({ name: z.string(), transition, timeout: z.number() })),
    deregistrationDelay: z.number(),
    failedLaunches: z.number(),
    kept: optional(instance),
    unhealthy: z.number(),
    /** Rows written before there was installing have none. */
    installed: z._default(z.boolean(), false),
    changed: optional(sharedChange),
    stale: optional(sharedChange),
  }),
});
