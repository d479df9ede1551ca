/**
 * The last line that each document prints: one JSON object, written by the node and read by the loop. SSM's own
 * "Success" only says that the agent saw exit code 0 (Systems Manager guide, "Understanding command statuses"), so the
 * loop believes this line and nothing else.
 */
import * as z from "zod/mini";

/** Parts that every node of a site shares. A fault there is never a node's own fault. */
export const sharedParts = ["database", "sessions", "cache", "files"] as const;
export type SharedPart = (typeof sharedParts)[number];

const version = z.literal(1);

/** What the node has now. */
const done = z.object({ v: version, ok: z.literal(true), release: z.string(), digest: z.string() });
const bootstrapFailed = z.object({
  v: version,
  ok: z.literal(false),
  /** The step that failed: `mount`, `release`, `bundle`, `secrets`, `services`, `warm`. */
  step: z.string(),
  /** The shared part that failed, when it was not the node itself. */
  part: z.optional(z.enum(sharedParts)),
  message: z.string(),
});
export const bootstrapOutput = z.discriminatedUnion("ok", [done, bootstrapFailed]);
export type BootstrapOutput = z.infer<typeof bootstrapOutput>;

export const verifyVerdicts = ["ok", "node-bad", "dependency-bad", "site-not-installed", "upgrade-pending"] as const;
export const verifyOutput = z.object({
  v: version,
  verdict: z.enum(verifyVerdicts),
  release: z.string(),
  digest: z.string(),
  /** Every probe that ran; `message` tells a person what was wrong. */
  probes: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.optional(z.string()) })),
});
export type VerifyOutput = z.infer<typeof verifyOutput>;

/** The node took itself out of rotation: readiness answers 503, cron got its one SIGTERM. Said at once, not when idle. */
export const drainOutput = z.object({ v: version, draining: z.literal(true) });
export type DrainOutput = z.infer<typeof drainOutput>;

export const drainStatusOutput = z.object({
  v: version,
  /** nginx connections that are reading a request or writing an answer. */
  reading: z.int().check(z.nonnegative()),
  writing: z.int().check(z.nonnegative()),
  /** PHP-FPM workers at work, the asking one not counted. */
  active: z.int().check(z.nonnegative()),
  /** Scheduled and ad hoc tasks that run on this node, by class name. */
  tasks: z.array(z.string()),
});
export type DrainStatusOutput = z.infer<typeof drainStatusOutput>;

export const evidenceOutput = z.object({ v: version, summary: z.string() });
export type EvidenceOutput = z.infer<typeof evidenceOutput>;

const pushConfigFailed = z.object({
  v: version,
  ok: z.literal(false),
  /** The step that failed: `bundle`, `lint`, `release`, `secrets`, `swap`, `verify`. */
  step: z.string(),
  /** The shared part that failed, when it was not the configuration. */
  part: z.optional(z.enum(sharedParts)),
  message: z.string(),
  /** What the node has now: what it had before, when it could return to it. */
  release: z.string(),
  digest: z.string(),
});
export const pushConfigOutput = z.discriminatedUnion("ok", [done, pushConfigFailed]);
export type PushConfigOutput = z.infer<typeof pushConfigOutput>;

/** Definitions by Moodle's names, as in `core/config`. */
const definitions = z.array(z.string());
export const purgeCacheOutput = z.discriminatedUnion("ok", [
  z.object({
    v: z.literal(2),
    ok: z.literal(true),
    /** `already`: for this cause it was done before; `held`: another node is at it, and so far not done. */
    outcome: z.enum(["purged", "already", "held"]),
    /** Compared with the database, and kept because they hold what it holds. */
    equal: definitions,
    /** Kept because their keys change with their values. */
    versioned: definitions,
    /** `core/config` when it holds something else than the database, and all others: of those nobody can tell. */
    purged: definitions,
  }),
  z.object({ v: z.literal(2), ok: z.literal(false), message: z.string() }),
]);
export type PurgeCacheOutput = z.infer<typeof purgeCacheOutput>;

export const restartPhpOutput = z.discriminatedUnion("ok", [
  z.object({ v: version, ok: z.literal(true) }),
  z.object({ v: version, ok: z.literal(false), message: z.string() }),
]);
export type RestartPhpOutput = z.infer<typeof restartPhpOutput>;

/**
 * What the database is for this node's code: `half-installed`: an installation ended in the middle, and Moodle cannot go on
 * with it; `held`: others were at it all the time; `unknown`: it does not answer.
 */
export const schemaStates = ["installed", "empty", "half-installed", "upgrade-pending", "unknown", "held"] as const;

/** Of an installation or an upgrade. */
export const schemaOutput = z.object({
  v: version,
  state: z.enum(schemaStates),
  /** The database is no longer what it was when this run began. */
  moved: z.boolean(),
  message: z.string(),
});
export type SchemaOutput = z.infer<typeof schemaOutput>;

/** A release and its configuration were put beside those in use and looked at; nothing was switched. */
export const preflightOutput = z.discriminatedUnion("ok", [
  z.object({
    v: version,
    ok: z.literal(true),
    /** What Moodle asks for: nothing, or an upgrade while the site is open or closed (`upgrade.php --is-maintenance-required`). */
    upgrade: z.enum(["none", "open", "closed"]),
    /** What stands in the way, for a person: PHP, the database, a plugin, space. */
    problems: z.array(z.string()),
  }),
  z.object({ v: version, ok: z.literal(false), part: z.optional(z.enum(sharedParts)), message: z.string() }),
]);
export type PreflightOutput = z.infer<typeof preflightOutput>;

/** Moodle brought a copy of the database up to the release; nothing that is in use was touched. */
export const rehearseOutput = z.discriminatedUnion("ok", [
  /** Seconds that Moodle took. */
  z.object({ v: version, ok: z.literal(true), took: z.number().check(z.nonnegative()) }),
  z.object({ v: version, ok: z.literal(false), message: z.string() }),
]);
export type RehearseOutput = z.infer<typeof rehearseOutput>;

export const maintenanceOutput = z.discriminatedUnion("ok", [
  z.object({
    v: version,
    ok: z.literal(true),
    maintenance: z.boolean(),
    /** Scheduled and ad hoc tasks that still run on this node, by class name. */
    tasks: z.array(z.string()),
    /** Seconds since the oldest request began that PHP is still at work on; 0 when there is none. */
    oldest: z.number().check(z.nonnegative()),
  }),
  z.object({ v: version, ok: z.literal(false), message: z.string() }),
]);
export type MaintenanceOutput = z.infer<typeof maintenanceOutput>;
