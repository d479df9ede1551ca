/** What Warden remembers of a node between two looks at it. Times in milliseconds since the epoch. */
import type { NodeName } from "./ids.ts";
import type { Shared } from "./observation.ts";

export interface NodeRecord extends NodeName {
  readonly v: 1;
  readonly phase: Phase;
  /** When the phase began. */
  readonly since: number;
  /** Auto Scaling's state at the last look. */
  readonly lifecycleState: string;
  /** The passage through Warden's own hook that is open or was last. */
  readonly episode?: Episode | undefined;
  /** The release and configuration that it was last told to take, until it has proven itself with them. */
  readonly push?: Push | undefined;
  /** The last change of what all nodes share after which it was asked to look at itself. */
  readonly changeSeen?: string | undefined;
  /** The last time that it was asked to purge what went stale. */
  readonly purge?: { readonly cause: string; readonly done: boolean; readonly at: number } | undefined;
  /** What an upgrade last asked of it, and what came of that. */
  readonly errand?: ErrandOutcome | undefined;
  /** What the node was last verified to be. */
  readonly verified?: { readonly release: string; readonly digest: string; readonly at: number } | undefined;
  /** Since when its group has not listed it; one such look is not believed, reads lag behind writes. */
  readonly missingSince?: number | undefined;
  /** True once it may have taken traffic: only then is there anything to drain. */
  readonly served: boolean;
  /** Why AWS will take the node away, and when. */
  readonly notice?: AwayNotice | undefined;
  /** True while the node holds one of its group's disruption slots. */
  readonly slot: boolean;
  /** The desired capacity that was asked for so that its replacement comes first; undefined once that is settled. */
  readonly raisedTo?: number | undefined;
  /** The last order of an operator that was carried out. */
  readonly orderDone?: string | undefined;
}

export type Phase =
  | { readonly name: "arriving" }
  /** Waits for the agent, up to the launch budget. */
  | { readonly name: "waiting-for-agent"; readonly launch: Launch }
  | { readonly name: "bootstrapping"; readonly launch: Launch; readonly command: Command }
  | { readonly name: "verifying"; readonly launch: Launch; readonly command: Command }
  /** The database is empty: it runs Moodle's installer, or waits for another node that does. */
  | { readonly name: "installing"; readonly launch: Launch; readonly command: Command }
  /** A shared part is down, the site waits for its install or upgrade, or launches keep failing: nothing is this node's fault. */
  | {
      readonly name: "on-hold";
      readonly launch: Launch;
      readonly reason: string;
      readonly recheckAt: number;
      readonly complaint?: Complaint | undefined;
    }
  /** Given up: its evidence is saved, then ABANDON. */
  | { readonly name: "refused"; readonly reason: string; readonly command?: Command | undefined }
  /** Verified; ours is CONTINUE, Auto Scaling or other hooks have the next word. */
  | { readonly name: "joining" }
  | {
      readonly name: "in-service";
      readonly nextVerifyAt: number;
      readonly command?: Command | undefined;
      readonly failures: number;
      /** Set while the last verification blamed what all nodes share. */
      readonly complaint?: Complaint | undefined;
      /** Set while the files, and nothing else of what is shared, are what it blames. */
      readonly hang?: Hang | undefined;
      /** Set while files on it are known to differ from its configuration's: they are put back. */
      readonly drifted?: boolean | undefined;
    }
  | { readonly name: "leaving"; readonly leave: Leave; readonly command?: Command | undefined }
  /** Our part of the terminate hook is done. */
  | { readonly name: "released" }
  /** In service since before Warden came: it is looked at, told of, and left as it is. */
  | {
      readonly name: "found";
      readonly nextVerifyAt: number;
      readonly command?: Command | undefined;
      /** What it lacks of what it must be, in words; undefined until it was looked at. */
      readonly lacks?: string | undefined;
    }
  /** In standby, in the warm pool, retained, detached or in a state Warden does not know: observed only. */
  | { readonly name: "aside" }
  | { readonly name: "gone" };

export type InService = Extract<Phase, { name: "in-service" }>;
export type Found = Extract<Phase, { name: "found" }>;

/** What a node says of what all nodes share: it is not the node's own fault. */
export interface Complaint {
  readonly parts: readonly Shared[];
  readonly message: string;
  /** When it last said so. */
  readonly at: number;
}

export interface Hang {
  /** When it last said so. */
  readonly at: number;
  /** Since when its target is seen to fail while those of most others are healthy. */
  readonly aloneSince?: number | undefined;
}

/** A release and a configuration on their way to a node in service. */
export interface Push {
  readonly release: string;
  readonly digest: string;
  /** When it came to this. */
  readonly at: number;
  /**
   * `proving`: it has it, and is verified once more after a while. `waiting`: for a shared part. `refused`: it went back
   * to what it had. `left-out`: nobody could tell it.
   */
  readonly is: "under-way" | "proving" | "waiting" | "refused" | "left-out";
  readonly message: string;
}

/** A launch: what it must become and how long it may take. */
export interface Launch {
  readonly release: string;
  readonly digest: string;
  readonly attempt: number;
  readonly deadline: number;
  /** Not before this instant is the next attempt made. */
  readonly notBefore: number;
}

export interface Leave {
  readonly cause: LeaveCause;
  readonly reason: string;
  readonly startedBy: "warden" | "auto-scaling";
  readonly deadline: number;
  /** The host was told to stop taking work; `unreachable` when it could not be told. */
  readonly asked: "no" | "yes" | "unreachable";
  readonly idleAt?: number | undefined;
  /** Whether the group shrinks by one when the node ends. */
  readonly shrink: boolean;
  readonly evidence: "wanted" | "done";
  /** Tasks that still ran when time was up. */
  readonly abandoned: readonly string[];
}

export type LeaveCause = "auto-scaling" | "spot" | "rebalance" | "maintenance" | "unhealthy" | "operator";

export type Step =
  | "bootstrap"
  | "verify"
  | "install"
  | "push-config"
  | "purge-cache"
  | "preflight"
  | "maintenance"
  | "upgrade"
  | "rehearse"
  | "drain"
  | "drain-status"
  | "evidence";

/** What came of an errand so far. */
export interface ErrandOutcome {
  readonly id: string;
  readonly at: number;
  /** `put-off`: not done for a reason that may pass; it is asked again after a while. */
  readonly is: "under-way" | "done" | "put-off" | "failed";
  readonly message: string;
  /** Of a preflight: what Moodle asks for. */
  readonly wants?: "none" | "open" | "closed" | undefined;
  /** Of an upgrade: the database is not what it was before. */
  readonly moved?: boolean | undefined;
  /** Of a rehearsal: milliseconds that Moodle took for the copy. */
  readonly took?: number | undefined;
}

/** An intent to run a document on the node. It is recorded before anything is sent. */
export interface Command {
  readonly step: Step;
  /** Names the sending: the host runs each batch once. Shared by the nodes that get the same command together. */
  readonly batch: string;
  readonly intendedAt: number;
}

/** One passage of the instance through Warden's hook. */
export interface Episode {
  readonly transition: "launching" | "terminating";
  readonly hook: string;
  /** Known only from an event. */
  readonly token?: string | undefined;
  /** 1 for the first passage of this instance; a pooled instance passes the launch hook twice. */
  readonly ordinal: number;
  readonly warmPool: boolean;
  readonly startedAt: number;
  /** Events of this time or before belong to an earlier passage, however late they come. */
  readonly after?: number | undefined;
  /** Milliseconds. */
  readonly hookTimeout: number;
  readonly result?: EpisodeResult | undefined;
}

/** `closed`: AWS accepted it, or answered that no such action is active. */
export interface EpisodeResult {
  readonly value: "CONTINUE" | "ABANDON";
  readonly closed: boolean;
}

export interface AwayNotice {
  readonly kind: "spot" | "rebalance" | "maintenance";
  /** When the instance is gone whatever Warden does; undefined for a mere recommendation. */
  readonly goneAt?: number | undefined;
}
