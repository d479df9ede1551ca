import { decide, type NodeRecord } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import { refusalIn } from "../src/refusal.ts";
import {
  addNode,
  addSite,
  decided,
  type FakeWorld,
  fakeWorld,
  keyOf,
  recordOf,
  removeNode,
  runWarden,
  setRecord,
} from "./fake-world.ts";

function moodle(nodes: number, policy = {}) {
  const world = fakeWorld();
  addSite(world, "moodle", policy);
  const ids = Array.from({ length: nodes }, (_, index) => addNode(world, index + 1));
  return { world, id: ids[0] ?? "" };
}

const leaving: NodeRecord["phase"] = {
  name: "leaving",
  leave: {
    cause: "operator",
    reason: "ann ordered drain: old",
    startedBy: "warden",
    deadline: 0,
    asked: "yes",
    shrink: true,
    evidence: "done",
    abandoned: [],
  },
};

function setPhase(world: FakeWorld, id: string, phase: NodeRecord["phase"], why = ""): void {
  setRecord(world, { ...recordOf(world, id), phase }, why);
}

describe("warden drain", () => {
  it("writes the order with who and why, and wakes the node", async () => {
    const { world, id } = moodle(3);
    const { status, out } = await runWarden(world, "drain", id, "--reason", "old kernel");
    expect(status).toBe(0);
    expect(out).toBe(
      `Ordered to drain ${id}, in force until 2026-11-21 16:00:00Z. The guards allow it.\n\`warden explain ${id}\` shows how far it is.\n`,
    );
    expect(world.orders.get(keyOf(id))).toMatchObject({ verb: "drain", by: "ann", reason: "old kernel" });
    expect(world.wakes.map((wake) => wake.key)).toEqual([keyOf(id)]);
  });

  it("knows of a node that served before Warden came what becomes of its order", async () => {
    const { world, id } = moodle(3);
    setPhase(world, id, { name: "found", nextVerifyAt: world.now });
    const { out } = await runWarden(world, "replace", id, "--dry-run", "--json");
    expect(JSON.parse(out)).toMatchObject({ outcome: "now", actions: ["deregister-targets", "send-command"] });
  });

  it("only tells with --dry-run", async () => {
    const { world, id } = moodle(3);
    const { status, out } = await runWarden(world, "drain", id, "--dry-run", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({
      dryRun: true,
      verb: "drain",
      instance: id,
      outcome: "now",
      guard: null,
      actions: ["deregister-targets", "send-command"],
      inService: 3,
      desired: 3,
    });
    expect(world.orders.size + world.wakes.length).toBe(0);
  });

  it("exits 4 from a dry run that a guard refuses, and names it", async () => {
    const { world, id } = moodle(1);
    const { status, out } = await runWarden(world, "drain", id, "--dry-run");
    expect(status).toBe(4);
    expect(out).toContain("The guard floor refuses it now (0 nodes would stay in service, the floor is 1).");
    expect(out).toContain("Nothing was changed");
  });

  it("writes nothing in a stopped site", async () => {
    const { world, id } = moodle(3);
    world.stops.set("moodle", { by: "bob", reason: "exam", at: 0 });
    const { status, err } = await runWarden(world, "drain", id);
    expect(status).toBe(4);
    expect(err).toBe(
      `The guard stop refuses to drain ${id}: bob stopped Warden: exam: \`warden resume\` ends the stop.\n`,
    );
    expect(world.orders.size).toBe(0);
  });

  it("does not take the place of somebody's hold", async () => {
    const { world, id } = moodle(3);
    await runWarden(world, "hold", id, "--by", "bob", "--reason", "look at it");
    const { status, err } = await runWarden(world, "drain", id);
    expect(status).toBe(4);
    expect(err).toBe(
      `The guard hold refuses to drain ${id}: bob holds it (look at it): \`warden release ${id}\` ends the hold.\n`,
    );
    expect(world.orders.get(keyOf(id))?.verb).toBe("hold");
  });

  it("refuses a node that leaves already, or is gone", async () => {
    const { world, id } = moodle(3);
    setPhase(world, id, leaving);
    expect(await runWarden(world, "drain", id)).toMatchObject({
      status: 4,
      err: `Cannot drain ${id}: it is leaving already (ann ordered drain: old): \`warden explain ${id}\` tells its story.\n`,
    });
    removeNode(world, id, 2);
    expect((await runWarden(world, "drain", id)).err).toContain(`Cannot drain ${id}: it is gone`);
  });

  it("says that an order to a launching node waits", async () => {
    const { world, id } = moodle(3);
    setPhase(world, id, { name: "joining" });
    expect((await runWarden(world, "drain", id)).out).toContain("It is carried out once the node is in service.");
  });

  it("exits 2 for a node that does not exist", async () => {
    const { world } = moodle(1);
    expect(await runWarden(world, "drain", "i-0123456789abcdef0")).toMatchObject({
      status: 2,
      err: "There is no node i-0123456789abcdef0 in site moodle: `warden nodes` lists them.\n",
    });
  });
});

describe("--wait", () => {
  it("tells each new decision and ends when the node is gone", async () => {
    const { world, id } = moodle(3);
    decided(world, id, { why: "an old story" });
    let round = 0;
    world.meanwhile = () => {
      round += 1;
      if (round === 1) {
        decided(world, id, { phase: "leaving", phaseBefore: "in-service", why: "leaves", actions: ["send-command"] });
        setPhase(world, id, leaving);
      }
      if (round === 3) removeNode(world, id, 2);
    };
    const { status, out } = await runWarden(world, "drain", id, "--wait");
    expect(status).toBe(0);
    expect(out.trimEnd().split("\n").slice(1)).toEqual([
      "2026-11-21 12:00:01Z  in-service → leaving  leaves  [send-command]",
      `${id} is gone.`,
    ]);
  });

  it("of replace ends when the group is complete again", async () => {
    const { world, id } = moodle(2);
    let round = 0;
    world.meanwhile = () => {
      round += 1;
      if (round === 1) removeNode(world, id, 2);
      if (round === 2) expect(world.groups.get("moodle")?.instances).toHaveLength(1);
      if (round === 4) {
        const facts = world.groups.get("moodle");
        if (facts !== undefined) world.groups.set("moodle", { ...facts, desired: 1 });
        addNode(world, 9);
      }
    };
    const { status, out } = await runWarden(world, "replace", id, "--wait", "--json");
    expect(status).toBe(0);
    expect(round).toBe(4);
    expect(JSON.parse(out)).toEqual({ done: true, verb: "replace", instance: id });
  });

  it("exits 4 when a guard keeps refusing, and names it", async () => {
    const { world, id } = moodle(1, { holdRecheck: 30_000 });
    world.meanwhile = () =>
      setRecord(world, recordOf(world, id), "stays in service although ann ordered drain: x — floor: 0 would stay");
    const { status, err } = await runWarden(world, "drain", id, "--wait");
    expect(status).toBe(4);
    expect(err).toContain(`The guard floor has refused to drain ${id} for 1 min 30 s: 0 would stay: raise the group's`);
  });

  it("waits for the budget, which comes back by itself, until time is up", async () => {
    const { world, id } = moodle(3);
    setRecord(world, recordOf(world, id), "stays in service although ann ordered drain: x — budget: 1 of 1 in use");
    const before = world.now;
    const { status, err } = await runWarden(world, "drain", id, "--wait", "--timeout", "10m");
    expect(status).toBe(4);
    expect(err).toContain("The guard budget has refused");
    expect(world.now - before).toBe(600_000);
  });

  it("exits 5 when time is up", async () => {
    const { world, id } = moodle(3);
    world.meanwhile = () => setPhase(world, id, leaving, "leaves: still busy: 3 requests");
    const { status, err } = await runWarden(world, "drain", id, "--wait", "--timeout", "90s");
    expect(status).toBe(5);
    expect(err).toBe(
      `After 1 min 30 s of waiting to drain it, ${id} is not gone (leaves: still busy: 3 requests): it goes on by itself, and \`warden explain ${id}\` shows how far it is.\n`,
    );
  });

  it.each(["in-service", "found"] as const)(
    "ends when somebody gives another order meanwhile to one that is %s",
    async (name) => {
      const { world, id } = moodle(3);
      if (name === "found") setPhase(world, id, { name, nextVerifyAt: world.now });
      world.meanwhile = () =>
        world.orders.set(keyOf(id), {
          id: "other",
          verb: "hold",
          by: "bob",
          reason: "wait",
          expiresAt: world.now + 1e6,
        });
      const { status, err } = await runWarden(world, "drain", id, "--wait");
      expect(status).toBe(4);
      expect(err).toContain("is no longer in force: bob ordered hold instead (wait)");
    },
  );

  it("exits 3 when a call that Warden needs stays denied", async () => {
    const { world, id } = moodle(3);
    world.meanwhile = () => {
      setPhase(world, id, leaving);
      decided(world, id, { kind: "denied", why: "no", actions: ["autoscaling:TerminateInstanceInAutoScalingGroup"] });
    };
    const { status, err } = await runWarden(world, "drain", id, "--wait");
    expect(status).toBe(3);
    expect(err).toContain("AWS denies Warden autoscaling:TerminateInstanceInAutoScalingGroup");
  });
});

describe("warden hold and release", () => {
  it("hold until released, whoever asks", async () => {
    const { world, id } = moodle(1);
    const held = await runWarden(world, "hold", id, "--by", "bob", "--reason", "post mortem", "--json");
    expect(JSON.parse(held.out).order).toMatchObject({
      verb: "hold",
      by: "bob",
      expiresAt: "2026-12-21T12:00:00.000Z",
    });
    expect((await runWarden(world, "release", id, "--dry-run")).out).toContain("Nothing was changed");
    expect(world.orders.size).toBe(1);
    const { status, out } = await runWarden(world, "release", id);
    expect({ status, out }).toEqual({ status: 0, out: `${id} is no longer held (it was by bob: post mortem).\n` });
    expect(world.orders.size).toBe(0);
  });

  it("release refuses a node that is not held", async () => {
    const { world, id } = moodle(3);
    expect(await runWarden(world, "release", id)).toMatchObject({
      status: 2,
      err: `${id} is not held: \`warden explain ${id}\` shows what keeps it.\n`,
    });
    await runWarden(world, "drain", id);
    expect((await runWarden(world, "release", id)).err).toContain("ann ordered to drain it (no reason given)");
    expect(world.orders.size).toBe(1);
  });
});

describe("warden stop and resume", () => {
  it("throw the switch, and leave the first stop as it was", async () => {
    const { world } = moodle(1);
    expect((await runWarden(world, "stop", "--reason", "exam", "--dry-run")).out).toContain("Nothing was changed");
    expect(world.stops.size).toBe(0);
    expect((await runWarden(world, "stop", "--reason", "exam")).status).toBe(0);
    const second = await runWarden(world, "stop", "--by", "bob", "--reason", "other");
    expect(second.out).toBe("Site moodle is stopped already, by ann since 2026-11-21 12:00:00Z: exam.\n");
    expect(world.stops.get("moodle")).toMatchObject({ by: "ann", reason: "exam" });
    expect((await runWarden(world, "resume")).out).toBe("Site moodle goes on (it was stopped by ann: exam).\n");
    expect(await runWarden(world, "resume", "--json")).toMatchObject({
      status: 0,
      out: '{"site":"moodle","stopped":false,"changed":false}\n',
    });
  });
});

it("reads the guard from the sentence that the loop itself writes", () => {
  const { world, id } = moodle(1);
  const [site] = world.sites;
  const facts = world.groups.get("moodle");
  if (site === undefined || facts === undefined) throw new Error("no site");
  const record = recordOf(world, id);
  const decision = decide(record, record, {
    policy: site.policy,
    now: world.now,
    pass: "p",
    seen: {
      upgrade: undefined,
      lifecycleState: "InService",
      group: {
        desired: 1,
        min: 1,
        minApartFromFreeze: undefined,
        max: 1,
        inService: 1,
        slots: [],
        slotsInService: 0,
        hooks: [],
        deregistrationDelay: 0,
        failedLaunches: 0,
        kept: undefined,
        unhealthy: 0,
        installed: true,
        changed: undefined,
        stale: undefined,
      },
      agent: "online",
      command: undefined,
      target: "healthy",
      othersHealthy: undefined,
      hints: [],
      order: { id: "o", verb: "drain", by: "ann", reason: "x — y", expiresAt: world.now + 1 },
      stopped: undefined,
      freeze: undefined,
      assigned: { release: "r", digest: "d" },
    },
  });
  expect(refusalIn(decision.why)).toEqual({ guard: "floor", why: "0 nodes would stay in service, the floor is 1" });
});
