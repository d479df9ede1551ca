/**
 * The local world: the embedded AWS on one port of this machine, Warden deployed into it with its functions in child
 * processes behind a Lambda Runtime API, and a site. What is behind its instances comes as an argument: modelled nodes
 * here, real machines in the lab. Loopback only; everything it starts, it ends.
 */
import { fileURLToPath } from "node:url";
import {
  type Clock,
  clientConfig,
  createChildProcessLauncher,
  createEmbeddedAws,
  type EmbeddedAws,
  type EmbeddedAwsOptions,
  listen,
  type Random,
  realClock,
  seededRandom,
} from "@warden/aws-local";
import type { Host } from "@warden/aws-local/region";
import type { EnvironmentLauncher } from "@warden/aws-local/services/lambda/environment";
import { awsAgentPace, quickAgentPace } from "@warden/aws-local/services/ssm/agents";
import type { CallRecord } from "@warden/aws-local/wire/gate";
import type { Dependency } from "@warden/control";
import { functions } from "@warden/functions/catalogue";
import type { SharedParts } from "@warden/simulator";
import { type Bundles, bundleFunctions } from "./bundles.ts";
import { clientsOf, type DeployContext } from "./deploy/context.ts";
import { deploy } from "./deploy/deploy.ts";
import type { FleetSettings } from "./deploy/fleet.ts";
import { makeRecoveryPoints } from "./deploy/recovery-points.ts";
import type { Deployment } from "./deployment.ts";
import { localAlarms, localFleet, localRecovery, paceOf, type Timing } from "./local-site.ts";
import type { ClientOptions } from "./loop.ts";
import { modelledSite } from "./modelled-site.ts";
import { narrate, type StoryLine, type Told } from "./story.ts";
import type { ModelledMachine } from "./virtual.ts";

export type { StoryLine } from "./story.ts";

export interface LocalOptions {
  readonly port: number;
  readonly desired: number;
  /** How many times as fast as real time. */
  readonly speed: number;
  readonly timing: Timing;
  /** The port of the first function's debugger; each further function takes the next one. */
  readonly inspect?: number;
  /** Begun by a caller that has other things to do meanwhile; the world removes them. */
  readonly bundles?: Promise<Bundles>;
  /** URL of a module that the functions' processes load before their code: how a test makes them fail. */
  readonly functionModule?: string;
  readonly fleet?: Partial<FleetSettings>;
  readonly without?: (functionName: string, action: string) => boolean;
  readonly observe?: (record: CallRecord) => void;
  /** Every line that a function prints. */
  readonly log?: (functionName: string, line: string) => void;
}

/** A site that a world is started with: its group has its name. */
export interface WorldSite {
  readonly name: string;
  /** What its nodes must be. */
  readonly assigned: { readonly release: string; readonly digest: string };
  readonly dependencies: readonly Dependency[];
  /** The machine behind an instance. */
  host(parts: HostParts, ...instance: Parameters<EmbeddedAwsOptions["createHost"]>): Host;
  /** Puts there what its nodes fetch; called once Warden is there, and before there is a group. */
  prepare?(context: DeployContext, deployment: Deployment, client: ClientOptions): Promise<void>;
  /** What its nodes run when they first start. */
  userData?(context: DeployContext, deployment: Deployment): string;
}

export interface HostParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly router: EmbeddedAws["router"];
  /** Undefined until Warden is deployed. */
  deployment(): Deployment | undefined;
  tell(told: Told): void;
}

export interface World {
  readonly endpoint: string;
  readonly region: string;
  readonly aws: EmbeddedAws;
  readonly deployment: Deployment;
  readonly defects: readonly unknown[];
  stop(): Promise<void>;
}

export interface LocalWorld extends World {
  /** Where the web page is, once there is one. */
  readonly console: string | undefined;
  readonly machines: ReadonlyMap<string, ModelledMachine>;
  readonly shared: SharedParts;
}

/** @throws the error of Node when the port is taken (`code` is `EADDRINUSE`) */
export async function startLocal(options: LocalOptions, tell: (line: StoryLine) => void): Promise<LocalWorld> {
  const { site, machines, shared } = modelledSite(options.timing);
  return { ...(await startWorld(options, site, tell)), console: undefined, machines, shared };
}

/** @throws as `startLocal` */
export async function startWorld(
  options: LocalOptions,
  site: WorldSite,
  tell: (line: StoryLine) => void,
): Promise<World> {
  const { timing, speed } = options;
  const pace = paceOf(timing);
  const startedAt = Date.now();
  const defects: unknown[] = [];
  const add = (told: Told): void => tell({ ...told, at: clock.now() - startedAt });
  const say = (text: string, tone: StoryLine["tone"] = "step"): void => add({ who: "warden", text, tone });
  const onDefect = (error: unknown): void => {
    defects.push(error);
    say(`a defect of the embedded AWS: ${error instanceof Error ? error.message : String(error)}`, "bad");
  };
  const clock = realClock({ speed, onError: onDefect });
  const random = seededRandom(startedAt);
  const ending: (() => Promise<void> | void)[] = [() => clock.stop()];
  let endpoint = `http://127.0.0.1:${options.port}`;
  let deployment: Deployment | undefined;

  async function stop(): Promise<void> {
    for (const end of ending.splice(0).reverse()) await end();
  }

  try {
    if (options.bundles === undefined) say("bundles the functions");
    const bundles = await (options.bundles ?? bundleFunctions({ readable: options.inspect !== undefined }));
    ending.push(bundles.remove);

    const aws = createEmbeddedAws({
      clock,
      random,
      timings: pace.aws,
      agentPace: timing === "aws" ? awsAgentPace : quickAgentPace,
      limits: "aws",
      endpoint: () => endpoint,
      launcher: launcherFor(options),
      // A function starts in real time, however fast the region's clock runs.
      initTimeout: 10_000 * speed,
      codeStore: (_, key) => {
        const entry = functions.find((each) => each.entry === key)?.entry;
        return entry && { taskRoot: bundles.folderOf(entry), codeSha256: "", codeSize: bundles.sizes[entry] ?? 0 };
      },
      createHost: (...instance) =>
        site.host({ clock, random, router: aws.router, deployment: () => deployment, tell: add }, ...instance),
      ...(options.observe !== undefined && { observe: options.observe }),
      log: (functionName, line) => {
        options.log?.(functionName, line);
        const text = errorIn(line);
        if (text !== undefined) add({ who: functionName, text, tone: "bad" });
      },
      onDefect,
    });
    ending.push(() => aws.stop());

    const server = await listen(aws.router, { port: options.port });
    ending.push(() => server.close());
    endpoint = server.endpoint;
    say(`AWS ${aws.region} answers at ${endpoint}`);

    const clients = clientsOf(clientConfig(aws.router));
    const context: DeployContext = { stage: "local", region: aws.region, account: aws.account, clients };
    deployment = await deploy(context, {
      site: site.name,
      fleet: { ...localFleet(site.name, options.desired, pace), ...options.fleet },
      policy: pace.policy,
      assigned: site.assigned,
      code: { bucket: "code", key: (entry) => entry },
      environment: { AWS_ENDPOINT_URL: endpoint, ...timeVariables(speed, startedAt) },
      now: clock.now,
      debugging: options.inspect !== undefined,
      beforeGroup: async (deployed) => {
        deployment = deployed;
        ending.push(await narrate(clients, clock, deployed.bus, add));
        await site.prepare?.(context, deployed, clientConfig(aws.router));
      },
      dependencies: site.dependencies,
      alarms: localAlarms(site.name),
      ...(site.userData !== undefined && { userData: site.userData }),
      ...(options.without !== undefined && { without: options.without }),
    });
    // Nobody waits for it: only an upgrade asks for recovery points.
    void makeRecoveryPoints(context, clientConfig(aws.router), localRecovery(context), () => {
      return new Promise((resolve) => clock.after(pace.aws.backupCompletion.low, resolve));
    }).catch(onDefect);
    say(
      `deployed: ${functions.length} functions, ${deployment.rules.length} rules, site ${site.name} with ${options.desired} nodes desired`,
      "good",
    );
    return { endpoint, region: aws.region, aws, deployment, defects, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** With a debugger, each environment listens on a port of its own, counted up from the first. */
function launcherFor({ speed, inspect, functionModule }: LocalOptions): EnvironmentLauncher {
  const loaded = [...timeArguments(speed), ...(functionModule === undefined ? [] : ["--import", functionModule])];
  if (inspect === undefined) return createChildProcessLauncher({ execArgv: loaded });
  let port = inspect;
  return {
    launch(specification, observer) {
      const execArgv = [...loaded, "--enable-source-maps", `--inspect=127.0.0.1:${port++}`];
      return createChildProcessLauncher({ execArgv }).launch(specification, observer);
    },
  };
}

/** Functions read the clock of their own process: when local time runs faster, that must, too. */
function timeArguments(speed: number): string[] {
  return speed === 1 ? [] : ["--import", fileURLToPath(new URL("./scaled-time.mjs", import.meta.url))];
}

function timeVariables(speed: number, startedAt: number): Record<string, string> {
  return speed === 1 ? {} : { WARDEN_TIME_SPEED: String(speed), WARDEN_TIME_START: String(startedAt) };
}

/** Functions log JSON; what Lambda itself says of a crash or a time-out is plain text. */
function errorIn(line: string): string | undefined {
  if (/Task timed out|Runtime\.ExitError|Runtime exited/.test(line)) return line;
  if (!line.startsWith("{")) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null || !("level" in entry) || entry.level !== "ERROR") return undefined;
    const message = "message" in entry ? String(entry.message) : "";
    const error = "error" in entry && typeof entry.error === "object" && entry.error !== null ? entry.error : {};
    return "message" in error ? `${message}: ${String(error.message)}` : message;
  } catch {
    return undefined;
  }
}
