/** Performs the moments of a scenario's timeline in a running world. */
import {
  DeleteLifecycleHookCommand,
  DescribeLifecycleHooksCommand,
  PutLifecycleHookCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import { type CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { DisableRuleCommand, EnableRuleCommand } from "@aws-sdk/client-eventbridge";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Random } from "@warden/aws-local";
import { addFreeze, giveOrder, resume, returnRollout, startRollout, stop } from "@warden/control";
import { groupName, instanceId, nodeKey, siteName } from "@warden/fleet";
import type { Breakable, Moment, Recording } from "@warden/simulator";
import { localAssigned, localSite } from "../local-site.ts";
import type { VirtualWorld } from "../virtual.ts";
import type { Misfortune } from "./misfortune.ts";
import { abortUpgrade, beginRelease, madeRelease } from "./releases.ts";

export interface Stage {
  readonly world: VirtualWorld;
  readonly misfortune: Misfortune;
  readonly recording: Recording;
  readonly random: Random;
  readonly cloudWatch: CloudWatchClient;
  /** Something is wrong with this node itself. */
  hurt(node: string, how: "faulty" | "hung" | "died"): void;
  /** All agents are silent from now on, or answer again. */
  silence(silent: boolean): void;
  /** The last letters of those that the fleet is in. */
  readonly zones: readonly string[];
  /** Nodes in service now. */
  inService(): readonly string[];
  /** Bodies of messages that the lanes have seen, for replays. */
  seenMessages(): readonly string[];
}

const site = siteName(localSite);
const group = groupName(localSite);
const operator = { by: "scenario", reason: "the timeline says so" };

export async function perform(moment: Moment, stage: Stage): Promise<void> {
  const { world, recording } = stage;
  const { autoScaling } = world.clients;
  const tell = (text: string): void => recording.add({ kind: "story", text });

  if ("scale" in moment) {
    tell(`scale to ${moment.scale}`);
    await autoScaling.send(
      new SetDesiredCapacityCommand({
        AutoScalingGroupName: localSite,
        DesiredCapacity: moment.scale,
        HonorCooldown: false,
      }),
    );
  } else if ("spot" in moment) {
    for (const node of some(stage, moment.spot.nodes)) {
      tell(`spot interruption of ${node}`);
      recording.add({ kind: "notice", node, notice: "spot" });
      world.aws.faults.interruptSpot(node);
    }
  } else if ("rebalance" in moment) {
    for (const node of some(stage, moment.rebalance.nodes)) {
      tell(`rebalance recommendation for ${node}`);
      recording.add({ kind: "notice", node, notice: "rebalance" });
      world.aws.faults.recommendRebalance(node);
    }
  } else if ("maintenance" in moment) {
    const notBefore = world.clock.now() + moment.maintenance.in;
    for (const node of some(stage, moment.maintenance.nodes)) {
      tell(`maintenance announced for ${node}`);
      recording.add({ kind: "notice", node, notice: "maintenance" });
      world.aws.faults.scheduleMaintenance(node, { code: "system-maintenance", notBefore });
    }
  } else if ("kill" in moment) {
    for (const node of some(stage, moment.kill.nodes)) {
      tell(`${node} dies`);
      die(node, stage);
    }
  } else if ("hang" in moment) {
    for (const node of some(stage, moment.hang.nodes)) {
      tell(`the shared files hang on ${node}`);
      world.machines.get(node)?.software.hang();
      stage.hurt(node, "faulty");
    }
  } else if ("break" in moment) {
    const { what } = moment.break;
    tell(`${what} is down`);
    await setBroken(what, true, stage);
    world.clock.after(moment.break.for, async () => {
      tell(`${what} is back`);
      await setBroken(what, false, stage);
    });
  } else if ("alarm" in moment) {
    tell(`alarm ${moment.alarm.name} is ${moment.alarm.state}`);
    await setAlarm(moment.alarm, stage);
  } else if ("refresh" in moment) {
    tell("instance refresh");
    const Preferences = { MinHealthyPercentage: Math.round(moment.refresh.minHealthy * 100) };
    await autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: localSite, Preferences }));
  } else if ("operator" in moment) {
    await operate(moment.operator, stage, tell);
  } else if ("deploy" in moment) {
    tell(`Warden is deployed, from ${moment.deploy.from} to ${moment.deploy.to}`);
    // New code means new environments: whatever the old ones were doing ends in the middle.
    for (const { name } of Object.values(world.deployment.functions)) world.aws.lambda.kill(name);
  } else if ("push" in moment) {
    await push(moment.push, stage, tell);
  } else if ("withdraw" in moment) {
    await withdraw(stage, tell);
  } else if ("release" in moment) {
    await deployRelease(moment.release, stage, tell);
  } else if ("abort" in moment) {
    const why = await abortUpgrade(world);
    tell(`the upgrade is taken back${why === undefined ? "" : `: not now, ${why}`}`);
  } else if ("hook" in moment) {
    await changeHook(moment.hook, stage, tell);
  } else if ("suspend" in moment) {
    const processes = { AutoScalingGroupName: localSite, ScalingProcesses: [moment.suspend.process] };
    tell(`${moment.suspend.process} is suspended`);
    await autoScaling.send(new SuspendProcessesCommand(processes));
    world.clock.after(moment.suspend.for, async () => {
      tell(`${moment.suspend.process} is resumed`);
      await autoScaling.send(new ResumeProcessesCommand(processes));
    });
  } else {
    tell(`${moment.replay.events} old events are replayed`);
    await replay(moment.replay.events, stage);
  }
}

type HookChange = Extract<Moment, { hook: unknown }>["hook"];

async function changeHook(change: HookChange, { world }: Stage, tell: (text: string) => void): Promise<void> {
  const { autoScaling } = world.clients;
  const hook = {
    AutoScalingGroupName: localSite,
    LifecycleHookName: change.which === "launch" ? "warden-launch" : "warden-terminate",
  };
  const LifecycleTransition = `autoscaling:EC2_INSTANCE_${change.which === "launch" ? "LAUNCHING" : "TERMINATING"}`;
  if ("timeout" in change) {
    tell(`the ${change.which} hook times out after ${change.timeout / 1000} s from now on`);
    const HeartbeatTimeout = change.timeout / 1000;
    await autoScaling.send(new PutLifecycleHookCommand({ ...hook, HeartbeatTimeout }));
    return;
  }
  const { LifecycleHooks: [before] = [] } = await autoScaling.send(
    new DescribeLifecycleHooksCommand({
      AutoScalingGroupName: localSite,
      LifecycleHookNames: [hook.LifecycleHookName],
    }),
  );
  tell(`the ${change.which} hook is deleted`);
  await autoScaling.send(new DeleteLifecycleHookCommand(hook));
  world.clock.after(change.deletedFor, async () => {
    tell(`the ${change.which} hook is back`);
    const { HeartbeatTimeout, DefaultResult } = before ?? {};
    await autoScaling.send(
      new PutLifecycleHookCommand({ ...hook, LifecycleTransition, HeartbeatTimeout, DefaultResult }),
    );
  });
}

function some({ inService, random }: Stage, count: number): string[] {
  const candidates = [...inService()];
  const chosen: string[] = [];
  while (chosen.length < count && candidates.length > 0) {
    chosen.push(...candidates.splice(random.integer(0, candidates.length - 1), 1));
  }
  return chosen;
}

/** Power is lost without a word; EC2's status checks notice. */
function die(node: string, { world, hurt }: Stage): void {
  world.machines.get(node)?.powerOff("kill");
  hurt(node, "died");
  world.aws.faults.impair(node);
}

async function setBroken(what: Breakable, down: boolean, stage: Stage): Promise<void> {
  const { world, misfortune, recording, random, inService } = stage;
  switch (what) {
    case "database":
    case "sessions":
    case "cache":
    case "files":
      world.shared[what] = down ? "down" : "up";
      recording.add({ kind: "shared", part: what, up: !down });
      return;
    case "zone": {
      const zone = `${world.aws.region}${down ? random.pick(stage.zones) : ""}`;
      if (down) {
        world.aws.faults.exhaustCapacity(zone);
        for (const node of inService()) {
          if (world.machines.get(node)?.instance.availabilityZone !== zone) continue;
          die(node, stage);
        }
      } else for (const letter of stage.zones) world.aws.faults.restoreCapacity(`${zone}${letter}`);
      return;
    }
    case "agent":
      stage.silence(down);
      recording.add({ kind: "agents", silent: down });
      for (const machine of world.machines.values()) {
        if (down) machine.switches.freezeAgent();
        else machine.switches.thawAgent();
      }
      return;
    case "events":
      misfortune.eventsDown = down;
      return;
    case "functions":
      misfortune.functionsDown = down;
      return;
    case "sweep":
      for (const Name of world.deployment.schedules.filter((name) => name.includes("sweep"))) {
        await world.clients.events.send(down ? new DisableRuleCommand({ Name }) : new EnableRuleCommand({ Name }));
      }
  }
}

async function setAlarm(
  alarm: { name: string; state: "OK" | "ALARM" | "INSUFFICIENT_DATA" },
  { cloudWatch }: Stage,
): Promise<void> {
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: alarm.name,
      Namespace: "Scenario",
      MetricName: alarm.name,
      Statistic: "Average",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "ignore",
    }),
  );
  await cloudWatch.send(
    new SetAlarmStateCommand({ AlarmName: alarm.name, StateValue: alarm.state, StateReason: "the timeline says so" }),
  );
}

type Operation = Extract<Moment, { operator: unknown }>["operator"];

async function operate(operation: Operation, stage: Stage, tell: (text: string) => void): Promise<void> {
  const { deps, clock } = stage.world;
  if ("stop" in operation) {
    tell("the operator stops Warden");
    await stop(site, operator, deps);
    stage.recording.add({ kind: "switch", stopped: true });
    clock.after(operation.stop, async () => {
      await resume(site, deps);
      stage.recording.add({ kind: "switch", stopped: false });
      tell("the operator lets Warden go on");
    });
    return;
  }
  if ("freeze" in operation) {
    const window = { from: clock.now(), to: clock.now() + operation.freeze };
    await addFreeze(site, window, operator, deps);
    stage.recording.add({ kind: "freeze", until: window.to });
    tell(`the operator freezes the site for ${Math.round(operation.freeze / 60_000)} min`);
    return;
  }
  const verb = "drain" in operation ? "drain" : "replace";
  for (const node of some(stage, 1)) {
    tell(`the operator orders ${verb} of ${node}`);
    stage.recording.add({ kind: "order", node, verb });
    await giveOrder(verb, nodeKey({ site, group, instance: instanceId(node) }), operator, deps);
  }
}

async function push(wanted: "good" | "bad" | "any", stage: Stage, tell: (text: string) => void): Promise<void> {
  const { world, recording, random } = stage;
  const is = wanted === "any" ? (random.chance(0.5) ? "good" : "bad") : wanted;
  const digest = random.hex(64);
  if (is === "bad") world.shared.badConfigurations.add(digest);
  const ordered = await startRollout({ site, group }, { ...localAssigned, digest }, operator, world.deps);
  tell(`a ${is} configuration is pushed: ${ordered.done ? digest.slice(0, 12) : `not now, ${ordered.why}`}`);
  if (ordered.done) recording.add({ kind: "push", digest, is });
}

async function withdraw({ world, recording }: Stage, tell: (text: string) => void): Promise<void> {
  const ordered = await returnRollout({ site, group }, operator, world.deps);
  tell(`the last configuration is taken back${ordered.done ? "" : `: not now, ${ordered.why}`}`);
  if (!ordered.done || ordered.rollout.withdrawn !== undefined) return;
  // It was done already: the one before is rolled out in its place.
  recording.add({ kind: "push", digest: ordered.rollout.candidate.digest, is: "good" });
}

type Deployed = Extract<Moment, { release: unknown }>["release"];

async function deployRelease({ kind, chance }: Deployed, stage: Stage, tell: (text: string) => void): Promise<void> {
  const { world, recording, random } = stage;
  // What never happens draws nothing, so that it changes no run.
  if (chance === 0 || !random.chance(chance)) return;
  const made = madeRelease(kind, world.shared.schema.code, random);
  const { is, release, digest } = made;
  const why = await beginRelease(made, world);
  tell(`a release (${is}) is deployed: ${why === undefined ? release : `not now, ${why}`}`);
  if (why !== undefined) return;
  recording.add(is === "same" ? { kind: "push", digest, is: "good" } : { kind: "release", release, digest, is });
}

async function replay(count: number, { world, random, seenMessages }: Stage): Promise<void> {
  const bodies = seenMessages();
  for (let sent = 0; sent < count && bodies.length > 0; sent++) {
    const lane = random.chance(0.5) ? "urgent" : "normal";
    const MessageBody = random.pick(bodies);
    await world.clients.sqs.send(new SendMessageCommand({ QueueUrl: world.deployment.queues[lane].url, MessageBody }));
  }
}
