/** Whatever stands in a message: it only says where to look, so nothing that is not so can be made so. */

import { seededRandom } from "@warden/aws-local";
import type { Lane } from "@warden/control";
import { parse } from "@warden/events";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { expect, it } from "vitest";
import { samples } from "../../events/test/samples.ts";
import {
  actionsOf,
  deadLetters,
  desire,
  expectWell,
  inService,
  ledger,
  listen,
  minutes,
  phaseOf,
  sendTo,
  table,
  untilServing,
} from "./site.ts";

const count = 200;

it.for([1, 2, 3])(
  "changes nothing for 200 duplicated, reordered, replayed, cut and foreign events (seed %i)",
  async (seed) => {
    // No verification falls due meanwhile: whatever changes, the events changed it.
    const world = await virtualWorld({ desired: 2, seed, policy: { verifyEvery: minutes(600) } });
    const heard = await listen(world, "default", { source: [{ prefix: "aws." }] });
    await untilServing(world, 2);
    await desire(world, 4);
    await untilServing(world, 4);
    await desire(world, 3);
    await untilServing(world, 3);
    await world.clock.advance(minutes(2));

    const random = seededRandom(seed);
    const past = await heard();
    expect(past.length).toBeGreaterThan(30);
    const running = await inService(world);
    const bodies = Array.from({ length: count }, () => {
      const event = random.pick(random.chance(0.6) ? past : foreign);
      return random.pick(misuses)(event, random.pick(running));
    });
    const before = await remembered(world);
    const calls = world.calls.length;

    for (const body of bodies) {
      for (const lane of ["urgent", "normal"] satisfies Lane[]) await sendTo(world, lane, body);
    }
    await world.clock.advance(minutes(5));

    expect(actionsOf(world, calls)).toEqual([]);
    const after = await remembered(world);
    expect(after.others).toEqual(before.others);
    const kinds = bodies.map((body) => parse(body).kind);
    const unreadable = kinds.filter((kind) => kind === "unparsable" || kind === "newer");
    console.log(`seed ${seed}: ${count} events to each lane, ${unreadable.length} of them unreadable`);
    expect(unreadable.length).toBeGreaterThan(20);
    // One row each, and the message is gone.
    expect(after.unreadable - before.unreadable).toBe(2 * unreadable.length);
    expect(await deadLetters(world)).toBe(0);
    await expectWell(world, 3);
    world.stop();
  },
);

it("looks once for an instance that nobody has, and leaves it at that", async () => {
  const world = await virtualWorld({ desired: 1, policy: { verifyEvery: minutes(600) } });
  await untilServing(world, 1);
  const calls = world.calls.length;
  for (const { body } of samples) await sendTo(world, "urgent", body.replaceAll(/i-[0-9a-f]{8,17}/g, unheardOf));
  await world.clock.advance(minutes(5));
  expect(actionsOf(world, calls)).toEqual([]);
  expect(await phaseOf(world, unheardOf)).toBe("gone");
  // Once it is gone there is no more to decide about it.
  expect((await ledger(world, unheardOf)).map((row) => row.phaseBefore)).not.toContain("gone");
  await expectWell(world, 1);
  world.stop();
});

const unheardOf = "i-00000000000000bad";

/** Every documented shape, about a group and instances that are not ours. */
const foreign = samples.map(({ body }) => body.replaceAll("moodle", "of-somebody-else"));

/** The table without what notes unreadable messages, and without the time of the last sweep. */
async function remembered(world: VirtualWorld): Promise<{ others: unknown[]; unreadable: number }> {
  const items = await table(world);
  const isNote = (item: Record<string, unknown>): boolean => item["pk"] === "ledger#messages/-/-";
  return {
    others: items.filter((item) => !isNote(item) && item["pk"] !== "sweep"),
    unreadable: items.filter(isNote).length,
  };
}

type Misuse = (event: string, instance: string) => string;

const misuses: readonly Misuse[] = [
  function duplicated(event) {
    return event;
  },
  function cut(event) {
    return event.slice(0, event.length / 2);
  },
  function replayed(event) {
    return JSON.stringify({ ...JSON.parse(event), "replay-name": "yesterday" });
  },
  /** A replay that names a node which serves now: a token that is dead, a notice that is long over. */
  function replayedForAnother(event, instance) {
    return JSON.stringify({
      ...JSON.parse(event.replaceAll(/i-[0-9a-f]{8,17}/g, instance)),
      "replay-name": "yesterday",
    });
  },
  function ofAnotherSource(event) {
    return JSON.stringify({ ...JSON.parse(event), source: "com.example" });
  },
  function ofAnotherGroup(event) {
    return event.replaceAll("moodle", "of-somebody-else").replaceAll(/i-[0-9a-f]{8,17}/g, unheardOf);
  },
  function withAnIdThatIsNone(event) {
    return event.replaceAll(/i-[0-9a-f]{8,17}/g, "i-$(reboot)");
  },
  function fromANewerWarden(event) {
    return JSON.stringify({ ...JSON.parse(event), source: "warden", "detail-type": "Wake", v: 2 });
  },
  function noJson() {
    return "<html>503 Service Unavailable</html>";
  },
];
