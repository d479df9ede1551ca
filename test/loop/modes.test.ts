/** A site that leaves the end of bad nodes to its people: it is told of, and done when a person says so. */
import { approve, wantedOf } from "@warden/control";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, expect, it } from "vitest";
import { cardsSent } from "./inbox.ts";
import { expectNoDefects, inService, keyOf, ledger, minutes, node, until, untilServing } from "./site.ts";

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

/** Three nodes, one of which answers its visitors with errors. */
async function withABadNode(unhealthyMode: "observe" | "approve"): Promise<string> {
  world = await virtualWorld({ desired: 3, policy: { unhealthyMode, verifyEvery: minutes(1) } });
  await untilServing(world, 3);
  const [bad = ""] = await inService(world);
  world.machines.get(bad)?.software.state.faults.add("page");
  return bad;
}

it("is asked once, and does it when just that is approved", async () => {
  const bad = await withABadNode("approve");
  await world.clock.advance(minutes(20));
  expect(await inService(world)).toContain(bad);
  const [card, ...more] = cardsSent(world);
  expect(more).toEqual([]);
  const wanted = wantedOf((await node(world, bad)).record) ?? expect.fail("it waits for an approval");
  expect(card?.content).toMatchObject({
    title: `moodle: approve the replacement of ${bad}?`,
    description: `Warden wants to replace ${bad} of moodle, because ${wanted.reason}.`,
    nextSteps: [
      `Run npx warden approve ${wanted.plan} --site moodle --stage local`,
      `Run npx warden explain ${bad} --site moodle --stage local`,
    ],
  });

  const asked = { by: "ann", reason: "seen it" };
  await approve({ ...wanted, reason: "it is old" }, keyOf(bad), asked, world.deps);
  await world.clock.advance(minutes(5));
  expect(await inService(world)).toContain(bad);
  await approve(wanted, keyOf(bad), asked, world.deps);
  await until(world, minutes(15), async () => {
    const now = await inService(world);
    return now.length === 3 && !now.includes(bad);
  });
  expect(cardsSent(world)).toHaveLength(1);
});

it("only says what it would do where it observes, and asks nobody", async () => {
  const bad = await withABadNode("observe");
  await world.clock.advance(minutes(30));
  expect(await inService(world)).toContain(bad);
  expect(cardsSent(world)).toEqual([]);
  const told = (await ledger(world, bad)).map(({ why }) => why);
  expect(told.some((why) => /although the node itself failed .* — mode: the site only observes/.test(why))).toBe(true);
});
