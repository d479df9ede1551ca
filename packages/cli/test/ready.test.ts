/** What an administrator is told at 8:55 before an exam at 9:00. */
import { groupName } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import {
  addNode,
  addSite,
  type FakeWorld,
  fakeWorld,
  recordOf,
  runWarden,
  setRecord,
  setUpgrade,
} from "./fake-world.ts";

function moodle(nodes = 3): FakeWorld {
  const world = fakeWorld();
  addSite(world, "moodle");
  for (let number = 1; number <= nodes; number++) addNode(world, number);
  return world;
}

const change = (world: FakeWorld, changes: object): void => {
  const facts = world.groups.get("moodle") ?? expect.fail("it is there");
  world.groups.set("moodle", { ...facts, name: groupName("moodle"), ...changes });
};

const first = (world: FakeWorld) => recordOf(world, `i-${"1".padStart(17, "0")}`);

describe("warden ready", () => {
  it("is READY when all nodes are in service and proven, and nothing is in trouble or under way", async () => {
    const { status, out } = await runWarden(moodle(), "ready");
    expect([status, out]).toEqual([
      0,
      "READY: 3 of 3 nodes of site moodle are in service, and nothing is in trouble or under way.\n",
    ]);
    expect((await runWarden(moodle(), "ready", "--nodes", "3")).status).toBe(0);
  });

  const cases: readonly (readonly [string, (world: FakeWorld) => void, RegExp])[] = [
    [
      "a node that is still on its way",
      (world) => setRecord(world, { ...first(world), phase: { name: "joining" } }, "verified"),
      /2 of 3 nodes of moodle are in service, proven and without complaint; i-0+1 is joining \(verified\)/,
    ],
    [
      "a node with another configuration than is assigned",
      (world) => {
        const verified = { release: "4.5.1", digest: "old", at: world.now };
        setRecord(world, { ...first(world), verified }, "in service");
      },
      /2 of 3 nodes of moodle/,
    ],
    [
      "a node that complains of what all share",
      (world) => {
        const complaint = { parts: ["files" as const], message: "no answer", at: world.now };
        const phase = { name: "in-service" as const, nextVerifyAt: world.now, failures: 0, complaint };
        setRecord(world, { ...first(world), phase }, "in service; files (no answer)");
      },
      /2 of 3 nodes of moodle.*files \(no answer\)/,
    ],
    ["a node that Auto Scaling does not show in service", (world) => change(world, { instances: [] }), /0 of 3 nodes/],
    ["more nodes that are desired", (world) => change(world, { desired: 5 }), /3 of 5 nodes/],
    ["a group that is not there", (world) => void world.groups.clear(), /there is no group moodle/],
    [
      "an incident",
      (world) =>
        void world.incidents.set("moodle", [
          {
            ...{ id: "i", part: "database", openedAt: world.now - 300_000, saidAt: world.now },
            ...{ most: { nodes: 0, of: 3 }, alarms: ["cpu"], message: "Threshold Crossed" },
          },
        ]),
      /the database of the site: in trouble for 5 min.*\(Threshold Crossed\)/,
    ],
    [
      "a group that does not grow",
      (world) => change(world, { suspended: ["AlarmNotification"] }),
      /AlarmNotification of moodle is suspended: the group does not grow with its load/,
    ],
    [
      "a group where nothing launches",
      (world) => change(world, { suspended: ["Launch"] }),
      /suspended: no node can start/,
    ],
    [
      "an upgrade that is under way",
      (world) => setUpgrade(world, { phase: "switching" }, "all nodes take the new code"),
      /an upgrade is under way: all nodes take the new code/,
    ],
    [
      "an upgrade that is stuck",
      (world) => setUpgrade(world, { phase: "stuck" }, "the site stays closed"),
      /an upgrade is stuck: the site stays closed/,
    ],
    [
      "launches that failed",
      (world) => void world.states.set("moodle/moodle", { failedLaunches: 5 }),
      /5 launches of moodle failed in a row/,
    ],
    [
      "a Warden that is not at work",
      (world) => {
        world.lastSweep = world.now - 600_000;
      },
      /the last sweep was 10 min.* ago/,
    ],
  ];

  it.each(cases)("is NOT READY with %s, and says what to do", async (_, happens, what) => {
    const world = moodle();
    happens(world);
    const { status, out } = await runWarden(world, "ready");
    const [title, reason, mend] = out.trimEnd().split("\n");
    expect([status, title]).toEqual([1, "NOT READY:"]);
    expect(reason).toMatch(what);
    expect(mend).toMatch(/^ {4}\S/);
  });

  it("is NOT READY for more nodes than there are: one says how to get them, or what forbids it", async () => {
    const few = await runWarden(moodle(), "ready", "--nodes", "6");
    expect([few.status, few.out]).toEqual([1, expect.stringContaining("--desired-capacity 6: a launch takes")]);
    const many = await runWarden(moodle(), "ready", "--nodes", "20");
    expect(many.out).toContain("moodle can have at most 10 nodes, and 20 are needed");
  });

  it("prints JSON", async () => {
    const world = moodle();
    change(world, { suspended: ["AZRebalance", "ScheduledActions"] });
    const said = JSON.parse((await runWarden(world, "ready", "--json")).out);
    expect(said).toMatchObject({ site: "moodle", ready: false, proven: 3, desired: 3 });
    expect(said.shortfalls).toHaveLength(1);
  });
});
