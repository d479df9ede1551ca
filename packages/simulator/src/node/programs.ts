/** What Warden's documents do on a modelled node, and the line that each ends with. */

import type { Clock } from "@warden/aws-local/clock";
import type { Program } from "@warden/aws-local/hosts/software";
import type { DocumentRun } from "@warden/aws-local/region";
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
import type { Work } from "./batches.ts";
import type { Bootstrap } from "./bootstrap.ts";
import type { Load } from "./load.ts";
import { createMaintenance } from "./maintenance.ts";
import type { BatchResult, Desired, NodeState } from "./node-state.ts";
import type { NodeTimings } from "./node-timings.ts";
import { createPreflight } from "./preflight.ts";
import { createPushConfig } from "./push-config.ts";
import { createRehearsal } from "./rehearsal.ts";
import { createSchemaWork, type SchemaWork } from "./schema-work.ts";
import type { SharedParts } from "./shared-parts.ts";
import { type Expected, verify } from "./verify.ts";

export interface ProgramParts {
  readonly state: NodeState;
  readonly shared: SharedParts;
  readonly clock: Clock;
  readonly timings: NodeTimings;
  readonly load: Load;
  readonly cronProcesses: number;
  readonly bootstrap: Bootstrap;
  drain(): void;
  /** Keeps a line in the journal. */
  note(line: string): void;
  /** The program whose runs do that work. */
  program(work: Work): Program;
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

export function createPrograms(parts: ProgramParts): Readonly<Record<DocumentName, Program>> {
  const { state, shared, clock, timings, load, cronProcesses, bootstrap, drain, note, program } = parts;
  const pushConfig = createPushConfig({ state, shared, timings });
  const preflight = createPreflight({ state, shared, fetch: timings.fetch, parse: timings.parse });
  const rehearse = createRehearsal({ state, shared, clock, timings });
  const setMaintenance = createMaintenance({ state, shared, load, cronProcesses });
  const { install: installSite, upgrade } = createSchemaWork({ state, shared, clock, timings });

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
    process.wait(timings.ask, () => finish(result({ v: 1, summary: state.disk.journal.join("; ") })));

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

  return {
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
  };
}

/** Workers of PHP-FPM: no more requests than that are at work at a time. */
const phpWorkers = 24;

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
