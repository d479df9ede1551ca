/**
 * A Moodle node on a modelled machine: what Warden's documents do there, what its web server answers, and its watcher.
 * Give `moodleNode(…)` to `createMachine` as what is installed.
 */

import type { Process } from "@warden/aws-local/hosts/process";
import type { MachineContext, Program, Software } from "@warden/aws-local/hosts/software";
import type { HostAnswer } from "@warden/aws-local/region";
import type { DocumentName } from "@warden/moodle";
import { createBatches, type Work } from "./batches.ts";
import { createBootstrap, startServices } from "./bootstrap.ts";
import { createLoad, type Load } from "./load.ts";
import {
  type Desired,
  emptyMemory,
  isReady,
  type NodeState,
  type NodeTold,
  newNodeState,
  tellServing,
} from "./node-state.ts";
import type { NodeTimings } from "./node-timings.ts";
import { createPrograms } from "./programs.ts";
import { webAnswer } from "./readiness.ts";
import type { SharedParts } from "./shared-parts.ts";
import { verify } from "./verify.ts";
import { createWatcher, type NodeCalls } from "./watcher.ts";

export interface MoodleNodeOptions {
  readonly shared: SharedParts;
  readonly timings: NodeTimings;
  readonly calls: NodeCalls;
  /** Requests in flight on this node while it serves; asked whenever somebody wants to know. */
  readonly traffic?: (instanceId: string) => number;
  /** Cron processes of Moodle on this node; 1 unless said. */
  readonly cronProcesses?: number;
  readonly onTold?: NodeTold;
}

export interface MoodleNode extends Software {
  readonly programs: Readonly<Record<DocumentName, Program>>;
  /** To look at, and to break: `state.faults.add("workers")`, `state.disk.release = "older"`. */
  readonly state: NodeState;
  readonly load: Load;
  isReady(): boolean;
  /** Its mount of the shared files answers no more. */
  hang(): void;
}

/** The journal keeps what fits into one answer. */
const journalLines = 20;

export const moodleNode =
  (options: MoodleNodeOptions): ((context: MachineContext) => MoodleNode) =>
  (context) =>
    install(options, context);

function install(options: MoodleNodeOptions, context: MachineContext): MoodleNode {
  const { shared, timings, calls, traffic = () => 0, cronProcesses = 1, onTold = () => {} } = options;
  const { instance, clock, random, metadata } = context;
  const { instanceId } = instance;
  const state = newNodeState(onTold);
  const { disk, memory } = state;
  const load = createLoad({
    state,
    shared,
    clock,
    random,
    traffic: () => traffic(instanceId),
    request: timings.request,
  });
  const bootstrap = createBootstrap({ state, shared, random, duration: timings.bootstrap, cronProcesses });
  const batches = createBatches(disk, timings.ask);
  const watcher = createWatcher({ instanceId, clock, metadata, calls, timings, drain, bringUp });

  function drain(): void {
    if (!memory.draining) note("drains");
    load.drain();
  }

  /** The same bootstrap and verify as Warden's, started by the node itself. */
  function bringUp(desired: Desired, process: Process, finish: (verified: boolean) => void): void {
    note(`brings itself up with ${desired.release}`);
    bootstrap(desired, process, (output) => {
      const expected = { ...desired, maintenance: shared.maintenance, upgrade: false };
      if (output.ok) process.wait(timings.verify, () => finish(verify(state, shared, expected).verdict === "ok"));
      else finish(false);
    });
  }

  function program(work: Work): Program {
    const once = batches.once(work);
    return (run, process) => {
      watcher.commandArrived();
      once(run, process);
    };
  }

  function note(line: string): void {
    disk.journal.push(`${new Date(clock.now()).toISOString()} ${line}`);
    if (disk.journal.length > journalLines) disk.journal.shift();
  }

  return {
    state,
    load,
    isReady: () => isReady(state),
    hang() {
      state.faults.add("hang");
      tellServing(state);
    },
    programs: createPrograms({
      state,
      shared,
      clock,
      timings,
      load,
      cronProcesses,
      bootstrap,
      drain,
      note,
      program,
    }),
    booted(process) {
      // The mount stands in fstab and the services are enabled once the node was bootstrapped.
      if (disk.release !== undefined && !state.faults.has("mount") && shared.files === "up") memory.mounted = true;
      if (disk.digest !== undefined && !state.faults.has("services")) startServices(state, cronProcesses);
      watcher.start(process);
    },
    answer: (port, path): HostAnswer => webAnswer(state, shared, port, path),
    metadataChanged: () => watcher.metadataChanged(),
    stopped() {
      load.cut();
      memory.servicesRun = false;
      tellServing(state);
      Object.assign(memory, emptyMemory());
    },
  };
}
