/** A stage for tests: Auto Scaling on virtual time, with small recording neighbours. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../src/aws-error.ts";
import { type VirtualClock, virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type {
  Host,
  Instance,
  InstanceMetadata,
  InstanceState,
  ServiceEvent,
  Surroundings,
  TargetHealth,
  TargetState,
  Timings,
} from "../../src/region.ts";
import type { Operations } from "../../src/service.ts";
import { type AutoScaling, createAutoScaling } from "../../src/services/auto-scaling/index.ts";
import { noDelays } from "../../src/timings.ts";

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export const TARGET_GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/moodle/0123456789abcdef";
export const QUEUE = "arn:aws:sqs:eu-west-1:123456789012:hooks";
export const TOPIC = "arn:aws:sns:eu-west-1:123456789012:scaling";

type AllOperations = Required<Operations<typeof sdk>>;

export interface Stage {
  readonly clock: VirtualClock;
  readonly autoScaling: AutoScaling;
  readonly events: (ServiceEvent & { readonly at: number })[];
  readonly messages: { readonly to: string; readonly body: Record<string, unknown>; readonly subject?: string }[];
  readonly metrics: { readonly name: string; readonly value: number }[];
  readonly instances: FakeInstances;
  readonly targets: FakeTargets;
  readonly metadata: Map<string, InstanceMetadata>;
  /** Calls an operation as the wire layer does. */
  call<Name extends keyof AllOperations>(
    name: Name,
    input: Parameters<AllOperations[Name]>[0],
  ): Promise<Awaited<ReturnType<AllOperations[Name]>>>;
  create(more?: Partial<Parameters<AllOperations["CreateAutoScalingGroup"]>[0]>): Promise<void>;
  group(): Promise<sdk.AutoScalingGroup>;
  /** Lifecycle states by instance, oldest first. */
  states(): Promise<string[]>;
  ids(): Promise<string[]>;
  activities(): Promise<sdk.Activity[]>;
  ofType(detailType: string): readonly ServiceEvent[];
  settle(duration?: number): Promise<void>;
}

interface FakeInstances {
  readonly all: Map<string, Instance>;
  readonly impaired: Set<string>;
  /** Zones in which nothing can be launched. */
  readonly fullZones: Set<string>;
  terminate(instanceId: string): void;
  stop(instanceId: string): void;
  /** An instance that no group launched. */
  run(availabilityZone: string): string;
}

interface FakeTargets {
  readonly log: string[];
  readonly health: Map<string, TargetState>;
}

interface StageOptions {
  readonly timings?: Partial<Timings>;
  readonly seed?: number;
  readonly deregistrationDelay?: number;
}

const TIMINGS: Timings = {
  ...noDelays,
  instanceStart: { low: 20_000, high: 20_000 },
  instanceStop: { low: 10_000, high: 10_000 },
};

export function stage(options: StageOptions = {}): Stage {
  const clock = virtualClock({ startAt: Date.UTC(2026, 0, 5, 8) });
  const random = seededRandom(options.seed ?? 1);
  const timings = { ...TIMINGS, ...options.timings };
  const surroundings: Surroundings = { clock, random, region: "eu-west-1", account: "123456789012", timings };
  const metadata = new Map<string, InstanceMetadata>();
  const events: (ServiceEvent & { at: number })[] = [];
  const messages: { to: string; body: Record<string, unknown>; subject?: string }[] = [];
  const metrics: { name: string; value: number }[] = [];

  // ---- EC2 -------------------------------------------------------------------------------------------------------
  const all = new Map<string, Instance>();
  const impaired = new Set<string>();
  const fullZones = new Set<string>();
  const become = (instanceId: string, state: InstanceState): void => {
    const instance = all.get(instanceId);
    if (instance !== undefined && instance.state !== "terminated") all.set(instanceId, { ...instance, state });
  };
  const later = (instanceId: string, now: InstanceState, then: InstanceState, delay: number): void => {
    become(instanceId, now);
    clock.after(delay, () => {
      if (all.get(instanceId)?.state === now) become(instanceId, then);
    });
  };
  const run = (request: Omit<Instance, "instanceId" | "privateIp" | "launchedAt" | "state">): Instance => {
    const instanceId = `i-${random.hex(17)}`;
    const instance: Instance = {
      ...request,
      instanceId,
      privateIp: "10.0.0.1",
      launchedAt: clock.now(),
      state: "pending",
    };
    all.set(instanceId, instance);
    metadata.set(instanceId, {});
    later(instanceId, "pending", "running", timings.instanceStart.low);
    return instance;
  };
  const terminate = (instanceId: string): void =>
    later(instanceId, "shutting-down", "terminated", timings.instanceStop.low);
  const stop = (instanceId: string): void => {
    if (all.get(instanceId)?.state === "running") later(instanceId, "stopping", "stopped", timings.instanceStop.low);
  };

  // ---- ELB -------------------------------------------------------------------------------------------------------
  const targets: FakeTargets = { log: [], health: new Map() };
  const deregistrationDelay = options.deregistrationDelay ?? 300_000;

  const autoScaling = createAutoScaling(surroundings, {
    instances: {
      launch(request) {
        if (fullZones.has(request.availabilityZone)) {
          throw new AwsError("InsufficientInstanceCapacity", "We currently do not have sufficient capacity.", 500);
        }
        return run(request);
      },
      terminate,
      stop,
      start: (instanceId) => later(instanceId, "pending", "running", timings.instanceStart.low),
      find: (instanceId) => all.get(instanceId),
      findByIp: () => undefined,
      setStatusChecks: () => {},
      statusChecks: (instanceId) => (impaired.has(instanceId) ? "impaired" : "ok"),
      onStateChange: () => {},
    },
    launchTemplates: {
      resolve({ id, name, version }) {
        if (name !== undefined && name !== "moodle")
          throw new AwsError("InvalidLaunchTemplateName.NotFoundException", "none");
        return {
          id: id ?? "lt-0123456789abcdef0",
          name: "moodle",
          version: version === undefined || version.startsWith("$") ? "1" : version,
          imageId: "ami-0123456789abcdef0",
          instanceType: "t3.medium",
          userData: undefined,
          roleName: "node",
          spot: false,
          tags: { from: "template" },
        };
      },
    },
    subnets: {
      availabilityZone: (subnetId) => /^subnet-([abc])$/.exec(subnetId)?.[1]?.replace(/^/, "eu-west-1"),
      defaultSubnet: (zone) => `subnet-${zone.slice(-1)}`,
    },
    targetGroups: {
      register(_arn, instanceId) {
        targets.log.push(`register ${instanceId}`);
        targets.health.set(instanceId, "initial");
      },
      deregister(_arn, instanceId) {
        targets.log.push(`deregister ${instanceId}`);
        if (!targets.health.has(instanceId) || targets.health.get(instanceId) === "draining") return;
        targets.health.set(instanceId, "draining");
        clock.after(deregistrationDelay, () => {
          targets.health.delete(instanceId);
        });
      },
      health(_arn, instanceId): TargetHealth | undefined {
        const state = targets.health.get(instanceId);
        return state === undefined ? undefined : { instanceId, port: 80, state };
      },
      exists: (arn) => arn.startsWith(TARGET_GROUP.slice(0, -3)),
      onHealthChange: () => {},
    },
    events: { emit: (event) => events.push({ ...event, at: clock.now() }) },
    metrics: { put: (_namespace, name, value) => metrics.push({ name, value }) },
    queues: {
      deliver(to, body) {
        if (to !== QUEUE) throw new AwsError("AccessDenied", "no", 403);
        messages.push({ to, body: JSON.parse(body) });
      },
      receive: () => [],
      remove: () => {},
      giveBack: () => {},
      onArrival: () => () => {},
    },
    topics: {
      publish(to, { subject, body }) {
        messages.push({ to, body: JSON.parse(body), ...(subject === undefined ? {} : { subject }) });
      },
    },
    hosts: {
      find(instanceId): Host | undefined {
        const found = metadata.get(instanceId);
        return found === undefined ? undefined : fakeHost(instanceId, found);
      },
    },
  });

  const operations = autoScaling.service.operations as unknown as AllOperations;
  const call: Stage["call"] = async (name, input) => {
    // The one place where the name ties input and output together, which TypeScript cannot follow through the union.
    const operation = operations[name] as unknown as (input: unknown, call: unknown) => unknown;
    return (await operation(input, { principal: { kind: "user" }, requestId: "request" })) as never;
  };

  const group = async (): Promise<sdk.AutoScalingGroup> => {
    const { AutoScalingGroups } = await call("DescribeAutoScalingGroups", { AutoScalingGroupNames: ["moodle"] });
    const [found] = AutoScalingGroups ?? [];
    if (found === undefined) throw new Error("the group is gone");
    return found;
  };
  const shown = async (): Promise<sdk.Instance[]> => (await group()).Instances ?? [];

  return {
    clock,
    autoScaling,
    events,
    messages,
    metrics,
    metadata,
    targets,
    instances: {
      all,
      impaired,
      fullZones,
      terminate,
      stop,
      run: (availabilityZone) =>
        run({
          launchTemplate: undefined,
          imageId: "ami-other",
          instanceType: "t3.large",
          availabilityZone,
          subnetId: `subnet-${availabilityZone.slice(-1)}`,
          tags: {},
          userData: undefined,
          roleName: undefined,
          spot: false,
        }).instanceId,
    },
    call,
    async create(more = {}) {
      await call("CreateAutoScalingGroup", {
        AutoScalingGroupName: "moodle",
        LaunchTemplate: { LaunchTemplateName: "moodle", Version: "1" },
        MinSize: 0,
        MaxSize: 10,
        DesiredCapacity: 1,
        VPCZoneIdentifier: "subnet-a,subnet-b",
        ...more,
      });
    },
    group,
    states: async () => (await shown()).map(({ LifecycleState }) => LifecycleState ?? ""),
    ids: async () => (await shown()).map(({ InstanceId }) => InstanceId ?? ""),
    async activities() {
      const answer = await call("DescribeScalingActivities", { AutoScalingGroupName: "moodle" });
      return answer.Activities ?? [];
    },
    ofType: (detailType) => events.filter((event) => event.detailType === detailType),
    settle: (duration = 2 * MINUTE) => clock.advance(duration),
  };
}

function fakeHost(instanceId: string, metadata: InstanceMetadata): Host {
  return {
    instanceId,
    metadata,
    powerOn: () => {},
    powerOff: () => {},
    request: async () => "refused",
    run: () => undefined,
    dispose: () => {},
  };
}

export const LAUNCH_HOOK = {
  LifecycleHookName: "warden-launch",
  LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
  HeartbeatTimeout: 300,
  DefaultResult: "ABANDON",
};

export const TERMINATE_HOOK = {
  LifecycleHookName: "warden-terminate",
  LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  HeartbeatTimeout: 300,
  DefaultResult: "CONTINUE",
};
