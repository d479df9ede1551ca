import { describe, expect, it } from "vitest";
import { virtualClock } from "../../src/clock.ts";
import { accountBuckets, asOf, instanceBuckets, requestBuckets } from "../../src/limits/buckets.ts";
import { createLimits, type LimitsProfile } from "../../src/limits/limits.ts";

function region(profile: LimitsProfile = "aws", name = "eu-west-1") {
  const clock = virtualClock({ startAt: 0 });
  const limits = createLimits(profile, clock, name);
  const admit = (service: string, operation: string, input: object = {}) => limits.admit({ service, operation, input });
  /** How many of the same call are taken at once. */
  const burst = (service: string, operation: string, input: object = {}): number => {
    let taken = 0;
    while (taken < 100_000 && admit(service, operation, input)) taken += 1;
    return taken;
  };
  return { clock, admit, burst };
}

const ids = (count: number) => ({ InstanceIds: Array.from({ length: count }, (_, index) => `i-${index}`) });

describe("EC2 (Request throttling for the Amazon EC2 API)", () => {
  it("gives an unfiltered, unpaginated DescribeInstances 50 tokens, any other 100, from another bucket", () => {
    const { burst } = region();
    expect(burst("ec2", "DescribeInstances")).toBe(50);
    expect(burst("ec2", "DescribeInstances", { MaxResults: 5 })).toBe(100);
    expect(burst("ec2", "DescribeInstances", ids(1))).toBe(0);
  });

  it("takes a token a request and a token an instance; if either is short the whole call fails and spends nothing", async () => {
    const { clock, admit } = region();
    expect(admit("ec2", "RunInstances", { MinCount: 1, MaxCount: 990 })).toBe(true);
    expect(admit("ec2", "RunInstances", { MinCount: 1, MaxCount: 11 })).toBe(false);
    expect(admit("ec2", "RunInstances", { MinCount: 1, MaxCount: 10 })).toBe(true);
    await clock.advance(5000);
    expect(admit("ec2", "RunInstances", { MinCount: 1, MaxCount: 11 })).toBe(false);
    expect(admit("ec2", "RunInstances", { MinCount: 1, MaxCount: 10 })).toBe(true);
  });

  it("takes five RunInstances at once and two more a second", async () => {
    const { clock, burst } = region();
    expect(burst("ec2", "RunInstances", { MaxCount: 1 })).toBe(5);
    await clock.advance(1000);
    expect(burst("ec2", "RunInstances", { MaxCount: 1 })).toBe(2);
  });

  it("counts the instances that a call names", () => {
    const { admit } = region();
    expect(admit("ec2", "TerminateInstances", ids(1000))).toBe(true);
    expect(admit("ec2", "TerminateInstances", ids(1))).toBe(false);
    expect(admit("ec2", "StopInstances", ids(1))).toBe(true);
  });

  it("keeps a bucket for each mutating action", () => {
    const { burst } = region();
    expect(burst("ec2", "CreateLaunchTemplate")).toBe(50);
    expect(burst("ec2", "DeleteLaunchTemplate")).toBe(50);
    expect(burst("ec2", "CreateTags")).toBe(100);
  });
});

it("shares one bucket among all actions of Auto Scaling, describes included (EC2 Auto Scaling API Reference, Welcome)", () => {
  const { burst } = region();
  expect(burst("autoscaling", "DescribeAutoScalingGroups")).toBe(40);
  expect(burst("autoscaling", "CompleteLifecycleAction")).toBe(0);
});

it("shares one bucket among the reads of parameters, and keeps one for each command action (Systems Manager quotas)", () => {
  const { burst } = region();
  expect(burst("ssm", "GetParameter")).toBe(40);
  expect(burst("ssm", "GetParametersByPath")).toBe(0);
  expect(burst("ssm", "SendCommand")).toBe(10);
  expect(burst("ssm", "ListCommandInvocations")).toBe(20);
});

it("bounds all calls to load balancers together, besides each category (Request throttling for the ELB API)", () => {
  const { burst } = region();
  expect(burst("elasticloadbalancing", "RegisterTargets")).toBe(20);
  expect(burst("elasticloadbalancing", "DeregisterTargets")).toBe(0);
  expect(burst("elasticloadbalancing", "DescribeTargetHealth")).toBe(20);
});

it("takes PutEvents by Region (EventBridge quotas)", () => {
  expect(region("aws", "eu-west-1").burst("events", "PutEvents")).toBe(10_000);
  expect(region("aws", "eu-central-1").burst("events", "PutEvents")).toBe(2400);
  expect(region("aws", "il-central-1").burst("events", "PutEvents")).toBe(400);
});

it("does not bound what AWS does not bound, nor anything in the profile `none`", () => {
  const { admit } = region();
  expect(Array.from({ length: 5000 }, () => admit("sqs", "SendMessage")).every(Boolean)).toBe(true);
  const unlimited = region("none");
  expect(Array.from({ length: 5000 }, () => unlimited.admit("autoscaling", "PutLifecycleHook")).every(Boolean)).toBe(
    true,
  );
});

it("fills a bucket no further than its size", async () => {
  const { clock, burst } = region();
  expect(burst("cloudwatch", "DescribeAlarms")).toBe(9);
  await clock.advance(3_600_000);
  expect(burst("cloudwatch", "DescribeAlarms")).toBe(9);
});

it("says of every figure where it comes from, and of every estimate that it is one", () => {
  expect(asOf).toMatch(/^\d{4}-\d{2}$/);
  for (const rule of [...requestBuckets, ...accountBuckets, ...instanceBuckets]) {
    expect(rule.source, JSON.stringify(rule)).not.toBe("");
    expect(rule.capacity).toBeGreaterThan(0);
    expect(rule.refill).toBeGreaterThan(0);
  }
  const estimated = requestBuckets
    .filter(({ mark }) => mark === "E")
    .map(({ service, actions }) => [service, actions[0]]);
  expect(estimated).toEqual([
    ["autoscaling", "*"],
    ["ssm", "SendCommand"],
    ["ssm", "GetCommandInvocation"],
    ["ssm", "ListCommands"],
    ["ssm", "PutInventory"],
    ["elasticache", "Describe*"],
    ["elasticache", "Create*"],
  ]);
});
