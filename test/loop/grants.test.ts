/** Each function may do what it needs, and nothing it does not need: a grant that is missing is named, none is idle. */

import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateTagsCommand } from "@aws-sdk/client-ec2";
import { PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { DeleteRolePolicyCommand } from "@aws-sdk/client-iam";
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { marshall } from "@aws-sdk/util-dynamodb";
import { addFreeze, giveOrder, type Lane, startRollout, startUpgrade } from "@warden/control";
import { rules, wakeBody } from "@warden/events";
import { rolloutKey, upgradeKey } from "@warden/fleet";
import { type FunctionName, functions } from "@warden/functions/catalogue";
import { stageTag } from "@warden/functions/policy";
import { passes } from "@warden/worlds/call-points";
import { localAssigned } from "@warden/worlds/local-site";
import { type VirtualOptions, type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { describe, expect, it } from "vitest";
import {
  desire,
  expectNoDefects,
  group,
  inService,
  keyOf,
  ledger,
  minutes,
  node,
  seconds,
  sendTo,
  site,
  states,
  untilServing,
} from "./site.ts";

/** A story uses some of a function's grants, each at least once. */
interface Story {
  readonly options?: VirtualOptions;
  /** How long it goes on, at most, after it was told. */
  readonly lasts: number;
  tell(world: VirtualWorld): Promise<void>;
}

const operator = { by: "operator", reason: "a test" };

/** All of a lane's work is done by its own function: every event comes to it, nobody else does anything. */
const onlyLane =
  (lane: Lane, then: (world: VirtualWorld) => Promise<void>) =>
  async (world: VirtualWorld): Promise<void> => {
    const { queues } = world.deployment;
    const other = lane === "urgent" ? "normal" : "urgent";
    const { EventSourceMappings = [] } = await world.clients.lambda.send(new ListEventSourceMappingsCommand({}));
    const { UUID } = EventSourceMappings.find((each) => each.EventSourceArn === queues[other].arn) ?? {};
    await world.clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    for (const rule of rules) {
      const Targets = [{ Id: rule.lane, Arn: queues[lane].arn }];
      await world.clients.events.send(new PutTargetsCommand({ Rule: `warden-local-${rule.name}`, Targets }));
    }
    const RoleName = `warden-${world.deployment.stage}-node`;
    await world.clients.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "grants" }));
    world.clock.every(seconds(5), async () => {
      for (const instance of (await states(world)).keys()) {
        await sendTo(world, lane, wakeBody({ key: keyOf(instance), hops: 0, version: 0, alone: false }));
      }
    });
    await then(world);
  };

/** A launch, and at its floor a node that is replaced: everything but what goes wrong. */
const life = (lane: Lane): Story => ({
  options: { desired: 0, fleet: { min: 0 } },
  lasts: minutes(4),
  tell: onlyLane(lane, async (world) => {
    await desire(world, 2);
    await world.clock.advance(seconds(40));
    const [instance] = await inService(world);
    if (instance === undefined) return;
    // Two serve and none may be missed: the replacement has to come first.
    await world.deps.ports.store.putSite({
      ...(await theSite(world)),
      policy: { ...(await theSite(world)).policy, capacityFloor: 2 },
    });
    await world.clock.advance(seconds(65));
    await giveOrder("replace", keyOf(instance), operator, world.deps);
    await sendTo(world, lane, wakeBody({ key: keyOf(instance), hops: 0, version: 0, alone: false }));
  }),
});

async function theSite(world: VirtualWorld) {
  const [found] = await world.deps.ports.store.sites();
  if (found === undefined) throw new Error("there is no site");
  return found;
}

/** The function dies between sending a command and writing down its id. */
const lostCommand = (lane: Lane): Story => {
  let isLost = false;
  return {
    options: {
      desired: 0,
      fleet: { min: 0 },
      callPoints: {
        fateOf({ operation }) {
          if (isLost || operation !== "SendCommand") return passes;
          isLost = true;
          return { kind: "crash", when: "after" };
        },
      },
    },
    lasts: minutes(3),
    tell: onlyLane(lane, (world) => desire(world, 1)),
  };
};

/** A node says more than a list of invocations shows. */
const longAnswer = (lane: Lane): Story => ({
  options: {
    desired: 0,
    fleet: { min: 0 },
    onMachine: (machine) => machine.switches.lie("Warden-Bootstrap", { exitCode: 1, stdout: longOutput, stderr: "" }),
  },
  lasts: minutes(1),
  tell: onlyLane(lane, (world) => desire(world, 1)),
});

const longOutput = JSON.stringify({ v: 1, ok: false, step: "release", message: "x".repeat(3_000) });

/** A new configuration for one node. */
const rollout = (lane: Lane): Story => ({
  options: { desired: 0, fleet: { min: 0 } },
  lasts: minutes(5),
  tell: onlyLane(lane, async (world) => {
    await desire(world, 1);
    await world.clock.advance(seconds(40));
    await startRollout({ site, group }, { ...localAssigned, digest: "b".repeat(64) }, operator, world.deps);
    const body = wakeBody({ key: rolloutKey({ site, group }), hops: 0, version: 0, alone: false });
    world.clock.every(seconds(5), () => sendTo(world, lane, body));
  }),
});

/** A new release that wants its database changed. */
const upgrade = (lane: Lane): Story => ({
  options: { desired: 0, fleet: { min: 0 } },
  lasts: minutes(6),
  tell: onlyLane(lane, async (world) => {
    await desire(world, 1);
    await world.clock.advance(seconds(40));
    const to = { [group]: { release: "moodle-local-2", digest: "b".repeat(64) } };
    await startUpgrade(await theSite(world), { to, recoveryPoints: [] }, operator, world.deps);
    const body = wakeBody({ key: upgradeKey(site), hops: 0, version: 0, alone: false });
    world.clock.every(seconds(5), () => sendTo(world, lane, body));
  }),
});

/**
 * Something for each duty of the sweep: a slot whose owner is gone, a row that nobody published, a node to wake, a last
 * good that somebody changed, a cache to ask about.
 */
const sweeping: Story = {
  options: {
    desired: 1,
    dependencies: [{ part: "cache", service: "elasticache", name: "moodle-cache" }],
    alarms: [{ name: "moodle-cache-cpu", part: "cache" }],
  },
  lasts: minutes(3),
  async tell(world) {
    const unheardOf = "i-00000000000000bad";
    const { store, lastGood } = world.deps.ports;
    await lastGood.publish({ site, group }, { release: "another", digest: "0".repeat(16) });
    await world.clients.dynamodb.send(
      new UpdateItemCommand({
        TableName: world.deployment.table,
        Key: { pk: { S: `group#${site}/${group}` }, sk: { S: "state" } },
        UpdateExpression: "ADD slots :me",
        ExpressionAttributeValues: { ":me": { SS: [unheardOf] } },
      }),
    );
    const entry = { phase: "gone", phaseBefore: "gone", why: "a test", actions: [], evidence: {} };
    await store.note({ v: 1, key: keyOf(unheardOf), at: world.clock.now(), id: "left", kind: "decision", ...entry });
  },
};

/** A peak that begins at once and is over soon: all that is held is given back, also the node that came for it. */
const freezing: Story = {
  options: { desired: 1 },
  lasts: minutes(12),
  async tell(world) {
    await untilServing(world, 1);
    const now = world.clock.now();
    const window = { from: now, to: now + minutes(6), nodes: { [group]: 2 } };
    await addFreeze(site, window, { by: "ann", reason: "exam" }, world.deps);
  },
};

/** A hook that needs a beat, and a beat whose action is over. */
const beating: Story = {
  options: {
    desired: 0,
    fleet: { min: 0, hookTimeout: 180 },
    profileOf: () => ({
      boot: { low: 500, high: 1_000 },
      agentStart: { low: 300, high: 800 },
      pingEvery: 10_000,
      faults: { slowness: 100 },
    }),
  },
  lasts: minutes(3),
  async tell(world) {
    await desire(world, 1);
    const key = keyOf("i-00000000000000bad");
    const action = { group, hook: "warden-launch", instance: "i-00000000000000bad" };
    const due = { hookTimeout: 180_000, nextAt: world.clock.now(), until: world.clock.now() };
    const Item = marshall({ pk: "beats", sk: key, key, action, ...due });
    await world.clients.dynamodb.send(new PutItemCommand({ TableName: world.deployment.table, Item }));
  },
};

/** Something that all nodes share goes down. */
const telling: Story = {
  options: { desired: 2, policy: { verifyEvery: minutes(1) } },
  lasts: minutes(4),
  async tell(world) {
    await untilServing(world, 2);
    world.shared.cache = "down";
  },
};

function storyFor(name: FunctionName, action: string): Story {
  if (name === "sweep") return ofFreezes.has(action) ? freezing : sweeping;
  if (name === "heartbeat") return beating;
  if (name === "notify") return telling;
  const lane = name === "reconcile-urgent" ? "urgent" : "normal";
  if (action === "ssm:ListCommands") return lostCommand(lane);
  if (action === "ssm:GetCommandInvocation") return longAnswer(lane);
  if (ofRollouts.has(action)) return rollout(lane);
  if (action.endsWith("Processes")) return upgrade(lane);
  return life(lane);
}

const ofFreezes: ReadonlySet<string> = new Set(
  ["ResumeProcesses", "SetDesiredCapacity", "SetInstanceProtection", "SuspendProcesses", "UpdateAutoScalingGroup"].map(
    (action) => `autoscaling:${action}`,
  ),
);
const ofRollouts: ReadonlySet<string> = new Set(["dynamodb:GetItem", "ssm:GetParameter", "ssm:PutParameter"]);

describe.for(functions)("$name", ({ name, grants }) => {
  it("is denied nothing with all its grants", async () => {
    const stories = new Set(grants.map(({ action }) => storyFor(name, action)));
    for (const story of distinct(stories)) {
      const world = await virtualWorld(story.options);
      await story.tell(world);
      await world.clock.advance(story.lasts);
      expect(await denials(world)).toEqual([]);
      expectNoDefects(world);
      world.stop();
    }
  });

  it.for(grants.map(({ action }) => action))("names %s when that grant is missing", async (action) => {
    const story = storyFor(name, action);
    const without = (of: string, missing: string): boolean => of === name && missing === action;
    let world: VirtualWorld;
    try {
      world = await virtualWorld({ ...story.options, without });
    } catch (error) {
      // Lambda refuses a mapping whose function may not read the queue.
      expect(String(error)).toContain(`permissions to call ${action.split(":")[1]} on SQS`);
      return;
    }
    await story.tell(world);
    const giveUpAt = world.clock.now() + story.lasts;
    let denied = await denials(world);
    while (denied.length === 0 && world.clock.now() < giveUpAt) {
      await world.clock.advance(seconds(5));
      denied = await denials(world);
    }
    expect([...new Set(denied)]).toEqual([action]);
    expectNoDefects(world);
    world.stop();
  });
});

/** One story of each kind. */
function distinct(stories: Iterable<Story>): Story[] {
  const byShape = new Map<string, Story>();
  for (const story of stories) byShape.set(`${story.lasts} ${JSON.stringify(story.options)}`, story);
  return [...byShape.values()];
}

/** The actions that functions were denied, from what they logged and what Lambda said of their failures. */
async function denials(world: VirtualWorld): Promise<string[]> {
  const logged = world.logs.map(({ details }) => {
    const error = details["error"];
    return error instanceof Error ? error.message : "";
  });
  return [...logged, ...world.failures].flatMap((text) => {
    const action = /is not authorized to perform: ([\w-]+:\w+)/.exec(text)?.[1];
    return action === undefined ? [] : [action];
  });
}

it("runs commands on nodes of its own stage alone, which is told where people look", async () => {
  const world = await virtualWorld({ desired: 2, policy: { verifyEvery: minutes(2) } });
  await untilServing(world, 2);
  const [foreign = "", own = ""] = await inService(world);
  const Tags = [{ Key: stageTag, Value: "another" }];
  await world.clients.ec2.send(new CreateTagsCommand({ Resources: [foreign], Tags }));
  await world.clock.advance(minutes(6));
  const refusal = new RegExp(`not authorized to perform: ssm:SendCommand on resource: .*instance/${foreign} `);
  expect((await ledger(world, foreign)).some(({ why }) => refusal.test(why))).toBe(true);
  // Where both are asked in one call, only the other one is lost.
  expect((await ledger(world, own)).filter(({ kind }) => kind === "denied")).toEqual([]);
  expect((await node(world, own)).record.verified?.at).toBeGreaterThan(world.clock.now() - minutes(3));
  expectNoDefects(world);
  world.stop();
});
