/**
 * What truly happened in a run, seen from outside: told by the embedded AWS and the modelled machines, never by Warden
 * (except `phase`, which is what Warden says). Checkers read it as it happens, the report when all is over.
 */
import type { NodeTelling } from "../node/node-state.ts";
import type { ReleaseKind } from "../scenario/schema.ts";

export type Fact = { readonly at: number } & FactDetail;

export type FactDetail =
  /** Auto Scaling moved an instance. */
  | { readonly kind: "lifecycle"; readonly node: string; readonly state: string }
  /** An instance leaves its group; why, in Auto Scaling's own words. */
  | { readonly kind: "leaving"; readonly node: string; readonly cause: string }
  | { readonly kind: "action-began"; readonly node: string; readonly action: Action }
  | {
      readonly kind: "action-ended";
      readonly node: string;
      readonly action: Action;
      readonly result: Result;
      readonly by: "answer" | "timeout" | "deletion";
    }
  /** A call of CompleteLifecycleAction, accepted or not, and what the node truly was at that moment. */
  | {
      readonly kind: "answer";
      readonly node: string;
      readonly hook: string;
      readonly result: Result;
      readonly by: Caller;
      readonly accepted: boolean;
      readonly ready: boolean;
      readonly proven: Desired | undefined;
      readonly assigned: Desired;
      /** Something is wrong with this node itself: its agent, its bootstrap, its power. */
      readonly ownFault?: boolean | undefined;
    }
  /** A call that begins to take a node away: deregistration, or the termination itself. */
  | {
      readonly kind: "taken";
      readonly node: string;
      readonly how: "deregister" | "terminate";
      readonly by: Caller;
      /** AWS had announced that it would take it anyway. */
      readonly announced: boolean;
      readonly group: GroupTruth;
      readonly ownFault?: boolean | undefined;
    }
  /** AWS let somebody know that it will, or may, take the node. */
  | { readonly kind: "notice"; readonly node: string; readonly notice: "spot" | "rebalance" | "maintenance" }
  /** An operator asked Warden to do something about the node. */
  | { readonly kind: "order"; readonly node: string; readonly verb: string }
  /** Somebody, or Warden, changed the desired capacity. */
  | { readonly kind: "capacity"; readonly desired: number }
  | { readonly kind: "instance"; readonly node: string; readonly state: string }
  | {
      readonly kind: "target";
      readonly node: string;
      readonly state: string;
      /** At that moment the node was verified for what is on its disk. */
      readonly verified?: boolean | undefined;
    }
  /** The machine lost power: what was cut. */
  | {
      readonly kind: "power-off";
      readonly node: string;
      readonly requestsCut: number;
      readonly tasksCut: number;
      readonly announced: boolean;
      /** It lost its power by itself, before anybody ended it. */
      readonly died?: boolean | undefined;
      /** Its agent answered no command, then or shortly before: nobody could ask it what runs. */
      readonly silent?: boolean | undefined;
    }
  | { readonly kind: "shared"; readonly part: string; readonly up: boolean }
  /** What Warden wrote down of something that nodes share. */
  | { readonly kind: "incident"; readonly part: string; readonly is: "opened" | "closed" }
  /** What Warden wrote down. */
  | { readonly kind: "phase"; readonly node: string; readonly phase: string; readonly why: string }
  | { readonly kind: "switch"; readonly stopped: boolean }
  /** A person froze the site until then. */
  | { readonly kind: "freeze"; readonly until: number }
  /** All agents fell silent, or speak again. */
  | { readonly kind: "agents"; readonly silent: boolean }
  /** An operator had a configuration pushed; what it is, nobody told Warden. */
  | { readonly kind: "push"; readonly digest: string; readonly is: "good" | "bad" }
  /** An operator began an upgrade of the site to another release. */
  | { readonly kind: "release"; readonly release: string; readonly digest: string; readonly is: ReleaseKind }
  /** What Warden wrote down of it. */
  | { readonly kind: "upgrade"; readonly phase: string; readonly why: string }
  /** What Warden wrote down of a rollout. */
  | {
      readonly kind: "rollout";
      readonly id: string;
      readonly phase: "rolling" | "concluding" | "returning" | "done" | "returned";
      /** Digests. */
      readonly candidate: string;
      readonly lastGood: string;
      /** The candidate's. */
      readonly release: string;
      readonly members: readonly string[];
      readonly why: string;
      readonly because: string | undefined;
    }
  /** What a node did, of which nobody else knows. */
  | ({ readonly node: string } & NodeTelling)
  /** A function began, ended or died. */
  | {
      readonly kind: "function";
      readonly name: string;
      readonly event: "began" | "ended" | "crashed";
      readonly milliseconds: number;
    }
  /** An event of AWS that was lost on purpose. */
  | { readonly kind: "event-lost"; readonly detailType: string; readonly node: string | undefined }
  /** The last fact of a run, when the fleet had its quiet time after the last fault. */
  | { readonly kind: "final"; readonly group: GroupTruth; readonly nodes: readonly FinalNode[] }
  /** A moment of the scenario's timeline. */
  | { readonly kind: "story"; readonly text: string };

export type Result = "CONTINUE" | "ABANDON";
export type Caller = "warden" | "node" | "somebody else";

export interface Action {
  readonly hook: string;
  readonly transition: "launching" | "terminating";
  readonly token: string;
}

export interface Desired {
  readonly release: string;
  readonly digest: string;
}

/** A member of the group at the end of a run. */
export interface FinalNode {
  readonly node: string;
  /** Auto Scaling's. */
  readonly state: string;
  readonly ready: boolean;
  readonly proven: Desired | undefined;
  readonly assigned: Desired;
  /** Files of its configuration are not as they were put there. */
  readonly drifted?: boolean | undefined;
}

/** A group at the moment of a fact, as Auto Scaling knows it. */
export interface GroupTruth {
  readonly desired: number;
  readonly min: number;
  readonly inService: readonly string[];
}
