/**
 * The local site in virtual time, in one process: the same functions, the same embedded AWS, the same modelled nodes,
 * and a clock that moves when told. For tests and, later, simulations.
 */

import { SNSClient } from "@aws-sdk/client-sns";
import { notificationsPort, paced, unpaced } from "@warden/aws";
import {
  clientConfig,
  createEmbeddedAws,
  createInProcessLauncher,
  createMachine,
  type EmbeddedAws,
  type EmbeddedAwsOptions,
  seededRandom,
  type VirtualClock,
  virtualClock,
} from "@warden/aws-local";
import type { Machine } from "@warden/aws-local/hosts/machine";
import { awsProfile, type MachineProfile, quickProfile } from "@warden/aws-local/hosts/profile";
import type { Instance } from "@warden/aws-local/region";
import { currentInvocation } from "@warden/aws-local/services/lambda/in-process";
import { awsAgentPace, quickAgentPace } from "@warden/aws-local/services/ssm/agents";
import type { CallRecord } from "@warden/aws-local/wire/gate";
import type { Caller } from "@warden/aws-local/wire/in-process";
import { typedTransport } from "@warden/aws-local/wire/typed-transport";
import type { Dependency, Deps, SiteAlarm } from "@warden/control";
import type { Policy } from "@warden/fleet";
import { type FunctionName, functions, type WardenFunction } from "@warden/functions/catalogue";
import { heartbeatHandler } from "@warden/functions/heartbeat";
import { notifyHandler } from "@warden/functions/notify";
import { reconcileHandler } from "@warden/functions/reconcile";
import { sweepHandler } from "@warden/functions/sweep";
import {
  healthySharedParts,
  type MoodleNode,
  moodleNode,
  type NodeCalls,
  type NodeTelling,
  type SharedParts,
} from "@warden/simulator";
import type { Context } from "aws-lambda";
import { addCallPoints, type CallPoints, passes } from "./call-points.ts";
import { type Clients, clientsOf, type DeployContext } from "./deploy/context.ts";
import { deploy } from "./deploy/deploy.ts";
import type { FleetSettings } from "./deploy/fleet.ts";
import { type Deployment, registeredDocumentsSchema } from "./deployment.ts";
import { type LocalPace, localAssigned, localFleet, localSite, paceOf, type Timing } from "./local-site.ts";
import { type DepsOptions, depsOf, type Loop, type Notifier, type SdkClient } from "./loop.ts";
import { nodeCalls, nodeClients } from "./node-calls.ts";
import { quiescence } from "./quiescence.ts";
import { collectingLog, type LogLine, quietLoop, quietTools } from "./quiet-loop.ts";
import { sweepPortsOf } from "./sweep-ports.ts";

export interface VirtualOptions {
  readonly seed?: number;
  readonly desired?: number;
  /** `false`: its group was not given a release yet. */
  readonly released?: false;
  readonly timing?: Timing;
  readonly fleet?: Partial<FleetSettings>;
  readonly policy?: Partial<Policy>;
  readonly dependencies?: readonly Dependency[];
  readonly alarms?: readonly SiteAlarm[];
  readonly limits?: EmbeddedAwsOptions["limits"];
  readonly eventFaults?: EmbeddedAwsOptions["eventFaults"];
  readonly profileOf?: (instance: Instance) => MachineProfile;
  readonly traffic?: (instanceId: string) => number;
  /** Grants that are not given. */
  readonly without?: (functionName: string, action: string) => boolean;
  /** What befalls the calls of functions. */
  readonly callPoints?: CallPoints;
  /** In place of the timing's own. */
  readonly pace?: Partial<LocalPace>;
  /** Milliseconds, for a function's new environment. */
  readonly coldStart?: () => number;
  /** `wire` unless given. */
  readonly transport?: Transport;
  /** Told of each call in place of `calls`, which then stays empty. */
  readonly observe?: (record: CallRecord) => void;
  readonly lifecycleObserver?: EmbeddedAwsOptions["lifecycleObserver"];
  /** Called with each machine before it is powered on. */
  readonly onMachine?: (machine: ModelledMachine) => void;
  /** Told what each node does that nobody else knows of. */
  readonly onTold?: (instanceId: string, telling: NodeTelling) => void;
  /** Takes something away from a function: how a test shows that it is needed. */
  readonly mutate?: (deps: Deps, who: FunctionName) => Deps;
  /** Around each invocation of a function. */
  readonly around?: (name: FunctionName, event: unknown, invocation: () => Promise<unknown>) => Promise<unknown>;
}

/** `wire` sends the SDK's own bytes; `typed` hands objects over in their place: the same calls in a fraction of the time. */
export type Transport = "typed" | "wire";

type Credentials = NonNullable<Parameters<EmbeddedAwsOptions["createHost"]>[2]>;

export type ModelledMachine = Machine<MoodleNode>;

export interface VirtualWorld {
  readonly clock: VirtualClock;
  readonly aws: EmbeddedAws;
  readonly clients: Clients;
  readonly deployment: Deployment;
  /** The loop as an operator reaches it. */
  readonly deps: Deps;
  readonly machines: ReadonlyMap<string, ModelledMachine>;
  readonly shared: SharedParts;
  readonly calls: readonly CallRecord[];
  readonly logs: readonly LogLine[];
  /** What Lambda says of invocations that failed, after the function's name. */
  readonly failures: readonly string[];
  /** Mistakes of the embedded AWS itself: a test that ends with one has shown nothing. */
  readonly defects: readonly unknown[];
  stop(): void;
}

/** 2026-01-12, a Monday, at 8:00 UTC. */
const startAt = Date.UTC(2026, 0, 12, 8);

export async function virtualWorld(options: VirtualOptions = {}): Promise<VirtualWorld> {
  const timing = options.timing ?? "quick";
  const limits = options.limits ?? "none";
  const pace = { ...paceOf(timing), ...options.pace };
  const { callPoints = { fateOf: () => passes } } = options;
  const random = seededRandom(options.seed ?? 1);
  const rest = quiescence(() => launcher.settled());
  const clock = virtualClock({ startAt, settled: rest.settled });
  const launcher = createInProcessLauncher({
    clock,
    handlers,
    ...(options.coldStart !== undefined && { coldStart: options.coldStart }),
  });
  const shared: SharedParts = healthySharedParts(localAssigned.release);
  const machines = new Map<string, ModelledMachine>();
  const calls: CallRecord[] = [];
  const logs: LogLine[] = [];
  const failures: string[] = [];
  const defects: unknown[] = [];
  let deployment: Deployment | undefined;

  const aws = createEmbeddedAws({
    clock,
    random,
    timings: pace.aws,
    agentPace: timing === "aws" ? awsAgentPace : quickAgentPace,
    limits,
    endpoint: () => "http://127.0.0.1:4566",
    launcher,
    // In process the code is at hand: the package only has to be there.
    codeStore: () => ({ taskRoot: "/", codeSha256: "", codeSize: 0 }),
    createHost(instance, agents, credentials) {
      const machine = createMachine({
        clock,
        random,
        instance,
        agents,
        profile: options.profileOf?.(instance) ?? (timing === "aws" ? awsProfile : quickProfile),
        install: moodleNode({
          shared,
          timings: pace.node,
          calls: tracked(callsOf(instance.instanceId, credentials)),
          ...(options.traffic !== undefined && { traffic: options.traffic }),
          onTold: (telling) => options.onTold?.(instance.instanceId, telling),
        }),
      });
      machines.set(instance.instanceId, machine);
      options.onMachine?.(machine);
      return machine;
    },
    ...(options.eventFaults !== undefined && { eventFaults: options.eventFaults }),
    observe: options.observe ?? ((record) => void calls.push(record)),
    ...(options.lifecycleObserver !== undefined && { lifecycleObserver: options.lifecycleObserver }),
    log(functionName, line) {
      if (!/^(START|END|REPORT) /.test(line)) failures.push(`${functionName}: ${line}`);
    },
    onDefect: (error) => defects.push(error),
  });

  const settings = { ...localFleet(localSite, options.desired ?? 2, pace), ...options.fleet };
  const client = (caller: Caller) => ({
    ...clientConfig(aws.router, caller),
    // Nothing is put into a client's stack after its first call, so what the stack comes to need not be found anew.
    cacheMiddleware: true,
  });
  const context: DeployContext = {
    stage: "local",
    region: aws.region,
    account: aws.account,
    clients: clientsOf(client(operator)),
  };
  for (const each of Object.values(context.clients)) carry(each, operator);
  deployment = await rest.track(
    deploy(context, {
      site: localSite,
      fleet: settings,
      policy: { ...pace.policy, ...options.policy },
      ...(options.released !== false && { assigned: localAssigned }),
      code: { bucket: "code", key: (entry) => entry },
      environment: {},
      now: clock.now,
      ...(options.without !== undefined && { without: options.without }),
      ...(options.dependencies !== undefined && { dependencies: options.dependencies }),
      ...(options.alarms !== undefined && { alarms: options.alarms }),
    }),
  );

  function handlers(functionName: string, variables: Readonly<Record<string, string>>) {
    const found = functions.find((each) => functionName.endsWith(`-${each.name}`));
    if (found === undefined) return undefined;
    const own = surroundingsOf(found.name, variables, () => aws.lambda.kill(functionName));
    const handler =
      found.trigger.kind === "own event"
        ? asHandler(notifyHandler(notifierOf(own, variables)))
        : loopHandler(found, { ...own, deployment: deploymentIn(variables) });
    const { around } = options;
    if (around === undefined) return handler;
    return (event: unknown, lambda: Context) => around(found.name, event, async () => handler(event, lambda));
  }

  function loopHandler(found: WardenFunction, own: DepsOptions) {
    const whole = quietLoop(own);
    return handlerOf(found, { ...whole, deps: options.mutate?.(whole.deps, found.name) ?? whole.deps }, own);
  }

  function notifierOf(own: Surroundings, variables: Variables): Notifier {
    const topic = new SNSClient(own.client);
    own.prepare?.(topic);
    const notifications = notificationsPort(topic, variables["WARDEN_TOPIC"] ?? "");
    return { ...quietTools(), stage: variables["WARDEN_STAGE"] ?? "", notifications };
  }

  function surroundingsOf(name: FunctionName, variables: Variables, kill: () => void): Surroundings {
    const caller: Caller = {
      credentials: credentialsIn(variables),
      traceHeader: () => currentInvocation()?.traceHeader,
    };
    return {
      client: client(caller),
      // Paced as on AWS where there is something to keep below.
      pace:
        limits === "none"
          ? unpaced
          : paced(Number(variables["WARDEN_SHARE"]), { now: clock.now, sleep: launcher.sleep }),
      prepare(each) {
        addCallPoints(each, { functionName: name, kill, sleep: launcher.sleep, track: rest.track }, callPoints);
        carry(each, caller);
      },
      log: collectingLog(logs),
      now: clock.now,
      id: () => random.hex(12),
    };
  }

  function carry(each: SdkClient, caller: Caller): void {
    // Every client's stack takes it, each by a type of its own.
    if (options.transport === "typed") each.middlewareStack.use(typedTransport(aws.router, caller) as never);
  }

  function callsOf(instanceId: string, credentials: Credentials | undefined): NodeCalls {
    const caller: Caller = credentials === undefined ? {} : { credentials };
    return nodeCalls({
      clients: nodeClients(client(caller), (each) => carry(each, caller)),
      site: localSite,
      group: localSite,
      launchHook: "warden-launch",
      instanceId,
      urgentQueueUrl: () => deployment?.queues.urgent.url ?? "",
    });
  }

  function tracked(each: NodeCalls): NodeCalls {
    return {
      tell: (message) => rest.track(each.tell(message)),
      lastGood: () => rest.track(each.lastGood()),
      completeLaunch: () => rest.track(each.completeLaunch()),
    };
  }

  const queueUrls = { urgent: deployment.queues.urgent.url, normal: deployment.queues.normal.url };
  const deps = depsOf({
    deployment: { ...deployment, queueUrls },
    client: client(operator),
    prepare: (each) => carry(each, operator),
    pace: unpaced,
    log: collectingLog(logs),
    now: clock.now,
    id: () => random.hex(12),
  });
  return {
    clock,
    aws,
    clients: context.clients,
    deployment,
    deps,
    machines,
    shared,
    calls,
    logs,
    failures,
    defects,
    stop: () => aws.stop(),
  };
}

const credentialsIn = (variables: Readonly<Record<string, string>>) => ({
  accessKeyId: variables["AWS_ACCESS_KEY_ID"] ?? "",
  secretAccessKey: variables["AWS_SECRET_ACCESS_KEY"] ?? "",
  sessionToken: variables["AWS_SESSION_TOKEN"] ?? "",
});

type Variables = Readonly<Record<string, string>>;

/** What a function in this process is made with, whatever it does. */
type Surroundings = Omit<DepsOptions, "deployment">;

function deploymentIn(variables: Variables): DepsOptions["deployment"] {
  const value = (name: string): string => variables[name] ?? "";
  return {
    table: value("WARDEN_TABLE"),
    bus: value("WARDEN_BUS"),
    documents: registeredDocumentsSchema().parse(JSON.parse(value("WARDEN_DOCUMENTS"))),
    queueUrls: { urgent: value("WARDEN_URGENT_QUEUE"), normal: value("WARDEN_NORMAL_QUEUE") },
  };
}

/** The account's user. */
const operator: Caller = {};

function handlerOf({ trigger, entry }: WardenFunction, loop: Loop, own: DepsOptions) {
  if (trigger.kind === "lane") return asHandler(reconcileHandler(trigger.lane, loop));
  return entry === "sweep" ? asHandler(sweepHandler(loop, sweepPortsOf(own))) : asHandler(heartbeatHandler(loop));
}

/** The runtime hands a handler whatever its event source made; no type can vouch for it, here as little as in Lambda. */
function asHandler<Event>(handler: (event: Event, context: Context) => unknown) {
  return (event: unknown, context: Context): unknown => handler(event as Event, context);
}
