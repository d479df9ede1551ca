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
import type { Deps, Lane } from "@warden/control";
import type { Policy } from "@warden/fleet";
import { type FunctionName, functions } from "@warden/functions/catalogue";
import { heartbeatHandler } from "@warden/functions/heartbeat";
import { reconcileHandler } from "@warden/functions/reconcile";
import { sweepHandler } from "@warden/functions/sweep";
import { healthySharedParts, type MoodleNode, moodleNode, type NodeCalls, type SharedParts } from "@warden/simulator";
import type { Context } from "aws-lambda";
import { type Clients, clientsOf, type DeployContext } from "./deploy/context.ts";
import { deploy } from "./deploy/deploy.ts";
import type { FleetSettings } from "./deploy/fleet.ts";
import { type Deployment, documentVersionsSchema } from "./deployment.ts";
import { localAssigned, localFleet, localSite, paceOf, type Timing } from "./local-site.ts";
import { depsOf, type Loop } from "./loop.ts";
import { nodeCalls } from "./node-calls.ts";
import { quiescence } from "./quiescence.ts";
import { collectingLog, type LogLine, quietLoop } from "./quiet-loop.ts";
import { functionClient, type Sabotage } from "./sabotage.ts";

export interface VirtualOptions {
  readonly seed?: number;
  readonly desired?: number;
  readonly timing?: Timing;
  readonly fleet?: Partial<FleetSettings>;
  readonly policy?: Partial<Policy>;
  readonly limits?: EmbeddedAwsOptions["limits"];
  readonly eventFaults?: EmbeddedAwsOptions["eventFaults"];
  readonly profileOf?: (instance: Instance) => MachineProfile;
  readonly traffic?: (instanceId: string) => number;
  /** Grants that are not given. */
  readonly without?: (functionName: string, action: string) => boolean;
  /** Where functions die in the middle of their work. */
  readonly sabotage?: Sabotage;
}

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
  /** Mistakes of the embedded AWS itself: a test that ends with one has shown nothing. */
  readonly defects: readonly unknown[];
  stop(): void;
}

/** 2026-01-12, a Monday, at 8:00 UTC. */
const startAt = Date.UTC(2026, 0, 12, 8);

export async function virtualWorld(options: VirtualOptions = {}): Promise<VirtualWorld> {
  const timing = options.timing ?? "quick";
  const pace = paceOf(timing);
  const random = seededRandom(options.seed ?? 1);
  const rest = quiescence(() => launcher.settled());
  const clock = virtualClock({ startAt, settled: rest.settled });
  const launcher = createInProcessLauncher({ clock, handlers });
  const shared: SharedParts = healthySharedParts();
  const machines = new Map<string, ModelledMachine>();
  const calls: CallRecord[] = [];
  const logs: LogLine[] = [];
  const defects: unknown[] = [];
  let deployment: Deployment | undefined;

  const aws = createEmbeddedAws({
    clock,
    random,
    timings: pace.aws,
    agentPace: timing === "aws" ? awsAgentPace : quickAgentPace,
    limits: options.limits ?? "none",
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
        }),
      });
      machines.set(instance.instanceId, machine);
      return machine;
    },
    ...(options.eventFaults !== undefined && { eventFaults: options.eventFaults }),
    observe: (record) => calls.push(record),
    onDefect: (error) => defects.push(error),
  });

  const settings = { ...localFleet(options.desired ?? 2, pace), ...options.fleet };
  const client = (caller: Parameters<typeof clientConfig>[1] = {}) => clientConfig(aws.router, caller);
  const context: DeployContext = {
    stage: "local",
    region: aws.region,
    account: aws.account,
    clients: clientsOf(client()),
  };
  deployment = await rest.track(
    deploy(context, {
      site: localSite,
      fleet: settings,
      policy: { ...pace.policy, ...options.policy },
      assigned: localAssigned,
      code: { bucket: "code", key: (entry) => entry },
      environment: {},
      now: clock.now,
      ...(options.without !== undefined && { without: options.without }),
    }),
  );

  function handlers(functionName: string, variables: Readonly<Record<string, string>>) {
    const found = functions.find((each) => functionName.endsWith(`-${each.name}`));
    if (found === undefined) return undefined;
    const loop = loopOf(found.name, variables, () => aws.lambda.kill(functionName));
    const { trigger } = found;
    if (trigger.kind === "lane") return asHandler(reconcileHandler(trigger.lane, loop));
    return found.entry === "sweep" ? asHandler(sweepHandler(loop)) : asHandler(heartbeatHandler(loop));
  }

  function loopOf(name: FunctionName, variables: Readonly<Record<string, string>>, kill: () => void): Loop {
    const value = (name: string): string => variables[name] ?? "";
    return quietLoop({
      deployment: {
        table: value("WARDEN_TABLE"),
        bus: value("WARDEN_BUS"),
        documentVersions: documentVersionsSchema().parse(JSON.parse(value("WARDEN_DOCUMENT_VERSIONS"))),
        queueUrls: { urgent: value("WARDEN_URGENT_QUEUE"), normal: value("WARDEN_NORMAL_QUEUE") } satisfies Record<
          Lane,
          string
        >,
      },
      client: functionClient(client({ credentials: credentialsIn(variables) }), name, {
        sabotage: options.sabotage,
        kill,
        track: rest.track,
      }),
      pace: unpaced,
      log: collectingLog(logs),
      now: clock.now,
      id: () => random.hex(12),
    });
  }

  function callsOf(instanceId: string, credentials: Parameters<EmbeddedAwsOptions["createHost"]>[2]): NodeCalls {
    return nodeCalls({
      clients: clientsOf(client(credentials === undefined ? {} : { credentials })),
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
    client: client(),
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
    defects,
    stop: () => aws.stop(),
  };
}

const credentialsIn = (variables: Readonly<Record<string, string>>) => ({
  accessKeyId: variables["AWS_ACCESS_KEY_ID"] ?? "",
  secretAccessKey: variables["AWS_SECRET_ACCESS_KEY"] ?? "",
  sessionToken: variables["AWS_SESSION_TOKEN"] ?? "",
});

/** The runtime hands a handler whatever its event source made; no type can vouch for it, here as little as in Lambda. */
function asHandler<Event>(handler: (event: Event, context: Context) => unknown) {
  return (event: unknown, context: Context): unknown => handler(event as Event, context);
}
