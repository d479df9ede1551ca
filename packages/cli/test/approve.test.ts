/** What waits for a person's word, and that word. */
import { describe, expect, it } from "vitest";
import { addNode, addSite, type FakeWorld, fakeWorld, keyOf, recordOf, runWarden, setRecord } from "./fake-world.ts";

const reason = "the node itself failed its verification twice";

function withOneThatWaits(): { readonly world: FakeWorld; readonly id: string } {
  const world = fakeWorld();
  addSite(world, "moodle", { unhealthyMode: "approve" });
  const id = addNode(world, 1);
  addNode(world, 2);
  setRecord(world, { ...recordOf(world, id), wanted: { cause: "unhealthy", reason } }, "stays in service");
  return { world, id };
}

const planOf = async (world: FakeWorld): Promise<string> =>
  JSON.parse((await runWarden(world, "approve", "--json")).out).waiting[0].plan;

describe("warden approve", () => {
  it("lists what waits, by the name that approves it, and who has approved it", async () => {
    const { world, id } = withOneThatWaits();
    const plan = await planOf(world);
    expect(plan).toMatch(/^[0-9a-f]{12}$/);
    const before = (await runWarden(world, "approve")).out;
    expect(before.split("\n")[1]).toMatch(new RegExp(`^${plan} +${id} +- +${reason}$`));
    expect(before).toContain("`warden approve PLAN` approves one, for an hour.");
    await runWarden(world, "approve", plan, "--by", "ann");
    expect((await runWarden(world, "approve")).out.split("\n")[1]).toMatch(new RegExp(`^${plan} +${id} +ann +`));
  });

  it("gives an order for just that, for an hour", async () => {
    const { world, id } = withOneThatWaits();
    const { status, out } = await runWarden(world, "approve", await planOf(world), "--by", "ann", "--reason", "seen");
    expect([status, out]).toEqual([0, expect.stringContaining(`${id} is replaced as soon as the guards allow it`)]);
    expect(world.orders.get(keyOf(id))).toMatchObject({
      ...{ verb: "approve", plan: { cause: "unhealthy", reason }, by: "ann", reason: "seen" },
      expiresAt: world.now + 3_600_000,
    });
  });

  it("changes nothing with --dry-run", async () => {
    const { world, id } = withOneThatWaits();
    const { out } = await runWarden(world, "approve", await planOf(world), "--dry-run");
    expect(out).toBe(`You would approve that ${id} is replaced: ${reason}. Nothing was changed.\n`);
    expect(world.orders.size).toBe(0);
  });

  it("refuses what was approved for another reason than there is by now", async () => {
    const { world, id } = withOneThatWaits();
    const plan = await planOf(world);
    setRecord(world, { ...recordOf(world, id), wanted: { cause: "unhealthy", reason: "another" } }, "stays in service");
    const { status, err } = await runWarden(world, "approve", plan);
    expect([status, err]).toEqual([
      1,
      expect.stringContaining(`No node of site moodle waits for the approval of ${plan}`),
    ]);
    expect(world.orders.size).toBe(0);
  });

  it("says so when nothing waits", async () => {
    const world = fakeWorld();
    addSite(world, "moodle");
    addNode(world, 1);
    expect((await runWarden(world, "approve")).out).toBe("Nothing of site moodle waits for an approval.\n");
  });
});
