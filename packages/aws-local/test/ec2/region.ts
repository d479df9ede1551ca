/** EC2 on a virtual clock, asked over its own wire, with machines that only remember what was done to them. */
import { EC2Client, RunInstancesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { type VirtualClock, virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type {
  Host,
  Instance,
  InstanceMetadata,
  InstanceState,
  ServiceEvent,
  Surroundings,
  Timings,
} from "../../src/region.ts";
import { createEc2, type Ec2 } from "../../src/services/ec2/ec2.ts";
import { noDelays } from "../../src/timings.ts";
import { clientConfig, createRouter } from "../../src/wire/index.ts";

export const startAt = Date.parse("2026-03-02T08:00:00Z");
export const START = 12_000;
export const STOP = 30_000;
const at = (milliseconds: number) => ({ low: milliseconds, high: milliseconds });

const timings: Timings = { ...noDelays, instanceStart: at(START), instanceStop: at(STOP) };

export interface TestHost extends Host {
  /** What was done to it, in order. */
  readonly deeds: string[];
}

export interface TestRegion {
  readonly clock: VirtualClock;
  readonly surroundings: Surroundings;
  readonly ec2: Ec2;
  readonly client: EC2Client;
  readonly events: ServiceEvent[];
  readonly changes: { readonly instanceId: string; readonly from: InstanceState; readonly to: InstanceState }[];
  host(instanceId: string): TestHost;
  /** Runs one instance and waits for it; gives its id. */
  running(request?: Partial<RunInstancesCommandInput>): Promise<string>;
  /** As Auto Scaling launches: at once and without the wire. */
  launch(request?: { zone?: string; tags?: Record<string, string>; spot?: boolean }): Instance;
}

export function testRegion(): TestRegion {
  const clock = virtualClock({ startAt });
  const random = seededRandom(11);
  const surroundings: Surroundings = { clock, random, region: "eu-west-1", account: "123456789012", timings };
  const events: ServiceEvent[] = [];
  const hosts = new Map<string, TestHost>();
  const changes: { instanceId: string; from: InstanceState; to: InstanceState }[] = [];

  const ec2 = createEc2(surroundings, {
    createHost(instance) {
      const host = testHost(instance.instanceId);
      hosts.set(instance.instanceId, host);
      return host;
    },
    agents: { ping() {}, silence() {} },
    events: { emit: (event) => void events.push(event) },
  });
  ec2.instances.onStateChange(({ instanceId, state }, from) => changes.push({ instanceId, from, to: state }));
  const router = createRouter({
    services: [ec2.service],
    region: "eu-west-1",
    clock,
    random,
    onDefect(error) {
      throw error;
    },
  });
  const client = new EC2Client(clientConfig(router));

  async function running(request: Partial<RunInstancesCommandInput> = {}): Promise<string> {
    const input = { ImageId: ec2.network.image.id, InstanceType: "t3.small", MinCount: 1, MaxCount: 1 } as const;
    const { Instances: launched } = await client.send(new RunInstancesCommand({ ...input, ...request }));
    await clock.advance(START);
    return launched?.[0]?.InstanceId ?? "";
  }

  return {
    clock,
    surroundings,
    ec2,
    client,
    events,
    changes,
    running,
    host(instanceId) {
      const host = hosts.get(instanceId);
      if (host === undefined) throw new Error(`no machine ${instanceId}`);
      return host;
    },
    launch({ zone = "eu-west-1a", tags = {}, spot = false } = {}) {
      return ec2.instances.launch({
        launchTemplate: undefined,
        imageId: ec2.network.image.id,
        instanceType: "t3.small",
        availabilityZone: zone,
        subnetId: ec2.subnets.defaultSubnet(zone) ?? "",
        tags,
        userData: undefined,
        roleName: "moodle-node",
        spot,
      });
    },
  };
}

function testHost(instanceId: string): TestHost {
  const deeds: string[] = [];
  const metadata: InstanceMetadata = {};
  return {
    instanceId,
    metadata,
    deeds,
    powerOn: () => void deeds.push("on"),
    powerOff: (how) => void deeds.push(how),
    dispose: () => void deeds.push("disposed"),
    request: async () => "refused",
    run: () => undefined,
  };
}
