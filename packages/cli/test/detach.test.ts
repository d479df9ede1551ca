/** `warden detach`: what it takes away, what it waits for, and that it leaves a group no worse than it found it. */
import { groupName, instanceId } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import { addNode, addSite, type FakeWorld, fakeWorld, runWarden, setUpgrade } from "./fake-world.ts";

function moodle(): FakeWorld {
  const world = fakeWorld();
  addSite(world, "moodle");
  for (const number of [1, 2]) addNode(world, number);
  return world;
}

/** A third one is there, and waits at a hook. */
function arrives(world: FakeWorld, lifecycleState = "Pending:Wait"): void {
  const facts = world.groups.get("moodle");
  if (facts === undefined) throw new Error("no group");
  const third = { instance: instanceId("i-00000000000000003"), lifecycleState, isProtected: false };
  world.groups.set("moodle", { ...facts, instances: [...facts.instances.slice(0, 2), third] });
}

describe("warden detach", () => {
  it("takes away Warden's hooks and its record of the site, while nothing can set out", async () => {
    const world = moodle();
    world.hooks.push({ name: "somebody-elses", transition: "launching", timeout: 60_000 });
    const { status, out } = await runWarden(world, "detach", "--reason", "we move");
    expect(status).toBe(0);
    expect(world.calls).toEqual([
      "suspend Launch, Terminate of moodle",
      "delete warden-launch of moodle",
      "delete warden-terminate of moodle",
      "forget moodle",
      "resume Launch, Terminate of moodle",
    ]);
    expect(world.hooks.map(({ name }) => name)).toEqual(["somebody-elses"]);
    expect(world.stops.size).toBe(0);
    expect(out).toBe(
      "Took away warden-launch and warden-terminate of moodle; its 2 instances stay as they are.\n" +
        "Warden knows moodle no more. What serves goes on serving; nobody prepares what the group launches from now on.\n",
    );
  });

  it("waits for who is at a hook, and says for whom", async () => {
    const world = moodle();
    arrives(world);
    world.meanwhile = () => arrives(world, "InService");
    const { status, err } = await runWarden(world, "detach");
    expect(status).toBe(0);
    expect(err).toBe("Waiting for i-00000000000000003 (Pending:Wait).\n");
    expect(world.calls[0]).toBe("suspend Launch, Terminate of moodle");
  });

  it("takes nothing away when somebody is still on the way after the time it was given", async () => {
    const world = moodle();
    arrives(world, "Terminating:Wait");
    const { status, err } = await runWarden(world, "detach", "--timeout", "30s");
    expect(status).toBe(5);
    expect(err).toContain(
      "moodle is still attached: i-00000000000000003 (Terminating:Wait) is on the way: nothing was taken away, and the site is stopped: run it again, or end the stop with `warden resume`.",
    );
    expect(world.calls).toEqual([]);
    expect(world.sites).toHaveLength(1);
    expect(world.stops.get("moodle")).toMatchObject({ by: "ann" });
  });

  it("lets the group go on when somebody set out in the moment before it was held", async () => {
    const world = moodle();
    world.whenSuspended = () => arrives(world);
    const { status } = await runWarden(world, "detach", "--timeout", "30s");
    expect(status).toBe(5);
    expect(world.calls).toEqual(["suspend Launch, Terminate of moodle", "resume Launch, Terminate of moodle"]);
    expect(world.hooks).toHaveLength(2);
  });

  it("leaves suspended what somebody else had suspended", async () => {
    const world = moodle();
    const facts = world.groups.get("moodle");
    if (facts === undefined) throw new Error("no group");
    world.groups.set(groupName("moodle"), { ...facts, suspended: ["Launch", "AZRebalance"] });
    await runWarden(world, "detach");
    expect(world.calls.filter((call) => /suspend|resume/.test(call))).toEqual([
      "suspend Terminate of moodle",
      "resume Terminate of moodle",
    ]);
  });

  it("only tells with --dry-run", async () => {
    const world = moodle();
    arrives(world);
    const { status, out } = await runWarden(world, "detach", "--dry-run");
    expect(status).toBe(0);
    expect(out).toBe(
      "Warden would take away warden-launch and warden-terminate of moodle; its 3 instances stay as they are.\n" +
        "It would first wait for i-00000000000000003 (Pending:Wait).\nNothing was changed.\n",
    );
    expect(world.calls).toEqual([]);
    expect(world.stops.size).toBe(0);
  });

  it("is refused while an upgrade goes on", async () => {
    const world = moodle();
    setUpgrade(world, { phase: "preflight" });
    const { status, err } = await runWarden(world, "detach");
    expect(status).toBe(4);
    expect(err).toContain("The guard upgrade refuses to detach");
    expect(world.calls).toEqual([]);
  });
});
