/** `Warden-Bootstrap`: mount, release, bundle, services, warm. The first step that fails ends it and is named. */
import type { Process } from "@warden/aws-local/hosts/process";
import type { Random } from "@warden/aws-local/random";
import type { Range } from "@warden/aws-local/region";
import type { BootstrapOutput, SharedPart } from "@warden/moodle";
import { type Desired, type NodeState, putConfiguration, putRelease } from "./node-state.ts";
import type { SharedParts } from "./shared-parts.ts";

export interface BootstrapParts {
  readonly state: NodeState;
  readonly shared: Readonly<SharedParts>;
  readonly random: Random;
  readonly duration: Range;
  readonly cronProcesses: number;
}

export type Bootstrap = (desired: Desired, process: Process, finish: (output: BootstrapOutput) => void) => void;

interface Step {
  readonly name: string;
  /** Of the whole duration. */
  readonly share: number;
  readonly run: (desired: Desired) => Failure | undefined;
}

interface Failure {
  readonly message: string;
  readonly part?: SharedPart;
}

export function createBootstrap({ state, shared, random, duration, cronProcesses }: BootstrapParts): Bootstrap {
  const { memory, faults } = state;

  const steps: readonly Step[] = [
    { name: "mount", share: 0.2, run: mount },
    { name: "release", share: 0.4, run: release },
    { name: "bundle", share: 0.1, run: bundle },
    { name: "services", share: 0.2, run: services },
    { name: "warm", share: 0.1, run: warm },
  ];

  function mount(): Failure | undefined {
    if (shared.files === "down") return { part: "files", message: "the file system does not answer" };
    if (faults.has("mount")) return { message: "mount.efs: cannot mount /srv/moodledata" };
    memory.mounted = true;
    return undefined;
  }

  function release(desired: Desired): Failure | undefined {
    if (faults.has("release")) return { message: `the archive of ${desired.release} has the wrong checksum` };
    putRelease(state, desired.release);
    return undefined;
  }

  function bundle(desired: Desired): Failure | undefined {
    if (faults.has("bundle")) return { message: `the bundle ${desired.digest} cannot be unpacked` };
    putConfiguration(state, desired.digest);
    return undefined;
  }

  function services(): Failure | undefined {
    if (faults.has("services")) return { message: "php-fpm.service failed to start" };
    startServices(state, cronProcesses);
    return undefined;
  }

  function warm(): Failure | undefined {
    if (shared.database === "down") return { part: "database", message: "the database does not answer" };
    if (shared.cache === "down") return { part: "cache", message: "the application cache does not answer" };
    return undefined;
  }

  return function bootstrap(desired, process, finish) {
    const whole = duration.low + (duration.high - duration.low) * random.next();
    const goOn = ([step, ...rest]: readonly Step[]): void => {
      if (step === undefined) finish({ v: 1, ok: true, ...desired });
      else process.wait(whole * step.share, () => end(step, rest));
    };
    const end = (step: Step, rest: readonly Step[]): void => {
      const failure = step.run(desired);
      if (failure === undefined) goOn(rest);
      else finish({ v: 1, ok: false, step: step.name, ...failure });
    };
    goOn(steps);
  };
}

/** nginx, PHP-FPM and cron. Those that already run go on: a bootstrap of a serving node stops nothing. */
export function startServices(state: NodeState, cronProcesses: number): void {
  state.memory.servicesRun = true;
  if (!state.memory.cronStopped) startCron(state, cronProcesses);
}

/** New ones in the place of those that were told to end. */
export function startCron({ memory }: NodeState, cronProcesses: number): void {
  if (memory.draining) return;
  memory.cronStopped = false;
  memory.cron = memory.cron.filter(({ sigterms }) => sigterms === 0);
  while (memory.cron.length < cronProcesses) memory.cron.push({ sigterms: 0 });
}
