/** The two halves together: the embedded ELB decides, under virtual time, and real HAProxy does what it says. */
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { DescribeImagesCommand, DescribeSubnetsCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  clientConfig,
  createEmbeddedAws,
  createInProcessLauncher,
  type EmbeddedAws,
  seededRandom,
  type VirtualClock,
  virtualClock,
} from "@warden/aws-local";
import type { Host, Routing } from "@warden/aws-local/region";
import { noDelays } from "@warden/aws-local/timings";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type BalancerWorld, balancerWorld, type TestTarget } from "./balancer-world.ts";

let world: BalancerWorld;
let aws: EmbeddedAws;
let clock: VirtualClock;
let ec2: EC2Client;
let client: ElasticLoadBalancingV2Client;
let group: string;
/** What each instance answers to the health check. */
let health: Map<string, number>;
/** What stands on loopback for each instance. */
let targets: Map<string, TestTarget>;
/** All that was told until now is done. */
let followed: Promise<void>;

beforeEach(async () => {
  world = await balancerWorld();
  clock = virtualClock({ startAt: Date.parse("2026-03-02T08:00:00Z") });
  health = new Map();
  targets = new Map();
  aws = createEmbeddedAws({
    ...{ clock, random: seededRandom(7), timings: noDelays, limits: "aws", endpoint: () => "http://127.0.0.1:4566" },
    ...{ launcher: createInProcessLauncher({ clock, handlers: () => undefined }), codeStore: () => undefined },
    createHost: ({ instanceId }) => hostOf(instanceId),
    onDefect(error) {
      throw error;
    },
  });
  ec2 = new EC2Client(clientConfig(aws.router));
  client = new ElasticLoadBalancingV2Client(clientConfig(aws.router));
  aws.loadBalancing.followRouting(await listener(), (routing) => {
    followed = world.balancer.follow(onLoopback(routing));
  });
});
afterEach(() => world.end());

function hostOf(instanceId: string): Host {
  return {
    ...{ instanceId, metadata: {}, powerOn() {}, powerOff() {}, dispose() {}, run: () => undefined },
    request: async () => ({ status: health.get(instanceId) ?? 200, body: "" }),
  };
}

async function listener(): Promise<string> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const ids = Subnets.map(({ SubnetId = "" }) => SubnetId);
  const settings = { Name: "moodle", Protocol: "HTTP", Port: 80, HealthCheckIntervalSeconds: 10 } as const;
  const { TargetGroups } = await client.send(new CreateTargetGroupCommand({ ...settings, VpcId: Subnets[0]?.VpcId }));
  const balancer = await client.send(new CreateLoadBalancerCommand({ Name: "moodle", Subnets: ids }));
  group = TargetGroups?.[0]?.TargetGroupArn ?? "";
  const { Listeners } = await client.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn: balancer.LoadBalancers?.[0]?.LoadBalancerArn, Protocol: "HTTP", Port: 80 },
      DefaultActions: [{ Type: "forward", TargetGroupArn: group }],
    }),
  );
  return Listeners?.[0]?.ListenerArn ?? "";
}

const onLoopback = (routing: Routing): Routing =>
  routing.map((each) => ({
    ...each,
    targets: each.targets.map((target) => {
      const { address, port } = targets.get(target.instanceId)?.healthy ?? target;
      return { ...target, address, port };
    }),
  }));

/** An instance, registered and healthy. */
async function serving(name: string, behave?: RequestListener): Promise<string> {
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
  const launch = { ImageId: Images[0]?.ImageId, InstanceType: "t3.small", MinCount: 1, MaxCount: 1 } as const;
  const { Instances = [] } = await ec2.send(new RunInstancesCommand(launch));
  const instanceId = Instances[0]?.InstanceId ?? "";
  targets.set(instanceId, await world.target(name, behave));
  await clock.advance(1_000);
  await client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: instanceId }] }));
  await pass(20_000);
  return instanceId;
}

async function pass(milliseconds: number): Promise<void> {
  await clock.advance(milliseconds);
  await followed;
}

it("a target that is deregistered goes on with what it does for the whole delay, and is cut at its end", async () => {
  expect((await world.ask()).status).toBe(503);
  const leaves = await serving("leaves", (_, response) => response.write("begun"));
  const begun = world.begin("/").end();
  const [answer] = await once(begun, "response");
  const breaksOff = text(answer).then(
    () => "came whole",
    (error) => error.code,
  );
  await serving("stays");
  await client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: leaves }] }));
  await followed;
  expect(await world.answered(3)).toEqual(["stays", "stays", "stays"]);
  await pass(299_000);
  expect(await Promise.race([breaksOff, world.answered(3)])).toEqual(["stays", "stays", "stays"]);
  await pass(1_000);
  expect(await breaksOff).toBe("ECONNRESET");
  expect(await world.answered(3)).toEqual(["stays", "stays", "stays"]);
});

it("requests go to the healthy, and to all once none is healthy", async () => {
  const [one, two] = [await serving("one"), await serving("two")];
  expect((await world.answered(4)).toSorted()).toEqual(["one", "one", "two", "two"]);
  health.set(one, 500);
  await pass(20_000);
  expect(await world.answered(3)).toEqual(["two", "two", "two"]);
  health.set(two, 500);
  await pass(20_000);
  expect((await world.answered(4)).toSorted()).toEqual(["one", "one", "two", "two"]);
});
