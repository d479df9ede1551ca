/**
 * The local site in virtual time, in one process: the same functions, the same embedded AWS, the same modelled nodes,
 * and a clock that moves when told. For tests and, later, simulations.
 */

import { unpaced } from "@warden/aws";
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
import { awsAgentPace, quickAgentPace } from "@warden/aws-local/services/ssm/agents";
import type { CallRecord } from "@warden/aws-local/wire/gate";
import type { Caller } from "@warden/aws-local/wire/in-process";
import { typedTransport } from "@warden/aws-local/wire/typed-transport";
import type { Dependency, Deps, SiteAlarm } from "@warden/control";
import type { Policy } from "@warden/fleet";
import type { FunctionName } from "@warden/functions/catalogue";
import {
  healthySharedParts,
  type MoodleNode,
  moodleNode,
  type NodeCalls,
  type NodeTelling,
  type SharedParts,
} from "@warden/simulator";
import { type CallPoints, passes } from "./call-points.ts";
import { type Clients, clientsOf, type DeployContext } from "./deploy/context.ts";
import { deploy } from "./deploy/deploy.ts";
import type { FleetSettings } from "./deploy/fleet.ts";
import type { Deployment } from "./deployment.ts";
import { inProcessFunctions } from "./in-process-functions.ts";
import { type LocalPace, localAssigned, localFleet, localSite, paceOf, type Timing } from "./local-site.ts";
import { depsOf, type SdkClient } from "./loop.ts";
import { nodeCalls, nodeClients } from "./node-calls.ts";
import { quiescence } from "./quiescence.ts";
import { collectingLog, type LogLine } from "./quiet-loop.ts";

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
    handlers: (name, variables) => handlers(name, variables),
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
  const handlers = inProcessFunctions({
    ...{ clock, random, logs, callPoints, carry, clientFor: client, track: rest.track, sleep: launcher.sleep },
    limited: limits !== "none",
    kill: (functionName) => aws.lambda.kill(functionName),
    mutate: options.mutate,
    around: options.around,
  });
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

/** The account's user. */
const operator: Caller = {};
