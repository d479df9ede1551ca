/**
 * Warden beside two published algorithms, in the same simulated world: a Lambda function that sleeps and polls while it
 * bootstraps a node (the AWS samples for lifecycle hooks), and a poller that looks every ten seconds and always waits
 * until the load balancer shows the target as `unused` (lifecycle-manager). Both are written down here from their
 * descriptions, faults left out: what is compared is time, calls and paid function time when nothing goes wrong.
 */
import { PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import type { ObservedAction } from "@warden/aws-local/region";
import { groupName, instanceId } from "@warden/fleet";
import { awsNode } from "@warden/simulator";
import { passes } from "../call-points.ts";
import { localAssigned, localSite } from "../local-site.ts";
import { type VirtualWorld, virtualWorld } from "../virtual.ts";
import { type Measure, median } from "./measure.ts";

const nodes = 20;
const group = groupName(localSite);

export async function peers(): Promise<readonly Measure[]> {
  const warden = await compared(undefined);
  const others = await compared({ launch: sleepAndPoll, terminate: waitUntilUnused });
  return [...measuresOf("Warden", warden), ...measuresOf("samples", others)];
}

/** The services whose request limits launches and ends have to share. */
const paced: ReadonlySet<string> = new Set(["autoscaling", "ssm", "elasticloadbalancing"]);

interface Compared {
  /** Seconds from the opening of a hook to its answer. */
  readonly launches: readonly number[];
  readonly terminations: readonly number[];
  readonly calls: number;
  /** Seconds of functions that are paid for. */
  readonly functionSeconds: number;
}

interface Algorithm {
  launch(world: VirtualWorld, node: string, meter: Meter): Promise<void>;
  terminate(world: VirtualWorld, node: string, meter: Meter): Promise<void>;
}

interface Meter {
  functionSeconds: number;
}

async function compared(algorithm: Algorithm | undefined): Promise<Compared> {
  const opened = new Map<string, number>();
  const times = { launching: [] as number[], terminating: [] as number[] };
  const meter: Meter = { functionSeconds: 0 };
  let calls = 0;
  const kind = ({ transition }: ObservedAction) => (transition.endsWith("LAUNCHING") ? "launching" : "terminating");

  const world: VirtualWorld = await virtualWorld({
    timing: "aws",
    desired: 0,
    fleet: { min: 0, max: nodes, deregistrationDelay: 120 },
    // Warden's own watcher would help the others along.
    ...(algorithm !== undefined && { pace: { node: { ...awsNode, waitForCommand: 86_400_000 } } }),
    transport: "typed",
    callPoints: { fateOf: () => passes, latency: () => 15 },
    around: async (_function, _event, invocation) => {
      const from = world.clock.now();
      const answer = await invocation();
      meter.functionSeconds += (world.clock.now() - from) / 1000;
      return answer;
    },
    observe: ({ principal, service }) => {
      const ofWarden = principal?.kind === "role" && !principal.roleName.endsWith("-node");
      if (ofWarden && paced.has(service)) calls += 1;
    },
    lifecycleObserver: {
      moved: () => {},
      terminating: () => {},
      actionBegan(action) {
        opened.set(action.token, world.clock.now());
        const run = kind(action) === "launching" ? algorithm?.launch : algorithm?.terminate;
        // The event takes a second to arrive, as for Warden.
        world.clock.after(
          1_000,
          () =>
            void run?.(
              countingCalls(world, () => calls++),
              action.instanceId,
              meter,
            ),
        );
      },
      actionEnded(action) {
        times[kind(action)].push((world.clock.now() - (opened.get(action.token) ?? world.clock.now())) / 1000);
      },
    },
  });
  if (algorithm !== undefined) await silenceWarden(world);
  await world.deps.ports.autoScaling.setDesiredCapacity(group, nodes);
  await world.clock.advance(30 * 60_000);
  await world.deps.ports.autoScaling.setDesiredCapacity(group, 0);
  await world.clock.advance(30 * 60_000);
  world.stop();
  if (world.defects.length > 0) throw new Error("the embedded AWS failed", { cause: world.defects[0] });
  return { launches: times.launching, terminations: times.terminating, calls, functionSeconds: meter.functionSeconds };
}

async function silenceWarden({ clients, deployment }: VirtualWorld): Promise<void> {
  for (const { name } of Object.values(deployment.functions)) {
    await clients.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 0 }),
    );
  }
}

/** Calls of the operator's ports count for the algorithm that makes them. */
function countingCalls(world: VirtualWorld, count: () => void): VirtualWorld {
  const counted = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name, receiver) {
        count();
        return Reflect.get(target, name, receiver);
      },
    });
  const { ports } = world.deps;
  const { autoScaling, commands, loadBalancing } = ports;
  const counting = {
    ...ports,
    autoScaling: counted(autoScaling),
    commands: counted(commands),
    loadBalancing: counted(loadBalancing),
  };
  return { ...world, deps: { ...world.deps, ports: counting } };
}

// ---- The others ---------------------------------------------------------------------------------------------------

/** Up to ten tries to send, then up to twenty looks, with sleeps of 5, 10, 15 … s inside one paid invocation. */
async function sleepAndPoll(world: VirtualWorld, node: string, meter: Meter): Promise<void> {
  const { autoScaling, commands } = world.deps.ports;
  const instance = instanceId(node);
  const startedAt = world.clock.now();
  const sent = await sendWithRetries(world, node);
  for (let look = 1; look <= 20 && sent !== undefined; look++) {
    await pause(world, 5_000 * look);
    const invocation = (await commands.invocations(sent, [instance])).get(instance);
    if (invocation?.status !== "ended") continue;
    await autoScaling.completeLifecycleAction({ group, hook: "warden-launch", instance, token: undefined }, "CONTINUE");
    break;
  }
  meter.functionSeconds += (world.clock.now() - startedAt) / 1000;
}

async function sendWithRetries(world: VirtualWorld, node: string): Promise<string | undefined> {
  for (let attempt = 1; attempt <= 10; attempt++) {
    try {
      const parameters = {
        BatchId: `sample-${node}`,
        Site: localSite,
        Release: localAssigned.release,
        Digest: localAssigned.digest,
      };
      return await world.deps.ports.commands.send({
        document: "Warden-Bootstrap",
        instances: [instanceId(node)],
        parameters,
        batch: `sample-${node}`,
        delivery: 60_000,
      });
    } catch {
      // Not registered yet: the samples take every error alike.
      await pause(world, 5_000 * attempt);
    }
  }
  return undefined;
}

/** Looks every ten seconds, and answers once the load balancer shows nothing of the node any more. */
async function waitUntilUnused(world: VirtualWorld, node: string): Promise<void> {
  const { autoScaling, loadBalancing } = world.deps.ports;
  const instance = instanceId(node);
  const [arn = ""] = world.deployment.resources["target groups"] ?? [];
  await pause(world, 5_000);
  await loadBalancing.deregister(arn, [instance]);
  for (;;) {
    await pause(world, 10_000);
    const status = (await loadBalancing.targetHealth(arn, [instance])).get(instance);
    if (status === "unused" || status === "none") break;
  }
  await autoScaling.completeLifecycleAction(
    { group, hook: "warden-terminate", instance, token: undefined },
    "CONTINUE",
  );
}

const pause = (world: VirtualWorld, ms: number): Promise<void> =>
  new Promise((resolve) => void world.clock.after(ms, resolve));

function measuresOf(who: string, { launches, terminations, calls, functionSeconds }: Compared): Measure[] {
  return [
    {
      name: `${who}: launch hook held`,
      value: median(launches),
      unit: "s (median)",
      note: `${launches.length} launches`,
    },
    {
      name: `${who}: terminate hook held`,
      value: median(terminations),
      unit: "s (median)",
      note: `${terminations.length} ends`,
    },
    {
      name: `${who}: calls per node`,
      value: calls / nodes,
      unit: "calls",
      note: "Auto Scaling, SSM and ELBv2; one launch, one end and half an hour between",
    },
    { name: `${who}: function time per node`, value: functionSeconds / nodes, unit: "s" },
  ];
}
