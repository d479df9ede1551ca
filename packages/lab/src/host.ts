/**
 * What is behind an instance: a real machine. EC2's power boots it and cuts it off, its first start runs the user data as
 * cloud-init would, the SSM agent runs documents in it, and the load balancer's checks are real requests.
 */
import type { Clock, Timer } from "@warden/aws-local/clock";
import type {
  AgentRegistry,
  DocumentResult,
  DocumentRun,
  Host,
  Instance,
  InstanceMetadata,
  RunningDocument,
} from "@warden/aws-local/region";
import { readContent, substitute } from "@warden/aws-local/services/ssm/document-content";
import type { Credentials } from "@warden/aws-local/wire/identity";
import type { SharedFiles } from "./files.ts";
import { ask } from "./gate.ts";
import { clearMachine, type Machine, machine } from "./machine.ts";
import type { About } from "./metadata.ts";
import { joinLabNetwork, removeNetwork } from "./network.ts";
import { inLab, machineName } from "./places.ts";

export interface HostParts {
  readonly clock: Clock;
  readonly instance: Instance;
  readonly agents: AgentRegistry;
  readonly credentials: Credentials | undefined;
  /** The root that it starts from. */
  readonly lower: string;
  readonly files: Pick<SharedFiles, "mountFor">;
  /** Of every program of the node: where AWS answers. */
  readonly environment: Readonly<Record<string, string>>;
  /** Puts into its files what the image leaves open. */
  furnish(root: string): void;
  tell(text: string, tone: "step" | "good" | "bad"): void;
}

export interface LabHost extends Host {
  readonly instance: Instance;
  /** What the metadata service says to it. */
  readonly about: About | undefined;
  /** Ends it at once, whatever it is doing, and leaves nothing of it. */
  end(): Promise<void>;
}

/** As agents of `quickProfile`: reports are wanted every 25 s. */
const pingEvery = 10_000;
/** Seconds. EC2 waits longer for an operating system, and there it costs money. */
const shutdownTime = 15;
/** What a shell reports for a program that SIGKILL ended. */
const killed = 137;

export function labHost(parts: HostParts): LabHost {
  const { clock, instance, agents, credentials, environment, tell } = parts;
  const { instanceId, privateIp } = instance;
  const place = { name: machineName(instanceId), folder: inLab("machines", machineName(instanceId)) };
  const metadata: InstanceMetadata = {};
  let own: Machine | undefined;
  let pings: Timer | undefined;
  let wanted: "on" | "off" = "off";
  const isOff = (): boolean => wanted === "off";
  let hasStarted = false;
  let ended = false;
  /** One step after the other: a machine that boots is shut down when it has booted. */
  let last: Promise<void> = Promise.resolve();

  function next(step: () => Promise<void>, what: string): void {
    last = last.then(async () => {
      if (ended) return;
      await step().catch((error: unknown) => {
        if (!ended) tell(`${instanceId} ${what}: ${error instanceof Error ? error.message : String(error)}`, "bad");
      });
    });
  }

  async function boot(): Promise<void> {
    if (isOff()) return;
    const began = clock.now();
    own ??= await make();
    // It may have to go before it came.
    if (isOff()) return;
    joinLabNetwork(place.name, privateIp);
    await own.boot([`${parts.files.mountFor(place.name)}:/mnt/efs`]);
    tell(`${instanceId} is up at ${privateIp} after ${((clock.now() - began) / 1000).toFixed(1)} s`, "step");
    if (!hasStarted) await runUserData(own);
    hasStarted = true;
    if (isOff()) return;
    agents.ping(instanceId);
    pings = clock.every(pingEvery, () => agents.ping(instanceId));
  }

  async function make(): Promise<Machine> {
    const machineId = instanceId.slice(2).padStart(32, "0");
    const made = await machine({ ...place, hostname: instanceId, machineId, lower: parts.lower });
    parts.furnish(made.root);
    return made;
  }

  async function runUserData(on: Machine): Promise<void> {
    if (instance.userData === undefined) return;
    const script = Buffer.from(instance.userData, "base64").toString();
    const { status, stderr } = await on.run(script, { env: environment });
    if (status !== 0) tell(`the user data of ${instanceId} ended with ${status}: ${stderr.slice(-300)}`, "bad");
  }

  async function off(how: "shutdown" | "kill"): Promise<void> {
    if (own === undefined) return;
    await (how === "shutdown" ? own.shutDown(shutdownTime) : own.cutPower());
    removeNetwork(place.name);
  }

  function run(documentRun: DocumentRun): RunningDocument | undefined {
    if (pings === undefined || own === undefined || isOff()) return undefined;
    const running = own.start(scriptOf(documentRun), environment);
    const { promise, resolve } = Promise.withResolvers<DocumentResult>();
    let timedOut = false;
    const timer = clock.after(documentRun.executionTimeout * 1000, () => {
      timedOut = true;
      running.kill();
    });
    void running.ended.then(({ status, stdout, stderr }) => {
      timer.cancel();
      // When the power goes there is nobody left to tell.
      if (!isOff()) resolve({ exitCode: status ?? killed, stdout, stderr, ...(timedOut && { timedOut }) });
    });
    return { finished: promise, cancel: running.kill };
  }

  return {
    instanceId,
    instance,
    metadata,
    get about() {
      const { roleName } = instance;
      return roleName === undefined || credentials === undefined
        ? undefined
        : { instanceId, roleName, credentials, metadata };
    },
    powerOn() {
      wanted = "on";
      next(boot, "did not boot");
    },
    powerOff(how) {
      wanted = "off";
      pings?.cancel();
      pings = undefined;
      agents.silence(instanceId);
      next(() => off(how), "did not go off");
    },
    request: async (port, path) => (isOff() ? "timeout" : ask(privateIp, port, path)),
    run,
    dispose: () => next(() => clearMachine(place), "left something behind"),
    async end() {
      ended = true;
      wanted = "off";
      pings?.cancel();
      await (own?.end() ?? clearMachine(place));
      await last;
    },
  };
}

/** As the SSM agent makes it: parameters are put into the document's own text. */
export function scriptOf({ content, parameters }: Pick<DocumentRun, "content" | "parameters">): string {
  const [step] = readContent(content).steps;
  return (step?.runCommand ?? []).map((line) => substitute(line, parameters)).join("\n");
}
