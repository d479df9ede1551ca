import { describe, expect, it } from "vitest";
import {
  addNode,
  addSite,
  decided,
  fakeWorld,
  keyOf,
  recordOf,
  removeNode,
  runWarden,
  setRecord,
} from "./fake-world.ts";

function moodle(nodes: number) {
  const world = fakeWorld();
  addSite(world, "moodle");
  const ids = Array.from({ length: nodes }, (_, index) => addNode(world, index + 1));
  return { world, ids };
}

describe("warden sites", () => {
  it("shows size, phases, the stop and the last sweep", async () => {
    const { world, ids } = moodle(2);
    setRecord(world, { ...recordOf(world, ids[1] ?? ""), phase: { name: "joining" } }, "verified");
    world.stops.set("moodle", { by: "ann", reason: "exam", at: world.now });
    const { status, out } = await runWarden(world, "sites");
    expect(status).toBe(0);
    expect(out).toContain("moodle  moodle  2        2           1 in-service, 1 joining  -           by ann: exam");
    expect(out).toContain("Last sweep 20 s ago.");
  });

  it("prints JSON", async () => {
    const { world } = moodle(2);
    const { out } = await runWarden(world, "sites", "--json");
    expect(JSON.parse(out)).toEqual({
      sites: [
        {
          site: "moodle",
          groups: ["moodle"],
          missing: [],
          desired: 2,
          inService: 2,
          phases: { "in-service": 2 },
          inTrouble: [],
          stopped: null,
        },
      ],
      lastSweep: "2026-11-21T11:59:40.000Z",
    });
  });

  it("names groups that do not exist", async () => {
    const { world } = moodle(0);
    world.groups.clear();
    expect((await runWarden(world, "sites")).out).toContain("moodle names groups that do not exist: moodle");
  });
});

describe("warden nodes", () => {
  it("shows each node with its reason", async () => {
    const { world } = moodle(1);
    const { out } = await runWarden(world, "nodes");
    expect(out.split("\n")[1]).toBe(
      "i-00000000000000001  in-service  2 min 5 s  InService  healthy  4.5.2/abcdef0  in 20 s  in service",
    );
  });

  it.each([40, 60, 80, 100, 120, 200])("fits a terminal of %i columns and never wraps", async (columns) => {
    const { world, ids } = moodle(3);
    for (const id of ids) setRecord(world, recordOf(world, id), `a very long reason ${"word ".repeat(60)}`);
    const { out } = await runWarden({ ...world, columns }, "nodes");
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
    expect(out).toContain(ids[0]);
    if (columns >= 60) expect(out).toContain("a very");
  });

  it("says so when there are none", async () => {
    const { world } = moodle(0);
    expect(await runWarden(world, "nodes")).toEqual({
      status: 0,
      out: "Site moodle has no nodes: none are desired.\n",
      err: "",
    });
  });

  it("shows what the loop has not seen yet, and what a newer Warden wrote", async () => {
    const { world, ids } = moodle(2);
    world.nodes.delete(keyOf(ids[0] ?? ""));
    world.newer.add(keyOf(ids[1] ?? ""));
    const { out } = await runWarden(world, "nodes");
    expect(out).toMatch(/i-0*1 +not seen yet .*the next sweep finds it/);
    expect(out).toMatch(/i-0*2 +\(newer record\) .*written by a newer Warden/);
  });

  it("leaves out the gone, and lets no host steer the terminal", async () => {
    const { world, ids } = moodle(2);
    setRecord(world, recordOf(world, ids[1] ?? ""), "evil \u001b[2J\nline");
    removeNode(world, ids[0] ?? "", 1);
    const { out } = await runWarden(world, "nodes");
    expect(out).not.toContain(ids[0]);
    expect(out).toContain("evil  [2J line");
  });

  it("watches until it is interrupted, and prints only what changed", async () => {
    const { world, ids } = moodle(1);
    let rounds = 0;
    world.meanwhile = () => {
      rounds += 1;
      if (rounds === 2) setRecord(world, { ...recordOf(world, ids[0] ?? ""), phase: { name: "aside" } }, "standby");
      if (rounds === 4) world.interruption.abort();
    };
    const { status, out } = await runWarden(world, "nodes", "--watch", "--json");
    expect(status).toBe(0);
    const phases = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).nodes[0].phase);
    expect(phases).toEqual(["in-service", "aside"]);
  });
});

describe("warden explain", () => {
  it("tells the story, oldest first, and what it waits for", async () => {
    const { world, ids } = moodle(1);
    const id = ids[0] ?? "";
    decided(world, id, {
      phase: "verifying",
      phaseBefore: "bootstrapping",
      why: "bootstrap done",
      actions: ["send-command"],
    });
    world.now += 5000;
    decided(world, id, { phase: "in-service", phaseBefore: "verifying", why: "in service" });
    const { status, out } = await runWarden(world, "explain", id);
    expect(status).toBe(0);
    expect(out).toContain(
      [
        "Story",
        "  2026-11-21 12:00:00Z  bootstrapping → verifying  bootstrap done  [send-command]",
        "  2026-11-21 12:00:05Z  verifying → in-service  in service",
        "",
        "Waits for nothing; it is verified again in 9 min 55 s.",
      ].join("\n"),
    );
  });

  it("counts what repeats, so that a call denied each second hides nothing", async () => {
    const { world, ids } = moodle(1);
    for (let count = 0; count < 5; count++) {
      world.now += 1000;
      decided(world, ids[0] ?? "", {
        kind: "denied",
        why: `denied to role ${count % 2}`,
        actions: ["ssm:SendCommand"],
      });
    }
    const { out } = await runWarden(world, "explain", ids[0] ?? "");
    expect(out.match(/denied/g)).toHaveLength(2);
    expect(out).toContain("(5 times, the last at 2026-11-21 12:00:05Z)");
  });

  it("takes the key that the ledger prints", async () => {
    const { world, ids } = moodle(1);
    expect((await runWarden(world, "explain", `moodle/moodle/${ids[0]}`)).status).toBe(0);
  });

  it("names the guard that refused, the order and the stop", async () => {
    const { world, ids } = moodle(1);
    const id = ids[0] ?? "";
    setRecord(world, recordOf(world, id), "stays in service although ann ordered drain: x — floor: 0 nodes would stay");
    world.orders.set(keyOf(id), { id: "o", verb: "drain", by: "ann", reason: "x", expiresAt: world.now + 1000 });
    world.stops.set("moodle", { by: "bob", reason: "exam", at: world.now });
    const { out } = await runWarden(world, "explain", id);
    expect(out).toContain("Order: drain by ann (x), in force until 2026-11-21 12:00:01Z.");
    expect(out).toContain("Site moodle is stopped by bob (exam)");
    expect(out).toContain("The guard floor refuses: 0 nodes would stay.");
    const json = JSON.parse((await runWarden(world, "explain", id, "--json")).out);
    expect(json.refused).toEqual({ guard: "floor", why: "0 nodes would stay" });
  });

  it("still knows a node whose record has expired, from the ledger", async () => {
    const { world, ids } = moodle(1);
    const id = ids[0] ?? "";
    decided(world, id, { phase: "gone", phaseBefore: "released", why: "gone" });
    removeNode(world, id, 0);
    world.nodes.clear();
    const { status, out } = await runWarden(world, "explain", id);
    expect(status).toBe(0);
    expect(out).toContain(`${id} was a node of site moodle; it is gone.`);
    expect(out).toContain("released → gone  gone");
  });

  it("exits 1 for an id that nobody knows", async () => {
    const { world } = moodle(1);
    const { status, err } = await runWarden(world, "explain", "i-0123456789abcdef0");
    expect(status).toBe(1);
    expect(err).toBe(
      "Nobody knows i-0123456789abcdef0 in site moodle: no group has it, and the ledger of 90 days does not name it: `warden nodes` lists the nodes there are.\n",
    );
  });
});
