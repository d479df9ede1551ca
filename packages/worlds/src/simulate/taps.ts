/** Turns what the embedded AWS and the machines do into facts, and counts calls for the bill. */

import type { EmbeddedAws, EmbeddedAwsOptions } from "@warden/aws-local";
import type { CallRecord } from "@warden/aws-local/wire/gate";
import type {
  BilledUnits,
  Caller,
  Desired,
  FactDetail,
  FinalNode,
  FunctionUse,
  GroupTruth,
  Recording,
} from "@warden/simulator";
import { localAssigned } from "../local-site.ts";
import type { ModelledMachine, VirtualWorld } from "../virtual.ts";
import { createOwnShare } from "./own-share.ts";
import { createUnits } from "./units.ts";
import { type Fields, fieldsOf, text, type Written, writtenIn } from "./written.ts";

export interface Taps {
  readonly observe: (record: CallRecord) => void;
  readonly lifecycleObserver: NonNullable<EmbeddedAwsOptions["lifecycleObserver"]>;
  /** Calls of Warden's functions, by `service:Operation`. */
  readonly calls: Map<string, number>;
  /** What of them is billed by the unit. */
  units(functions: Readonly<Record<string, FunctionUse>>): BilledUnits;
  ownShare(): { readonly seconds: readonly number[]; readonly lowerBound: number };
  /** Forgets what was counted before the story began. */
  reset(): void;
  /** Notes when a document ends on a machine: from then on its answer can be read. */
  watchDocuments(machine: ModelledMachine): void;
  /** Something is wrong with this node itself; `hung`: its agent answers nothing; `died`: it just lost its power. */
  hurt(node: string, how: "faulty" | "hung" | "died"): void;
  /** All agents are silent from now on, or answer again. */
  silence(silent: boolean): void;
  /** The fleet as it is when the run is over. */
  final(): FactDetail;
  /** Once the world is there: listens to EC2 and to the load balancer. */
  listenTo(world: Pick<VirtualWorld, "aws" | "machines">): void;
}

export function createTaps(recording: Recording, now: () => number): Taps {
  const calls = new Map<string, number>();
  /** Nodes in service, and when each left: a call and its effect carry the same time. */
  const inService = new Set<string>();
  const leftAt = new Map<string, number>();
  const states = new Map<string, string>();
  const seenSince = new Map<string, number>();
  /** What the group's nodes have to be, one after the other. */
  const assigned: { readonly from: number; readonly desired: Desired }[] = [
    { from: Number.NEGATIVE_INFINITY, desired: localAssigned },
  ];
  /** Of the last upgrade that was begun. */
  let candidate: Desired | undefined;
  let beforeUpgrade: Desired | undefined;
  const faulty = new Set<string>();
  const hung = new Set<string>();
  const died = new Set<string>();
  /** Until when agents were silent. */
  let silentUntil = Number.NEGATIVE_INFINITY;
  const shrunkBy = new Set<string>();
  let machines: ReadonlyMap<string, ModelledMachine> = new Map();
  let groupSizes = { desired: 0, min: 0 };
  const units = createUnits();
  const share = createOwnShare(now);

  recording.onFact((fact) => {
    if (fact.kind === "release") candidate = { release: fact.release, digest: fact.digest };
  });

  function observe(record: CallRecord): void {
    if (record.principal?.kind === "role" && callerOf(record) === "warden") {
      const name = `${record.service}:${record.operation}`;
      calls.set(name, (calls.get(name) ?? 0) + 1);
      units.add(record);
      share.called(record);
    }
    const accepted = record.errorCode === undefined;
    const input = fieldsOf(record.input);
    switch (record.operation) {
      case "CompleteLifecycleAction":
        answer(record, input, accepted);
        break;
      case "DeregisterTargets":
        if (accepted) for (const node of targetsIn(input)) taken(record, node, "deregister");
        break;
      case "TerminateInstanceInAutoScalingGroup":
        if (!accepted) break;
        taken(record, text(input["InstanceId"]), "terminate");
        // A repeated call for an instance that leaves already shrinks nothing.
        if (input["ShouldDecrementDesiredCapacity"] === true && !shrunkBy.has(text(input["InstanceId"]))) {
          shrunkBy.add(text(input["InstanceId"]));
          resized({ DesiredCapacity: groupSizes.desired - 1 });
        }
        break;
      case "CreateAutoScalingGroup":
      case "UpdateAutoScalingGroup":
      case "SetDesiredCapacity":
        if (accepted) resized(input);
        break;
      case "TransactWriteItems":
        if (accepted) for (const fact of writtenIn(input)) wroteDown(fact);
        break;
      default:
    }
  }

  function wroteDown(fact: Written): void {
    recording.add(fact);
    if (fact.kind === "rollout" && fact.phase === "concluding")
      assign({ release: fact.release, digest: fact.candidate });
    if (fact.kind === "upgrade") upgraded(fact.phase);
  }

  function assign(desired: Desired): void {
    if (desired.digest !== assigned.at(-1)?.desired.digest) assigned.push({ from: now(), desired });
  }

  /** Nodes that launch get the candidate as soon as the schema may move, and when it did not, what was before. */
  function upgraded(phase: string): void {
    if (phase === "upgrading" && candidate !== undefined) {
      beforeUpgrade ??= assigned.at(-1)?.desired;
      assign(candidate);
    }
    if (phase === "returning" && beforeUpgrade !== undefined) assign(beforeUpgrade);
    if (phase === "done" || phase === "returned" || phase === "stuck") beforeUpgrade = undefined;
  }

  /** What it must be: the newest, or what it is proven to be if a node of its age could be told that. */
  function assignedTo(node: string, proven: Desired | undefined): Desired {
    const since = assigned.findLastIndex(({ from }) => from <= (seenSince.get(node) ?? now()));
    const told = assigned.slice(Math.max(0, since)).map(({ desired }) => desired);
    return told.find(({ digest }) => digest === proven?.digest) ?? told.at(-1) ?? localAssigned;
  }

  function answer(record: CallRecord, input: Fields, accepted: boolean): void {
    const node = text(input["InstanceId"]);
    const machine = machines.get(node);
    const proven = machine?.software.state.memory.verifiedFor;
    recording.add({
      kind: "answer",
      node,
      hook: text(input["LifecycleHookName"]),
      result: input["LifecycleActionResult"] === "ABANDON" ? "ABANDON" : "CONTINUE",
      by: callerOf(record),
      accepted,
      ready: machine?.software.isReady() ?? false,
      proven,
      assigned: assignedTo(node, proven),
      ownFault: faulty.has(node),
    });
  }

  function taken(record: CallRecord, node: string, how: "deregister" | "terminate"): void {
    const announced = machines.get(node)?.metadata.spotAction !== undefined;
    recording.add({
      kind: "taken",
      node,
      how,
      by: callerOf(record),
      announced,
      group: groupBefore(node),
      ownFault: faulty.has(node),
    });
  }

  function finalNode(node: string, state: string): FinalNode {
    const software = machines.get(node)?.software;
    const proven = software?.state.memory.verifiedFor;
    const drifted = software?.state.faults.has("drift");
    const { desired } = assigned.at(-1) ?? { desired: localAssigned };
    return { node, state, ready: software?.isReady() ?? false, proven, assigned: desired, drifted };
  }

  /** The call was made while the node was still in service, if it left in this very instant. */
  function groupBefore(node: string): GroupTruth {
    const members = new Set(inService);
    if (leftAt.get(node) === now()) members.add(node);
    return { ...groupSizes, inService: [...members] };
  }

  function resized(input: Fields): void {
    const { DesiredCapacity, MinSize } = input;
    groupSizes = {
      desired: typeof DesiredCapacity === "number" ? DesiredCapacity : groupSizes.desired,
      min: typeof MinSize === "number" ? MinSize : groupSizes.min,
    };
    recording.add({ kind: "capacity", desired: groupSizes.desired });
  }

  return {
    observe,
    calls,
    units: units.total,
    ownShare: share.total,
    watchDocuments: share.watchDocuments,
    reset() {
      calls.clear();
      units.reset();
      share.reset();
    },
    lifecycleObserver: {
      moved(node, state) {
        // EC2 tells of changes only, and an instance begins as pending.
        if (!states.has(node)) {
          recording.add({ kind: "instance", node, state: "pending" });
          seenSince.set(node, now());
        }
        states.set(node, state);
        if (state === "InService") inService.add(node);
        else if (inService.delete(node)) leftAt.set(node, now());
        recording.add({ kind: "lifecycle", node, state });
      },
      terminating: (node, cause) => recording.add({ kind: "leaving", node, cause }),
      actionBegan: ({ instanceId: node, hook, transition, token }) =>
        recording.add({ kind: "action-began", node, action: { hook, token, transition: transitionOf(transition) } }),
      actionEnded: ({ instanceId: node, hook, transition, token }, result, by) =>
        recording.add({
          kind: "action-ended",
          node,
          action: { hook, token, transition: transitionOf(transition) },
          result,
          by,
        }),
    },
    final: () => ({
      kind: "final",
      group: groupBefore(""),
      nodes: [...states].map(([node, state]) => finalNode(node, state)),
    }),
    hurt(node, how) {
      faulty.add(node);
      if (how === "hung") hung.add(node);
      const machine = machines.get(node);
      if (how !== "died" || machine === undefined || died.has(node)) return;
      died.add(node);
      recording.add({ ...powerOff(node, machine), died: true });
    },
    silence(silent) {
      silentUntil = silent ? Number.POSITIVE_INFINITY : now() + shutdownTime;
    },
    listenTo(world) {
      machines = world.machines;
      const isSilent = (node: string): boolean => hung.has(node) || now() < silentUntil;
      listen(world.aws, machines, { died, isSilent }, recording);
    },
  };
}

/** From the last word about a node until its power is off, and a little more. */
const shutdownTime = 60_000;

function listen(
  aws: EmbeddedAws,
  machines: ReadonlyMap<string, ModelledMachine>,
  { died, isSilent }: { readonly died: ReadonlySet<string>; readonly isSilent: (node: string) => boolean },
  recording: Recording,
): void {
  aws.instances.onStateChange(({ instanceId: node, state }) => {
    recording.add({ kind: "instance", node, state });
    const machine = machines.get(node);
    if (machine === undefined || (state !== "terminated" && state !== "stopped")) return;
    // Of those that died this was told at once: EC2 comes to know of it minutes later.
    if (!died.has(node)) recording.add({ ...powerOff(node, machine), silent: isSilent(node) });
  });
  aws.loadBalancing.targetGroups.onHealthChange((_, { instanceId: node, state }) => {
    const { disk, memory } = machines.get(node)?.software.state ?? { disk: undefined, memory: undefined };
    const verified = memory?.verifiedFor !== undefined && memory.verifiedFor.digest === disk?.digest;
    recording.add({ kind: "target", node, state, verified });
  });
}

function powerOff(node: string, { software, metadata }: ModelledMachine): Extract<FactDetail, { kind: "power-off" }> {
  const { losses } = software.state;
  const announced = metadata.spotAction !== undefined;
  return { kind: "power-off", node, requestsCut: losses.requests, tasksCut: losses.tasks.length, announced };
}

// ---- Reading inputs -----------------------------------------------------------------------------------------------

function callerOf({ principal }: CallRecord): Caller {
  if (principal?.kind !== "role") return "somebody else";
  return principal.roleName.endsWith("-node") ? "node" : "warden";
}

const transitionOf = (transition: string): "launching" | "terminating" =>
  transition.endsWith("LAUNCHING") ? "launching" : "terminating";

function targetsIn(input: Fields): string[] {
  const targets = input["Targets"];
  return Array.isArray(targets) ? targets.map((target) => text(fieldsOf(target)["Id"])) : [];
}
