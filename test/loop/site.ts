/** How the tests of the loop look at a site and ask things of it: through AWS's own operations and Warden's table. */
import {
  type Activity,
  DescribeAutoScalingGroupsCommand,
  paginateDescribeScalingActivities,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { paginateScan } from "@aws-sdk/client-dynamodb";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Lane, LedgerEntry, StoredNode } from "@warden/control";
import { groupName, instanceId, type NodeKey, nodeKey, siteName } from "@warden/fleet";
import type { VirtualWorld } from "@warden/worlds/virtual";
import { expect } from "vitest";

/** What both worlds have. */
export type World = Pick<VirtualWorld, "clients" | "deps" | "deployment" | "machines" | "defects">;

/** Who only asks Auto Scaling. */
type Asking = { readonly clients: Pick<World["clients"], "autoScaling"> };

export const site = siteName("moodle");
export const group = groupName("moodle");
export const AutoScalingGroupName = "moodle";

export const seconds = (count: number): number => count * 1000;
export const minutes = (count: number): number => count * 60_000;

export const keyOf = (instance: string): NodeKey => nodeKey({ site, group, instance: instanceId(instance) });

// ---- Auto Scaling and the load balancer -----------------------------------------------------------------------------

export async function desire(world: Asking, DesiredCapacity: number): Promise<void> {
  await world.clients.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
}

/** Lifecycle states of the group's instances, by instance id. */
export async function states(world: Asking): Promise<Map<string, string>> {
  const answer = await world.clients.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  const instances = answer.AutoScalingGroups?.[0]?.Instances ?? [];
  return new Map(instances.map((each) => [each.InstanceId ?? "", each.LifecycleState ?? ""]));
}

export async function inService(world: Asking): Promise<string[]> {
  return [...(await states(world))].filter(([, state]) => state === "InService").map(([id]) => id);
}

/** Target health as the load balancer shows it, by instance id. */
export async function targets(world: Pick<World, "clients" | "deployment">): Promise<Map<string, string>> {
  const TargetGroupArn = world.deployment.resources["target groups"]?.[0] ?? "";
  const answer = await world.clients.loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return new Map(
    (answer.TargetHealthDescriptions ?? []).map((each) => [each.Target?.Id ?? "", each.TargetHealth?.State ?? ""]),
  );
}

export async function activities(world: Asking): Promise<Activity[]> {
  const found: Activity[] = [];
  const pages = paginateDescribeScalingActivities({ client: world.clients.autoScaling }, { AutoScalingGroupName });
  for await (const page of pages) found.push(...(page.Activities ?? []));
  return found;
}

// ---- Warden's memory ------------------------------------------------------------------------------------------------

export const nodes = (world: Pick<World, "deps">): Promise<readonly StoredNode[]> =>
  world.deps.ports.store.nodesOf(site, group);

export async function node(world: Pick<World, "deps">, instance: string): Promise<StoredNode> {
  const found = (await nodes(world)).find((each) => each.record.instance === instance);
  if (found === undefined) throw new Error(`Warden knows no node ${instance}`);
  return found;
}

export const phaseOf = async (world: Pick<World, "deps">, instance: string): Promise<string> =>
  (await nodes(world)).find((each) => each.record.instance === instance)?.record.phase.name ?? "unknown";

/** Newest first. */
export const ledger = (world: Pick<World, "deps">, instance: string): Promise<readonly LedgerEntry[]> =>
  world.deps.ports.store.ledger(keyOf(instance), 100);

/** Every item of the table, in a stable order. */
export async function table(world: Pick<World, "clients" | "deployment">): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for await (const page of paginateScan({ client: world.clients.dynamodb }, { TableName: world.deployment.table })) {
    items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
  }
  return items.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

const placeOf = (item: Record<string, unknown>): string => `${String(item["pk"])}\n${String(item["sk"])}`;

// ---- Events and messages --------------------------------------------------------------------------------------------

/** Hears a bus as anybody could. @returns what gives the bodies of all events heard so far */
export async function listen(
  world: Pick<World, "clients">,
  EventBusName: string,
  pattern: object,
): Promise<() => Promise<string[]>> {
  const { sqs, events } = world.clients;
  const name = "listener";
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const Arn = answer.Attributes?.["QueueArn"] ?? "";
  const allow = { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage" };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ ...allow, Resource: Arn }] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await events.send(new PutRuleCommand({ Name: name, EventBusName, EventPattern: JSON.stringify(pattern) }));
  await events.send(new PutTargetsCommand({ Rule: name, EventBusName, Targets: [{ Id: name, Arn }] }));

  const heard: string[] = [];
  return async () => {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
      );
      if (Messages.length === 0) return [...heard];
      heard.push(...Messages.map(({ Body = "" }) => Body));
    }
  };
}

export async function sendTo(world: Pick<World, "clients" | "deployment">, lane: Lane, body: string): Promise<void> {
  const QueueUrl = world.deployment.queues[lane].url;
  await world.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

// ---- Waiting and judging --------------------------------------------------------------------------------------------

/** Lets time pass until exactly so many instances are in the group, all in service and known to Warden as such. */
export async function untilServing(world: VirtualWorld, count: number, limit = minutes(5), every = 500): Promise<void> {
  const isServing = async (): Promise<boolean> => {
    const current = await states(world);
    if (current.size !== count || ![...current.values()].every((state) => state === "InService")) return false;
    const known = new Map((await nodes(world)).map(({ record }) => [String(record.instance), record.phase.name]));
    for (const instance of current.keys()) if (known.get(instance) !== "in-service") return false;
    return [...known].every(([instance, phase]) => current.has(instance) || phase === "gone");
  };
  await until(world, limit, isServing, every);
}

/** Looks every so many milliseconds of virtual time; a failure shows how things stood. */
export async function until(
  world: VirtualWorld,
  limit: number,
  holds: () => Promise<boolean>,
  every = 500,
): Promise<void> {
  const giveUpAt = world.clock.now() + limit;
  while (!(await holds())) {
    if (world.clock.now() >= giveUpAt) throw new Error(`not within ${limit / 1000} s: ${await picture(world)}`);
    await world.clock.advance(every);
  }
}

async function picture(world: World): Promise<string> {
  const known = (await nodes(world)).map(({ record, why }) => `${record.instance} ${record.phase.name}: ${why}`);
  const real = [...(await states(world))].map(([instance, state]) => `${instance} ${state}`);
  return `\n${[...real, ...known].join("\n")}`;
}

/**
 * The site is as it should be: all in service, each verified for what it must be and ready, each explained by the
 * newest row of the ledger, nothing left over in queues, and no mistake of the embedded AWS on the way.
 */
export async function expectWell(
  world: World,
  count: number,
  allowed: { readonly deadLetters?: "any" } = {},
): Promise<void> {
  const current = await states(world);
  expect([...current.values()]).toEqual(Array.from({ length: count }, () => "InService"));
  for (const instance of current.keys()) {
    const { record, why } = await node(world, instance);
    expect(record.phase.name).toBe("in-service");
    expect(record.verified).toMatchObject({ release: "moodle-local-1", digest: "10ca1000c0ffee00" });
    expect(world.machines.get(instance)?.software.isReady()).toBe(true);
    const [newest] = await ledger(world, instance);
    expect(newest).toMatchObject({ phase: "in-service", why });
  }
  if (allowed.deadLetters === undefined) expect(await deadLetters(world)).toBe(0);
  expectNoDefects(world);
}

export function expectNoDefects(world: Pick<World, "defects">): void {
  expect(world.defects).toEqual([]);
}

/** Messages in both dead-letter queues. */
export async function deadLetters(world: Pick<World, "clients" | "deployment">): Promise<number> {
  let count = 0;
  for (const { dlqUrl } of Object.values(world.deployment.queues)) {
    const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const { Attributes } = await world.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: dlqUrl, AttributeNames: [...AttributeNames] }),
    );
    for (const name of AttributeNames) count += Number(Attributes?.[name] ?? 0);
  }
  return count;
}

/** Lifecycle actions that nobody answered in time, as Auto Scaling's activities tell it. */
export async function expired(world: Asking): Promise<string[]> {
  const told = (await activities(world)).map((each) => `${each.Description} ${each.StatusMessage ?? ""}`);
  return told.filter((text) => /Heartbeat Timeout/.test(text));
}

/** Calls of functions that change something on AWS, by `service:Operation`. */
export function actionsOf(world: Pick<VirtualWorld, "calls">, since = 0): string[] {
  return world.calls
    .slice(since)
    .filter((call) => call.principal?.kind === "role" && call.errorCode === undefined)
    .map((call) => `${call.service}:${call.operation}`)
    .filter((name) => changing.has(name));
}

const changing: ReadonlySet<string> = new Set([
  "autoscaling:CompleteLifecycleAction",
  "autoscaling:SetDesiredCapacity",
  "autoscaling:TerminateInstanceInAutoScalingGroup",
  "elasticloadbalancing:DeregisterTargets",
  "ssm:SendCommand",
]);
