/** One key that always crashes its function delays no other. */
import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { passes } from "@warden/worlds/call-points";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { describe, expect, it } from "vitest";
import { desire, expectNoDefects, inService, minutes, phaseOf, seconds, states, until, untilServing } from "./site.ts";

describe.for(["launching", "in service"] as const)("a node %s whose every look kills the function", (when) => {
  it("delays no other node by more than 60 s", async () => {
    const normal = await launchTime({ poisoned: false, when });
    const late = await launchTime({ poisoned: true, when });
    console.log(
      `a poisonous node ${when}: ${late.crashes} crashes; the others launch in ${late.launch / 1000} s and end in ` +
        `${late.end / 1000} s rather than ${normal.launch / 1000} s and ${normal.end / 1000} s`,
    );
    expect(late.crashes).toBeGreaterThan(3);
    expect(late.launch).toBeLessThanOrEqual(normal.launch + seconds(60));
    expect(late.end).toBeLessThanOrEqual(normal.end + seconds(60));
  });
});

interface Poison {
  readonly poisoned: boolean;
  readonly when: "launching" | "in service";
}

/** How long four other nodes take to come, and three to go, beside one that kills whoever looks at it. */
async function launchTime({ poisoned, when }: Poison): Promise<{ launch: number; end: number; crashes: number }> {
  let poison: string | undefined;
  let crashes = 0;
  const world = await virtualWorld({
    desired: when === "launching" ? 0 : 1,
    callPoints: {
      fateOf({ operation, input }) {
        // The moment at which the loop turns to the node; batches that hold no message of it never name it.
        if (poison === undefined || operation !== "BatchGetItem" || !JSON.stringify(input).includes(poison))
          return passes;
        crashes += 1;
        return { kind: "crash", when: "before" };
      },
    },
  });
  if (when === "in service") await untilServing(world, 1);

  const asked = world.clock.now();
  await desire(world, 5);
  // Launching, it comes together with the others and shares their batches.
  await until(world, minutes(1), async () => (await states(world)).size > 0, 10);
  const [key = ""] = (await states(world)).keys();
  if (poisoned) poison = key;
  await until(world, minutes(10), async () => othersOf(await inService(world), key).length === 4);
  const launch = world.clock.now() - asked;
  if (poisoned) expect(await phaseOf(world, key)).toBe(when === "launching" ? "unknown" : "in-service");

  await world.clock.advance(minutes(5));
  const askedAgain = world.clock.now();
  await endOthers(world, key);
  await until(world, minutes(10), async () => othersOf([...(await states(world)).keys()], key).length === 1);
  const end = world.clock.now() - askedAgain;
  expectNoDefects(world);
  world.stop();
  return { launch, end, crashes };
}

const othersOf = (instances: readonly string[], key: string): string[] => instances.filter((each) => each !== key);

/** Three of the healthy ones, so that the group does not end the poisonous one instead. */
async function endOthers(world: VirtualWorld, key: string): Promise<void> {
  for (const InstanceId of othersOf(await inService(world), key).slice(0, 3)) {
    await world.clients.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true }),
    );
  }
}
