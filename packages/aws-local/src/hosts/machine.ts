/**
 * A modelled machine behind an instance: it boots, its agent starts later and reports, its web server answers through
 * its software, and documents run as programs that take their time. Anything of it can be slow, fail, hang or lie, one
 * machine at a time, from the start or by a switch.
 */
import type { Clock, Timer } from "../clock.ts";
import type { Random } from "../random.ts";
import type {
  AgentRegistry,
  DocumentResult,
  DocumentRun,
  Host,
  HostAnswer,
  Instance,
  InstanceMetadata,
  RunningDocument,
} from "../region.ts";
import { type Process, type RunningProcess, startProcess } from "./process.ts";
import type { MachineProfile } from "./profile.ts";
import { runScript } from "./shell.ts";
import type { MachineContext, Software } from "./software.ts";
import type { MachineSwitches } from "./switches.ts";

export interface MachineParts<Installed extends Software> {
  readonly clock: Clock;
  readonly random: Random;
  readonly instance: Instance;
  readonly agents: AgentRegistry;
  readonly profile: MachineProfile;
  readonly install: (context: MachineContext) => Installed;
}

export interface Machine<Installed extends Software = Software> extends Host {
  readonly instance: Instance;
  readonly software: Installed;
  readonly switches: MachineSwitches;
  readonly power: Power;
}

export type Power = "off" | "booting" | "on";

/** How long a failure or a lie takes, in milliseconds. */
const scriptedDuration = { low: 200, high: 1_000 };
const failure: DocumentResult = { exitCode: 1, stdout: "", stderr: "failed, as the fault plan says\n" };

export function createMachine<Installed extends Software>(parts: MachineParts<Installed>): Machine<Installed> {
  const { clock, random, instance, agents, profile, install } = parts;
  const { instanceId } = instance;
  const hostname = `ip-${instance.privateIp.replaceAll(".", "-")}`;
  const metadata = observedMetadata(() => {
    if (power === "on") software.metadataChanged?.();
  });
  const software = install({ instance, hostname, clock, random, metadata });

  const processes = new Set<RunningProcess>();
  const failures = new Map<string, DocumentResult[]>();
  const lies = new Map<string, DocumentResult>();
  /** What a frozen agent has not told yet. */
  const unreported: (() => void)[] = [];
  let power: Power = "off";
  let bootTimers: Timer[] = [];
  let agentListens = false;
  let agentFrozen = profile.faults.agentFrozen ?? false;
  let documentsHang = profile.faults.documentsHang ?? false;
  let slowness = profile.faults.slowness ?? 1;
  let web: "serving" | "stopped" | "hanging" | { readonly lie: HostAnswer } = profile.faults.web ?? "serving";

  function powerOn(): void {
    if (power !== "off") return;
    power = "booting";
    if (profile.faults.neverBoots !== true) bootTimers = [clock.after(draw(profile.boot), booted)];
  }

  function booted(): void {
    power = "on";
    if (profile.faults.agentNeverStarts !== true) bootTimers = [clock.after(draw(profile.agentStart), startAgent)];
    software.booted?.(start(() => {}).process);
  }

  function startAgent(): void {
    agentListens = true;
    bootTimers = [clock.every(profile.pingEvery, ping)];
    ping();
  }

  function ping(): void {
    if (!agentFrozen) agents.ping(instanceId);
  }

  function powerOff(how: "shutdown" | "kill"): void {
    if (power === "off") return;
    power = "off";
    agentListens = false;
    for (const timer of bootTimers) timer.cancel();
    for (const running of [...processes]) running.kill("nobody");
    unreported.length = 0;
    agents.silence(instanceId);
    software.stopped?.(how);
  }

  async function request(port: number, path: string): Promise<HostAnswer> {
    if (power === "off" || web === "hanging") return "timeout";
    if (power === "booting" || web === "stopped") return "refused";
    if (web !== "serving") return web.lie;
    return software.answer?.(port, path) ?? "refused";
  }

  function run(documentRun: DocumentRun): RunningDocument | undefined {
    if (!agentListens || agentFrozen) return undefined;
    const { promise, resolve } = Promise.withResolvers<DocumentResult>();
    const running = start((result) => {
      if (agentFrozen) unreported.push(() => resolve(result));
      else resolve(result);
    });
    const timeout = clock.after(documentRun.executionTimeout * 1000, () => running.kill({ timedOut: true }));
    running.process.onEnd(() => timeout.cancel());
    runDocument(documentRun, running.process);
    return { finished: promise, cancel: () => running.kill({ timedOut: false }) };
  }

  function runDocument(documentRun: DocumentRun, process: Process): void {
    const { documentName } = documentRun;
    const scripted = failures.get(documentName)?.shift() ?? lies.get(documentName);
    const program = software.programs[documentName];
    if (documentsHang) return;
    if (scripted !== undefined) process.wait(scriptedDuration, () => answer(scripted, process));
    else if (program === undefined) runScript(documentRun, process, hostname);
    else program(documentRun, process);
  }

  function start(report: (result: DocumentResult) => void): RunningProcess {
    const running = startProcess({ clock, random, slowness: () => slowness, report });
    processes.add(running);
    running.process.onEnd(() => processes.delete(running));
    return running;
  }

  const draw = ({ low, high }: { low: number; high: number }): number =>
    (low + (high - low) * random.next()) * slowness;

  const switches: MachineSwitches = {
    freezeAgent() {
      agentFrozen = true;
    },
    thawAgent() {
      agentFrozen = false;
      for (const report of unreported.splice(0)) report();
      if (agentListens) ping();
    },
    hangDocuments(hang) {
      documentsHang = hang;
    },
    failNext(documentName, result = failure) {
      failures.set(documentName, [...(failures.get(documentName) ?? []), result]);
    },
    lie(documentName, result) {
      if (result === undefined) lies.delete(documentName);
      else lies.set(documentName, result);
    },
    stopWeb() {
      web = "stopped";
    },
    hangWeb() {
      web = "hanging";
    },
    startWeb() {
      web = "serving";
    },
    lieWeb(lie) {
      web = { lie };
    },
    slowDown(times) {
      slowness = times;
    },
  };

  return {
    instanceId,
    instance,
    software,
    switches,
    metadata,
    get power() {
      return power;
    },
    powerOn,
    powerOff,
    request,
    run,
    dispose: () => powerOff("kill"),
  };
}

function answer({ exitCode, stdout, stderr }: DocumentResult, process: Process): void {
  if (stdout !== "") process.print(stdout.trimEnd());
  if (stderr !== "") process.complain(stderr.trimEnd());
  process.exit(exitCode);
}

/**
 * An object that tells when one of its members is set. The watcher on a node reads the metadata every few seconds;
 * telling it about changes spares a fleet of a thousand machines a day of reading that nothing changed.
 */
function observedMetadata(onChange: () => void): InstanceMetadata {
  const values: InstanceMetadata = {};
  return new Proxy(values, {
    set(target, member, value) {
      const done = Reflect.set(target, member, value);
      onChange();
      return done;
    },
    deleteProperty(target, member) {
      const done = Reflect.deleteProperty(target, member);
      onChange();
      return done;
    },
  });
}
