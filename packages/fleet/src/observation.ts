/** What one look at the world shows of a node: facts that were just read, and hints that came with events. */
import type { FreezeView } from "./freeze.ts";
import type { InstanceId } from "./ids.ts";
import type { Plan } from "./node-record.ts";
import type { SharedChange } from "./shared-change.ts";

export interface Sighting {
  /** Auto Scaling's lifecycle state; `absent` when the group no longer has the instance. */
  readonly lifecycleState: string | "absent";
  readonly group: GroupView;
  readonly agent: "online" | "offline";
  /** The answer to the command in the record; undefined when the record has none. */
  readonly command: CommandView | undefined;
  /** State at the load balancer; `unknown` when it was not asked. */
  readonly target: "unknown" | "none" | "initial" | "healthy" | "unhealthy" | "draining" | "unused";
  /** How many other nodes of its group are in service and healthy there; undefined when nobody asked. */
  readonly othersHealthy: number | undefined;
  readonly hints: readonly Hint[];
  readonly order: Order | undefined;
  readonly stopped: { readonly by: string; readonly reason: string } | undefined;
  /** In force. */
  readonly freeze: FreezeView | undefined;
  /** What the node must be; undefined until its group is given its first release. */
  readonly assigned: Assigned | undefined;
  /** What goes on at the site that this node has to know; undefined while it is not being upgraded. */
  readonly upgrade: UpgradeView | undefined;
}

/** Of a node for which it is known what it must be. */
export type Observation = Sighting & { readonly assigned: Assigned };

/** A site's upgrade, as one of its nodes sees it. */
export interface UpgradeView {
  /** The site is expected to be in maintenance. */
  readonly closed: boolean;
  /** This node is expected to find that the database waits for an upgrade to its release. */
  readonly pending: boolean;
  /** Old code must not stay: who cannot take the new release is replaced. */
  readonly insists: boolean;
  readonly errand: Errand | undefined;
}

/** What an upgrade asks of one node in service. It is done once for each id. */
export type Errand =
  | { readonly step: "preflight"; readonly id: string; readonly target: Assigned }
  /** To close the site lasts until nothing is at work on this node that began before. */
  | { readonly step: "maintenance"; readonly id: string; readonly closed: boolean; readonly since: number }
  | { readonly step: "upgrade"; readonly id: string; readonly target: Assigned; readonly closed: boolean }
  /** Of a copy of the database, which it names. */
  | { readonly step: "rehearse"; readonly id: string; readonly target: Assigned; readonly copy: string };

export interface Assigned {
  readonly release: string;
  /** Of the configuration bundle. */
  readonly digest: string;
}

export const isSame = (a: Assigned | undefined, b: Assigned | undefined): boolean =>
  a !== undefined && b !== undefined && a.release === b.release && a.digest === b.digest;

export interface GroupView {
  readonly desired: number;
  readonly min: number;
  /** What the minimum is given back to when a freeze ends; undefined when none has raised it. */
  readonly minApartFromFreeze: number | undefined;
  readonly max: number;
  readonly inService: number;
  /** Disruption slots in use, by instance; a slot outlives its node's time in service until the node is gone. */
  readonly slots: readonly InstanceId[];
  /** How many of the slots belong to nodes that are still in service. */
  readonly slotsInService: number;
  readonly hooks: readonly HookView[];
  /** The longest deregistration delay of its target groups, in milliseconds. */
  readonly deregistrationDelay: number;
  readonly failedLaunches: number;
  /** The failed node that is kept for the post-mortem. */
  readonly kept: InstanceId | undefined;
  /** Nodes whose last verification blamed the node itself. */
  readonly unhealthy: number;
  /** One of its nodes was verified once: so the site was installed then. */
  readonly installed: boolean;
  /** The last thing that changed under all nodes. */
  readonly changed: SharedChange | undefined;
  /** The last time that values from before may have come back into the application cache. */
  readonly stale: SharedChange | undefined;
}

export interface HookView {
  readonly name: string;
  readonly transition: "launching" | "terminating";
  /** Milliseconds. */
  readonly timeout: number;
}

export type CommandView =
  /** Nobody has seen a command with this batch (yet). */
  | { readonly status: "not-found" }
  | { readonly status: "under-way" }
  | { readonly status: "answered"; readonly answer: Answer }
  /** It ended without an answer one can believe: timed out, undeliverable, cancelled, no line of JSON. */
  | { readonly status: "silent"; readonly detail: string };

/** What all nodes of a site share, by the names that they give it. */
export const sharedThings = ["database", "sessions", "cache", "files", "maintenance"] as const;
export type Shared = (typeof sharedThings)[number];

export type Answer =
  | { readonly step: "bootstrap"; readonly ok: true; readonly release: string; readonly digest: string }
  | {
      readonly step: "bootstrap";
      readonly ok: false;
      readonly message: string;
      readonly sharedPart: Shared | undefined;
    }
  | {
      readonly step: "verify";
      readonly verdict: Verdict;
      readonly release: string;
      readonly digest: string;
      readonly message: string;
      /** Nothing is wrong but that its files or secrets are not those of its configuration. */
      readonly drifted: boolean;
      /** With `dependency-bad`: what is wrong of what all nodes share. */
      readonly blames: readonly Shared[];
    }
  | { readonly step: "push-config"; readonly ok: true; readonly release: string; readonly digest: string }
  | {
      readonly step: "push-config";
      readonly ok: false;
      readonly message: string;
      readonly sharedPart: Shared | undefined;
      /** What the node has now. */
      readonly release: string;
      readonly digest: string;
    }
  | {
      readonly step: "purge-cache";
      readonly ok: true;
      /** By Moodle's names, as `core/config`. */
      readonly purged: readonly string[];
      /** Another node has the lock: nothing was purged here. */
      readonly held: boolean;
    }
  | { readonly step: "purge-cache"; readonly ok: false; readonly message: string }
  | {
      readonly step: "preflight";
      readonly ok: true;
      readonly wants: "none" | "open" | "closed";
      readonly problems: readonly string[];
    }
  | {
      readonly step: "preflight";
      readonly ok: false;
      readonly message: string;
      readonly sharedPart: Shared | undefined;
    }
  | {
      readonly step: "maintenance";
      readonly ok: true;
      readonly closed: boolean;
      readonly tasks: readonly string[];
      /** Milliseconds since the oldest request began that is still at work. */
      readonly oldest: number;
    }
  | { readonly step: "maintenance"; readonly ok: false; readonly message: string }
  | {
      readonly step: "install" | "upgrade";
      readonly state: SchemaState;
      readonly moved: boolean;
      readonly message: string;
    }
  /** Milliseconds that Moodle took for the copy. */
  | { readonly step: "rehearse"; readonly ok: true; readonly took: number }
  | { readonly step: "rehearse"; readonly ok: false; readonly message: string }
  | { readonly step: "drain" }
  | {
      readonly step: "drain-status";
      readonly idle: boolean;
      readonly busyWith: string;
      readonly tasks: readonly string[];
    }
  | { readonly step: "evidence"; readonly summary: string };

/** `held`: others are at it; `unknown`: the database does not answer. */
export type SchemaState = "installed" | "empty" | "half-installed" | "upgrade-pending" | "unknown" | "held";

export type Verdict = "ok" | "node-bad" | "dependency-bad" | "site-not-installed" | "upgrade-pending";

/** What an event carried that cannot be read again. */
export type Hint =
  | {
      readonly kind: "lifecycle-action";
      readonly transition: "launching" | "terminating";
      readonly hook: string;
      readonly token: string | undefined;
      readonly at: number;
    }
  | {
      readonly kind: "spot" | "rebalance" | "maintenance";
      readonly goneAt: number | undefined;
      readonly withdrawn: boolean;
    };

/** What an operator asked for. `approve`: what Warden wants to do by itself, and just that. */
export type Order = Asked &
  ({ readonly verb: "drain" | "replace" | "hold" } | { readonly verb: "approve"; readonly plan: Plan });

interface Asked {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly expiresAt: number;
}
