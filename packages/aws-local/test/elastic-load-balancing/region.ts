/** A load balancer before instances of EC2 on a virtual clock; each machine answers health checks as a test tells it. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { type VirtualClock, virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type { Host, HostAnswer, Surroundings, TargetHealth, Timings } from "../../src/region.ts";
import { createEc2, type Ec2 } from "../../src/services/ec2/ec2.ts";
import {
  createLoadBalancing,
  type LoadBalancing,
} from "../../src/services/elastic-load-balancing/elastic-load-balancing.ts";
import { noDelays } from "../../src/timings.ts";
import { clientConfig, createRouter } from "../../src/wire/index.ts";

export const INTERVAL = 10_000;
const at = (milliseconds: number) => ({ low: milliseconds, high: milliseconds });

const timings: Timings = { ...noDelays, instanceStart: at(1_000), instanceStop: at(5_000) };

/** What a machine does with a health check: answer now, or later, or never. */
export type Behaviour = (port: number, path: string) => HostAnswer | Promise<HostAnswer>;

export interface Reported {
  readonly name: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface TestRegion {
  readonly clock: VirtualClock;
  readonly ec2: Ec2;
  readonly balancing: LoadBalancing;
  readonly client: ElasticLoadBalancingV2Client;
  readonly metrics: Reported[];
  readonly told: TargetHealth[];
  /** Launches that many instances and waits until they run. */
  running(count: number, zone?: string): Promise<string[]>;
  /** Answers with this status from now on. */
  answer(instanceId: string, status: number): void;
  behave(instanceId: string, behaviour: Behaviour): void;
  /** Checks at every 10 s, with the other settings as AWS has them. */
  targetGroup(settings?: Partial<CreateTargetGroupCommandInput>): Promise<string>;
  /** A load balancer whose listener forwards to the group. */
  listener(targetGroupArn: string): Promise<string>;
  /** State and reason as DescribeTargetHealth shows them; undefined for what it does not list. */
  seen(targetGroupArn: string, instanceId: string): Promise<readonly (string | undefined)[] | undefined>;
}

export function testRegion(overrides: Partial<Timings> = {}): TestRegion {
  const clock = virtualClock({ startAt: Date.parse("2026-03-02T08:00:00Z") });
  const random = seededRandom(5);
  const surroundings: Surroundings = {
    clock,
    random,
    region: "eu-west-1",
    account: "123456789012",
    timings: { ...timings, ...overrides },
  };
  const behaviours = new Map<string, Behaviour>();
  const metrics: Reported[] = [];
  const told: TargetHealth[] = [];
  let listeners = 0;

  const ec2 = createEc2(surroundings, {
    createHost: ({ instanceId }) => testHost(instanceId, behaviours),
    agents: { ping() {}, silence() {} },
    events: { emit() {} },
  });
  const balancing = createLoadBalancing(surroundings, {
    instances: ec2.instances,
    hosts: ec2.hosts,
    subnets: ec2.subnets,
    vpcId: ec2.network.vpc.id,
    metrics: { put: (_namespace, name, value, dimensions) => void metrics.push({ name, value, dimensions }) },
  });
  balancing.targetGroups.onHealthChange((_arn, health) => told.push(health));
  const router = createRouter({
    services: [balancing.service],
    region: "eu-west-1",
    clock,
    random,
    onDefect(error) {
      throw error;
    },
  });
  const client = new ElasticLoadBalancingV2Client(clientConfig(router));

  async function running(count: number, zone = "eu-west-1a"): Promise<string[]> {
    const ids = Array.from({ length: count }, () => {
      const { instanceId } = ec2.instances.launch({
        launchTemplate: undefined,
        imageId: ec2.network.image.id,
        instanceType: "t3.small",
        availabilityZone: zone,
        subnetId: ec2.subnets.defaultSubnet(zone) ?? "",
        tags: {},
        userData: undefined,
        roleName: undefined,
        spot: false,
      });
      behaviours.set(instanceId, () => ({ status: 200, body: "ready" }));
      return instanceId;
    });
    await clock.advance(1_000);
    return ids;
  }

  async function targetGroup(settings: Partial<CreateTargetGroupCommandInput> = {}): Promise<string> {
    const { TargetGroups } = await client.send(
      new CreateTargetGroupCommand({
        Name: "moodle",
        Protocol: "HTTP",
        Port: 80,
        VpcId: ec2.network.vpc.id,
        HealthCheckPath: "/warden/ready",
        HealthCheckIntervalSeconds: INTERVAL / 1000,
        ...settings,
      }),
    );
    return TargetGroups?.[0]?.TargetGroupArn ?? "";
  }

  async function listener(TargetGroupArn: string): Promise<string> {
    const { LoadBalancers } = await client.send(
      new CreateLoadBalancerCommand({
        Name: `moodle-${++listeners}`,
        Subnets: ec2.network.subnets.slice(0, 2).map(({ id }) => id),
      }),
    );
    const { Listeners } = await client.send(
      new CreateListenerCommand({
        LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
        Protocol: "HTTP",
        Port: 80,
        DefaultActions: [{ Type: "forward", TargetGroupArn }],
      }),
    );
    return Listeners?.[0]?.ListenerArn ?? "";
  }

  async function seen(TargetGroupArn: string, instanceId: string) {
    const { TargetHealthDescriptions } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    const found = TargetHealthDescriptions?.find(({ Target }) => Target?.Id === instanceId)?.TargetHealth;
    return found === undefined ? undefined : [found.State, found.Reason];
  }

  return {
    clock,
    ec2,
    balancing,
    client,
    metrics,
    told,
    running,
    answer: (instanceId, status) => void behaviours.set(instanceId, () => ({ status, body: "" })),
    behave: (instanceId, behaviour) => void behaviours.set(instanceId, behaviour),
    targetGroup,
    listener,
    seen,
  };
}

function testHost(instanceId: string, behaviours: ReadonlyMap<string, Behaviour>): Host {
  let on = false;
  return {
    instanceId,
    metadata: {},
    powerOn() {
      on = true;
    },
    powerOff() {
      on = false;
    },
    dispose() {},
    request: async (port, path) => (on ? (behaviours.get(instanceId)?.(port, path) ?? "refused") : "refused"),
    run: () => undefined,
  };
}
