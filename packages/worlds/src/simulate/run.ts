/** One run of a scenario from one seed: sets the stage, lets the story happen, and comes to rest. */
import { SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { clientConfig, quickTimings, seededRandom } from "@warden/aws-local";
import type { MachineProfile } from "@warden/aws-local/hosts/profile";
import type { Policy } from "@warden/fleet";
import {
  awsNode,
  type BilledUnits,
  createRecording,
  type FunctionUse,
  type NodeTimings,
  type Recording,
  requestsInFlight,
  type Scenario,
} from "@warden/simulator";
import { localSite } from "../local-site.ts";
import {
  type ModelledMachine,
  type Transport,
  type VirtualOptions,
  type VirtualWorld,
  virtualWorld,
} from "../virtual.ts";
import { createFunctionMeter, type FunctionMeter } from "./function-meter.ts";
import { type Misfortune, misfortuneOf } from "./misfortune.ts";
import { countRequests, usersOf } from "./requests.ts";
import { scheduleTasks } from "./scheduled-tasks.ts";
import { createTaps, type Taps } from "./taps.ts";
import { perform, type Stage } from "./timeline.ts";

export interface RunSettings {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly transport: Transport;
  /** In place of Warden's defaults; the scenario says the rest. */
  readonly policy?: Partial<Policy> | undefined;
  /** Warden with something taken away. */
  readonly mutant?: Mutant | undefined;
  /** Called with the recording before the first fact of the story. */
  readonly watch?: (recording: Recording, startedAt: number) => void;
}

/** How a test shows that a part is needed: Warden's functions, or the nodes' watcher, without it. */
export interface Mutant {
  readonly functions?: VirtualOptions["mutate"];
  readonly node?: Partial<NodeTimings>;
}

export interface Ran {
  readonly recording: Recording;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Calls of Warden's functions while the story went on, by `service:Operation`. */
  readonly calls: ReadonlyMap<string, number>;
  readonly functions: Readonly<Record<string, FunctionUse>>;
  readonly requests: { readonly served: number; readonly failed: number };
  readonly units: BilledUnits;
  readonly ownShare: { readonly seconds: readonly number[]; readonly lowerBound: number };
  /** When everything had come to rest after the story. */
  readonly settledAt: number;
  /** Mistakes of the embedded AWS itself: such a run has shown nothing. */
  readonly defects: readonly unknown[];
}

/**
 * After the story: everything is whole again, and this long is given to come to rest. A node that hangs is given up
 * after the launch budget of 15 minutes, its evidence is waited for, and then its replacement has to come.
 */
export const restTime = 30 * 60_000;

export async function run(settings: RunSettings): Promise<Ran> {
  const { scenario, seed } = settings;
  const random = seededRandom(seed);
  let now = (): number => 0;
  const recording = createRecording(() => now());
  const taps = createTaps(recording, () => now());
  const meter = createFunctionMeter(recording, () => now());
  const misfortune = misfortuneOf(scenario, random, ({ detailType, detail }) => {
    const node = detail["EC2InstanceId"] ?? detail["instance-id"];
    recording.add({ kind: "event-lost", detailType, node: typeof node === "string" ? node : undefined });
  });
  let startedAt = Number.NaN;
  const users = usersOf(scenario);
  const inService = trackInService(recording);

  const world = await virtualWorld({
    ...optionsFor(settings, misfortune, taps, meter),
    // The load balancer sends nothing to a node that it does not hold for healthy.
    traffic: (node) => (serves(world, node) ? requestsInFlight(users(now() - startedAt), inService.size) : 0),
    onTold: (node, telling) => recording.add({ node, ...telling }),
    onMachine(machine) {
      taps.watchDocuments(machine);
      if (!misfortune.enabled) return;
      const { switches } = machine;
      if (random.chance(scenario.hosts.hang)) {
        switches.hangDocuments(true);
        taps.hurt(machine.instanceId, "hung");
      }
      if (random.chance(scenario.hosts.failBootstrap)) {
        switches.failNext("Warden-Bootstrap");
        taps.hurt(machine.instanceId, "faulty");
      }
      if (random.chance(scenario.hosts.drift)) driftLater(machine);
    },
  });
  if (scenario.fleet.site === "empty") world.shared.schema.code = undefined;
  now = world.clock.now;
  taps.listenTo(world);

  /** Somebody changes a file of its configuration, as long as the story goes on. */
  function driftLater({ software, instanceId }: ModelledMachine): void {
    world.clock.after(driftAfter.low + random.next() * (driftAfter.high - driftAfter.low), () => {
      if (!misfortune.enabled || !software.isReady()) return;
      recording.add({ kind: "story", text: `somebody changes config.php on ${instanceId}` });
      software.state.faults.add("drift");
    });
  }

  scheduleTasks(world, random);

  if (scenario.fleet.start === "settled") await settle(world, inService, scenario.fleet.desired);
  taps.reset();
  meter.reset();
  startedAt = now();
  const requests = countRequests(world, inService, (at) => users(at - startedAt));
  settings.watch?.(recording, startedAt);
  misfortune.enabled = true;
  if (scenario.fleet.start === "empty") await desire(world, scenario.fleet.desired);

  const stage: Stage = {
    world,
    misfortune,
    recording,
    random,
    cloudWatch: new CloudWatchClient(clientConfig(world.aws.router)),
    hurt: taps.hurt,
    silence: taps.silence,
    zones: ["a", "b", "c"].slice(0, scenario.fleet.zones),
    inService: () => [...inService],
    seenMessages: () => meter.seenMessages,
  };
  for (const moment of scenario.timeline) world.clock.after(moment.at, () => perform(moment, stage));
  await world.clock.advance(scenario.for);
  const endedAt = now();
  const figures = {
    calls: new Map(taps.calls),
    functions: meter.total(),
    requests: requests.count(recording),
    units: taps.units(meter.total()),
    ownShare: taps.ownShare(),
  };

  misfortune.enabled = false;
  await world.clock.advance(restTime);
  recording.add(taps.final());
  world.stop();
  return { recording, startedAt, endedAt, settledAt: now(), ...figures, defects: world.defects };
}

function optionsFor(
  { scenario, seed, transport, mutant, policy }: RunSettings,
  misfortune: Misfortune,
  taps: Taps,
  meter: FunctionMeter,
): VirtualOptions {
  const { fleet, hosts, events, api, functions } = scenario;
  const profile: MachineProfile = { boot: hosts.boot, agentStart: hosts.agent, pingEvery: 60_000, faults: {} };
  const aws = {
    ...quickTimings,
    instanceStart: { low: 5_000, high: 20_000 },
    instanceStop: { low: 10_000, high: 40_000 },
    eventDelivery: events.delay,
    commandDelivery: { low: 500, high: 3_000 },
    commandVisible: { low: 500, high: 2_500 },
    groupPass: 5_000,
    staleReads: api.stale,
  };
  return {
    seed,
    timing: "aws",
    desired: fleet.start === "settled" ? fleet.desired : 0,
    fleet: {
      min: fleet.start === "settled" ? fleet.min : 0,
      max: fleet.max,
      hookTimeout: fleet.hookTimeout / 1000,
      deregistrationDelay: fleet.deregistrationDelay / 1000,
      healthCheckInterval: 15,
      zones: fleet.zones,
      spot: scenario.timeline.some((moment) => "spot" in moment || "rebalance" in moment),
    },
    policy: { ...policy, disruptionBudget: fleet.budget, capacityFloor: Math.min(fleet.min, fleet.desired) },
    pace: { aws, node: { ...awsNode, bootstrap: hosts.bootstrap, verify: hosts.verify, ...mutant?.node } },
    profileOf: () => profile,
    limits: "aws",
    eventFaults: misfortune.eventFaults,
    coldStart: () => functions.coldStart,
    transport,
    callPoints: misfortune.callPoints,
    observe: taps.observe,
    lifecycleObserver: taps.lifecycleObserver,
    around: meter.around,
    ...(mutant?.functions !== undefined && { mutate: mutant.functions }),
  };
}

function serves(world: VirtualWorld, node: string): boolean {
  const groups = world.deployment.resources["target groups"] ?? [];
  return groups.some((arn) => world.aws.loadBalancing.serving(arn).includes(node));
}

function trackInService(recording: Recording): Set<string> {
  const inService = new Set<string>();
  recording.onFact((fact) => {
    if (fact.kind !== "lifecycle") return;
    if (fact.state === "InService") inService.add(fact.node);
    else inService.delete(fact.node);
  });
  return inService;
}

/** From a machine's first minutes to well into its service. */
const driftAfter = { low: 2 * 60_000, high: 30 * 60_000 };

async function settle(world: VirtualWorld, inService: ReadonlySet<string>, desired: number): Promise<void> {
  await world.clock.advanceUntil(() => inService.size >= desired, 60 * 60_000);
  // A minute more, so that Warden has written down what it saw.
  await world.clock.advance(90_000);
}

async function desire(world: VirtualWorld, desired: number): Promise<void> {
  const { autoScaling } = world.clients;
  await autoScaling.send(
    new SetDesiredCapacityCommand({ AutoScalingGroupName: localSite, DesiredCapacity: desired, HonorCooldown: false }),
  );
}
