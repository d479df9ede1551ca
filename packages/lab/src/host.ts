/**
 * What is behind an instance: a real machine. EC2's power boots it and cuts it off, its first start runs the user data as
 * cloud-init would, the SSM agent runs documents in it, and the load balancer's checks are real requests.
 */
import { setTimeout as sleep } from "node:timers/promises";
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
import type { Misfortune } from "./faults.ts";
import type { SharedFiles } from "./files.ts";
import { ask } from "./gate.ts";
import { sizeOf } from "./instance-types.ts";
import { clearMachine, type Machine, machine } from "./machine.ts";
import type { About } from "./metadata.ts";
import { befall, type Undo } from "./misfortunes.ts";
import { joinLabNetwork, labNetwork, removeNetwork } from "./network.ts";
import { inLab, machineName } from "./places.ts";
import { LabRefusal } from "./refusal.ts";

export interface HostParts {
  readonly clock: Clock;
  readonly instance: Instance;
  readonly agents: AgentRegistry;
  readonly credentials: Credentials | undefined;
  /** The root that it starts from. */
  readonly lower: string;
  readonly files: Pick<SharedFiles, "mountFor" | "unmount">;
  /** Of every program of the node: where AWS answers. */
  readonly environment: Readonly<Record<string, string>>;
  /** What EC2's status checks see of it. */
  impair(impaired: boolean): void;
  /** Puts into its files what the image leaves open. */
  furnish(root: string): void;
  tell(text: string, tone: "step" | "good" | "bad"): void;
}

export interface LabHost extends Host {
  readonly instance: Instance;
  /** @returns what ends it, where there is a way back @throws LabRefusal when the machine is off */
  befall(what: Misfortune): Promise<Undo | undefined>;
  /** Runs a script on it as root, beside whatever the SSM agent does. @throws when it fails; what it printed */
  sh(script: string): Promise<string>;
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
  /** What has befallen it and keeps its agent from AWS, or EC2 from it. */
  const cutOff = new Set<Misfortune>();
  /** What the agent has to say once it is heard again. */
  const unheard: (() => void)[] = [];
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
    await own.boot([`${await parts.files.mountFor(place.name)}:/mnt/efs`]);
    tell(`${instanceId} is up at ${privateIp} after ${((clock.now() - began) / 1000).toFixed(1)} s`, "step");
    if (!hasStarted) await runUserData(own);
    hasStarted = true;
    if (isOff()) return;
    ping();
    pings = clock.every(pingEvery, ping);
  }

  function ping(): void {
    if (cutOff.size === 0) agents.ping(instanceId);
  }

  async function make(): Promise<Machine> {
    const machineId = instanceId.slice(2).padStart(32, "0");
    const made = await machine({
      ...{ ...place, hostname: instanceId, machineId, lower: parts.lower },
      ...{ ...sizeOf(instance.instanceType), uplink: { network: labNetwork, link: place.name } },
    });
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
    const gone = how === "shutdown" ? own.shutDown(shutdownTime) : own.cutPower();
    if (how === "shutdown") await Promise.race([gone, sleep(shutdownTime * 1000, undefined, { ref: false })]);
    // Who waits for files that hang cannot be killed: the end of their mount sets it free.
    await Promise.all([gone, parts.files.unmount(place.name)]);
    removeNetwork(place.name);
  }

  function run(documentRun: DocumentRun): RunningDocument | undefined {
    if (pings === undefined || own === undefined || isOff() || cutOff.size > 0) return undefined;
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
      const report = (): void => {
        if (!isOff()) resolve({ exitCode: status ?? killed, stdout, stderr, ...(timedOut && { timedOut }) });
      };
      if (cutOff.size === 0) report();
      else unheard.push(report);
    });
    return { finished: promise, cancel: running.kill };
  }

  async function suffer(what: Misfortune): Promise<Undo | undefined> {
    if (own === undefined || pings === undefined || isOff())
      throw new LabRefusal(`${instanceId} is off`, "`sudo npx warden lab status` shows what runs");
    if (silences(what)) cutOff.add(what);
    parts.impair(cutOff.size > 0);
    const undo = await befall(what, place.name, own);
    return undo && (() => recover(what, undo));
  }

  async function recover(what: Misfortune, undo: Undo): Promise<void> {
    await undo();
    cutOff.delete(what);
    if (cutOff.size > 0) return;
    parts.impair(false);
    ping();
    for (const report of unheard.splice(0)) report();
  }

  return {
    instanceId,
    instance,
    metadata,
    befall: suffer,
    async sh(script) {
      if (own === undefined) throw new Error(`${instanceId} has no machine yet`);
      return own.sh(script);
    },
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
      await Promise.all([own?.end() ?? clearMachine(place), parts.files.unmount(place.name)]);
      await last;
      // It may have been made by a boot that was under way.
      await parts.files.unmount(place.name);
    },
  };
}

/** Whether nothing on the machine reaches AWS then, nor EC2's status checks the machine. */
const silences = (what: Misfortune): boolean => what === "power" || what === "network" || what === "freeze";

/** As the SSM agent makes it: parameters are put into the document's own text. */
export function scriptOf({ content, parameters }: Pick<DocumentRun, "content" | "parameters">): string {
  const [step] = readContent(content).steps;
  return (step?.runCommand ?? []).map((line) => substitute(line, parameters)).join("\n");
}
