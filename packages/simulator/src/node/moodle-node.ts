/**
 * A Moodle node on a modelled machine: what Warden's documents do there, what its web server answers, and its watcher.
 * Give `moodleNode(…)` to `createMachine` as what is installed.
 */

import type { Process } from "@warden/aws-local/hosts/process";
import type { MachineContext, Program, Software } from "@warden/aws-local/hosts/software";
import type { DocumentRun, HostAnswer } from "@warden/aws-local/region";
import type {
  BootstrapOutput,
  DocumentName,
  DrainOutput,
  DrainStatusOutput,
  EvidenceOutput,
  MaintenanceOutput,
  PreflightOutput,
  PurgeCacheOutput,
  PushConfigOutput,
  RehearseOutput,
  RestartPhpOutput,
  SchemaOutput,
  VerifyOutput,
} from "@warden/moodle";
import { createBatches, type Work } from "./batches.ts";
import { createBootstrap, startServices } from "./bootstrap.ts";
import { createLoad, type Load } from "./load.ts";
import { createMaintenance } from "./maintenance.ts";
import {
  type BatchResult,
  type Desired,
  emptyMemory,
  isReady,
  type NodeState,
  type NodeTold,
  newNodeState,
  tellServing,
} from "./node-state.ts";
import type { NodeTimings } from "./node-timings.ts";
import { createPreflight } from "./preflight.ts";
import { createPushConfig } from "./push-config.ts";
import { webAnswer } from "./readiness.ts";
import { createRehearsal } from "./rehearsal.ts";
import { createSchemaWork, type SchemaWork } from "./schema-work.ts";
import type { SharedParts } from "./shared-parts.ts";
import { type Expected, verify } from "./verify.ts";
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

type Output =
  | BootstrapOutput
  | VerifyOutput
  | DrainOutput
  | DrainStatusOutput
  | EvidenceOutput
  | PushConfigOutput
  | PurgeCacheOutput
  | RestartPhpOutput
  | SchemaOutput
  | PreflightOutput
  | MaintenanceOutput
  | RehearseOutput;

/** The journal keeps what fits into one answer. */
const journalLines = 20;

/** Workers of PHP-FPM: no more requests than that are at work at a time. */
const phpWorkers = 24;

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
  const pushConfig = createPushConfig({ state, shared, timings });
  const preflight = createPreflight({ state, shared, fetch: timings.fetch, parse: timings.parse });
  const rehearse = createRehearsal({ state, shared, clock, timings });
  const setMaintenance = createMaintenance({ state, shared, load, cronProcesses });
  const { install: installSite, upgrade } = createSchemaWork({ state, shared, clock, timings });
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

  const bootstrapWork: Work = (run, process, finish) =>
    bootstrap(desiredBy(run), process, (output) => {
      note(output.ok ? `has ${output.release} with ${output.digest}` : `${output.step} failed: ${output.message}`);
      finish(result(output, output.ok));
    });

  const verifyWork: Work = (run, process, finish) =>
    process.wait(timings.verify, () => {
      const output = verify(state, shared, expectedBy(run));
      note(`verified: ${output.verdict}`);
      finish(result(output, output.verdict === "ok"));
    });

  const drainWork: Work = (_, process, finish) => {
    drain();
    process.wait(timings.ask, () => finish(result({ v: 1, draining: true })));
  };

  const drainStatusWork: Work = (_, process, finish) =>
    process.wait(timings.ask, () => finish(result(drainStatus(load))));

  const evidenceWork: Work = (_, process, finish) =>
    process.wait(timings.ask, () => finish(result({ v: 1, summary: disk.journal.join("; ") })));

  const pushConfigWork: Work = (run, process, finish) =>
    pushConfig(expectedBy(run), process, (output) => {
      note(output.ok ? `has the configuration ${output.digest}` : `${output.step} failed: ${output.message}`);
      finish(result(output, output.ok));
    });

  const schemaWork =
    (work: SchemaWork): Work =>
    (run, process, finish) =>
      work(desiredBy(run), process, (output) => {
        note(output.message);
        finish(result(output, output.state === "installed"));
      });

  const preflightWork: Work = (run, process, finish) =>
    preflight(desiredBy(run), process, (output) => finish(result(output, output.ok)));

  const rehearseWork: Work = (run, process, finish) =>
    rehearse(desiredBy(run).release, process, (output) => finish(result(output, output.ok)));

  const maintenanceWork: Work = (run, process, finish) =>
    process.wait(timings.ask, () => {
      const output = setMaintenance(isClosedBy(run));
      finish(result(output, output.ok));
    });

  const purgeCacheWork: Work = (_, process, finish) =>
    process.wait(timings.ask, () => {
      const output: PurgeCacheOutput =
        shared.cache === "up"
          ? { v: 2, ok: true, outcome: "purged", equal: ["core/config"], versioned: [], purged: [] }
          : { v: 2, ok: false, message: "the application cache does not answer" };
      finish(result(output, output.ok));
    });

  const restartPhpWork: Work = (_, process, finish) =>
    process.wait(timings.ask, () => {
      state.faults.delete("workers");
      note("restarted PHP-FPM");
      finish(result({ v: 1, ok: true }));
    });

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
    programs: {
      "Warden-Bootstrap": program(bootstrapWork),
      "Warden-Verify": program(verifyWork),
      "Warden-Drain": program(drainWork),
      "Warden-DrainStatus": program(drainStatusWork),
      "Warden-Evidence": program(evidenceWork),
      "Warden-PushConfig": program(pushConfigWork),
      "Warden-PurgeCache": program(purgeCacheWork),
      "Warden-RestartPhp": program(restartPhpWork),
      "Warden-Install": program(schemaWork(installSite)),
      "Warden-Preflight": program(preflightWork),
      "Warden-Maintenance": program(maintenanceWork),
      "Warden-Upgrade": program(schemaWork(upgrade)),
      "Warden-Rehearse": program(rehearseWork),
    },
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

/** nginx answers the question itself, which is one connection that writes; PHP-FPM does not count its own asker. */
function drainStatus(load: Load): DrainStatusOutput {
  const requests = load.inFlight();
  return {
    v: 1,
    reading: 0,
    writing: requests + 1,
    active: Math.min(requests, phpWorkers),
    tasks: [...load.runningTasks()],
  };
}

/** Exit status 0 only where the line says that all is well, so that the console does not call a failure a success. */
const result = (output: Output, isWell = true): BatchResult => ({
  exitCode: isWell ? 0 : 1,
  line: JSON.stringify(output),
});

const desiredBy = ({ parameters }: DocumentRun): Desired => ({
  release: parameters["Release"]?.[0] ?? "",
  digest: parameters["Digest"]?.[0] ?? "",
});

const expectedBy = (run: DocumentRun): Expected => ({
  ...desiredBy(run),
  maintenance: isClosedBy(run),
  upgrade: run.parameters["Upgrade"]?.[0] === "expected",
});

const isClosedBy = ({ parameters }: DocumentRun): boolean => parameters["Maintenance"]?.[0] === "maintenance";
