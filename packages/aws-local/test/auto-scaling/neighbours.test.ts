/** Auto Scaling beside the real EC2 and Elastic Load Balancing, over the wire, with the client that everybody uses. */
import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  type Instance,
  RecordLifecycleActionHeartbeatCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type { InstanceMetadata, Surroundings } from "../../src/region.ts";
import { createAutoScaling } from "../../src/services/auto-scaling/index.ts";
import { createEc2 } from "../../src/services/ec2/ec2.ts";
import { createLoadBalancing } from "../../src/services/elastic-load-balancing/elastic-load-balancing.ts";
import { noDelays } from "../../src/timings.ts";
import { clientConfig, createRouter } from "../../src/wire/index.ts";
import { LAUNCH_HOOK, MINUTE, TERMINATE_HOOK } from "./stage.ts";

const AutoScalingGroupName = "moodle";
const at = (milliseconds: number) => ({ low: milliseconds, high: milliseconds });

async function region() {
  const clock = virtualClock({ startAt: Date.UTC(2026, 0, 5, 8) });
  const random = seededRandom(3);
  const timings = { ...noDelays, instanceStart: at(20_000), instanceStop: at(10_000) };
  const surroundings: Surroundings = { clock, random, region: "eu-west-1", account: "123456789012", timings };
  const metadata = new Map<string, InstanceMetadata>();
  const ec2 = createEc2(surroundings, {
    createHost({ instanceId }) {
      const own: InstanceMetadata = {};
      metadata.set(instanceId, own);
      return {
        instanceId,
        metadata: own,
        powerOn() {},
        powerOff() {},
        request: async () => ({ status: 200, body: "ok" }),
        run: () => undefined,
        dispose() {},
      };
    },
    agents: { ping() {}, silence() {} },
    events: { emit() {} },
  });
  const metrics = { put() {} };
  const balancing = createLoadBalancing(surroundings, { ...ec2, metrics, vpcId: ec2.network.vpc.id });
  const autoScaling = createAutoScaling(surroundings, {
    ...ec2,
    targetGroups: balancing.targetGroups,
    metrics,
    events: { emit() {} },
    queues: {
      deliver() {},
      receive: () => [],
      remove() {},
      giveBack() {},
      onArrival: () => () => {},
    },
    topics: { publish() {} },
  });
  const router = createRouter({
    services: [ec2.service, balancing.service, autoScaling.service],
    region: "eu-west-1",
    clock,
    random,
    onDefect(error) {
      throw error;
    },
  });
  const client = new AutoScalingClient(clientConfig(router));
  const balancer = new ElasticLoadBalancingV2Client(clientConfig(router));
  await new EC2Client(clientConfig(router)).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "moodle",
      LaunchTemplateData: { ImageId: ec2.network.image.id, InstanceType: "t3.medium" },
    }),
  );
  const { TargetGroups } = await balancer.send(
    new CreateTargetGroupCommand({ Name: "moodle", Protocol: "HTTP", Port: 80, VpcId: ec2.network.vpc.id }),
  );
  const targetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? "";
  await client.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      LaunchTemplate: { LaunchTemplateName: "moodle", Version: "$Latest" },
      MinSize: 0,
      MaxSize: 4,
      DesiredCapacity: 1,
      AvailabilityZones: ["eu-west-1a"],
      TargetGroupARNs: [targetGroupArn],
      LifecycleHookSpecificationList: [LAUNCH_HOOK, TERMINATE_HOOK],
    }),
  );
  const instances = async (): Promise<Instance[]> => {
    const { AutoScalingGroups } = await client.send(new DescribeAutoScalingGroupsCommand({}));
    return AutoScalingGroups?.[0]?.Instances ?? [];
  };
  const complete = (InstanceId: string | undefined, LifecycleHookName: string) =>
    client.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName,
        LifecycleHookName,
        LifecycleActionResult: "CONTINUE",
        InstanceId,
      }),
    );
  return { clock, ec2, balancing, balancer, client, metadata, targetGroupArn, instances, complete };
}

describe("with real neighbours", () => {
  it("takes an instance from its launch to its end", async () => {
    const { clock, ec2, client, metadata, instances, complete, balancing, targetGroupArn } = await region();
    await clock.advance(MINUTE);
    const [first] = await instances();
    expect(first).toMatchObject({ LifecycleState: "Pending:Wait", InstanceType: "t3.medium" });
    const id = first?.InstanceId ?? "";
    expect(metadata.get(id)?.targetLifecycleState).toBe("InService");
    await complete(id, "warden-launch");
    await clock.advance(MINUTE);
    expect((await instances())[0]?.LifecycleState).toBe("InService");
    expect(balancing.targetGroups.health(targetGroupArn, id)).toBeDefined();
    await client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 0 }));
    // Nothing forwards to the target group, so there is nothing to drain.
    await clock.advance(MINUTE);
    expect((await instances())[0]?.LifecycleState).toBe("Terminating:Wait");
    expect(metadata.get(id)?.targetLifecycleState).toBe("Terminated");
    await complete(id, "warden-terminate");
    await clock.advance(MINUTE);
    expect(await instances()).toEqual([]);
    expect(ec2.instances.find(id)?.state).toBe("terminated");
  });

  it("answers errors by AWS's codes", async () => {
    const { client, clock, instances } = await region();
    await clock.advance(MINUTE);
    const [first] = await instances();
    const beat = new RecordLifecycleActionHeartbeatCommand({
      AutoScalingGroupName,
      LifecycleHookName: "another",
      InstanceId: first?.InstanceId,
    });
    await expect(client.send(beat)).rejects.toMatchObject({
      name: "ValidationError",
      message: `No active Lifecycle Action found with instance ID ${first?.InstanceId}`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it("outlives its target group and instances that end while they wait", async () => {
    const { clock, ec2, balancer, instances, complete, targetGroupArn } = await region();
    await clock.advance(MINUTE);
    const [first] = await instances();
    await complete(first?.InstanceId, "warden-launch");
    ec2.instances.terminate(first?.InstanceId ?? "", "by hand");
    await clock.advance(MINUTE);
    await balancer.send(new DeleteTargetGroupCommand({ TargetGroupArn: targetGroupArn }));
    const [second] = await instances();
    expect(second?.InstanceId).not.toBe(first?.InstanceId);
    await complete(second?.InstanceId, "warden-launch");
    await clock.advance(MINUTE);
    expect((await instances()).map(({ LifecycleState }) => LifecycleState)).toEqual(["InService"]);
  });
});
