/** Freezes and peaks as a person plans them, by the clock of the site. */
import { expect, it } from "vitest";
import { instantOf } from "../src/site-time.ts";
import { addNode, addSite, type FakeWorld, fakeWorld, runWarden } from "./fake-world.ts";

function vienna(): FakeWorld {
  const world = fakeWorld();
  addSite(world, "moodle");
  const [site] = world.sites.splice(0);
  if (site === undefined) throw new Error("no site");
  world.sites.push({ ...site, timeZone: "Europe/Vienna" });
  for (let number = 1; number <= 3; number++) addNode(world, number);
  return world;
}

const soon = (world: FakeWorld, hours: number): string => new Date(world.now + hours * 3_600_000).toISOString();
const window = (world: FakeWorld): string[] => ["--from", soon(world, 0.1), "--to", soon(world, 3)];

it.each([
  ["2026-06-22 08:00", "from", "2026-06-22T06:00:00.000Z"],
  ["2026-01-12 08:00", "from", "2026-01-12T07:00:00.000Z"],
  // 2:30 comes twice on the last Sunday of October, and not at all on that of March.
  ["2026-10-25 02:30", "from", "2026-10-25T00:30:00.000Z"],
  ["2026-10-25 02:30", "to", "2026-10-25T01:30:00.000Z"],
  ["2026-03-29 02:30", "from", "2026-03-29T00:30:00.000Z"],
  ["2026-03-29 02:30", "to", "2026-03-29T01:30:00.000Z"],
  ["2026-06-22T06:00Z", "from", "2026-06-22T06:00:00.000Z"],
] as const)("%s in Vienna, at the edge %s, is %s", (text, edge, instant) => {
  expect(new Date(instantOf(text, "Europe/Vienna", edge)).toISOString()).toBe(instant);
});

it("a window across the change of the clock is an hour longer in autumn and shorter in spring", () => {
  const hours = (from: string, to: string) =>
    (instantOf(to, "Europe/Vienna", "to") - instantOf(from, "Europe/Vienna", "from")) / 3_600_000;
  expect(hours("2026-10-24 20:00", "2026-10-25 08:00")).toBe(13);
  expect(hours("2026-03-28 20:00", "2026-03-29 08:00")).toBe(11);
});

it("is planned, shown and ended", async () => {
  const world = vienna();
  const added = await runWarden(world, "freeze", "add", ...window(world), "--reason", "final exams");
  expect([added.status, added.out]).toEqual([
    0,
    expect.stringMatching(
      /^Site moodle is frozen from .* \+0[12]:00 to .*\(2 h 54 min\)\. From now on nothing voluntary/,
    ),
  ]);
  const list = await runWarden(world, "freeze", "list");
  expect(list.out).toMatch(/final exams/);
  const { freezes } = JSON.parse((await runWarden(world, "freeze", "list", "--json")).out);
  expect(freezes).toMatchObject([{ kind: "freeze", inForce: true, reason: "final exams" }]);
  expect((await runWarden(world, "freeze", "end", freezes[0].id)).out).toMatch(/is ended/);
  expect((await runWarden(world, "freeze", "list")).out).toBe("No freeze of site moodle is planned.\n");
});

it("refuses to drain a node in a freeze, by name, with status 4", async () => {
  const world = vienna();
  await runWarden(world, "freeze", "add", ...window(world), "--reason", "exam");
  const { status, err } = await runWarden(world, "drain", `i-${"1".padStart(17, "0")}`);
  expect([status, err]).toEqual([
    4,
    expect.stringMatching(/The guard freeze refuses to drain .*exam.*`warden freeze end`/),
  ]);
});

it("knows how many nodes a peak in force needs when it is asked whether the site is ready", async () => {
  const world = vienna();
  await runWarden(world, "peak", "add", ...window(world), "--nodes", "6");
  const { status, out } = await runWarden(world, "ready");
  expect([status, out]).toEqual([1, expect.stringContaining("3 nodes of moodle are desired, and 6 are needed")]);
});

it("changes nothing with --dry-run", async () => {
  const world = vienna();
  const { out } = await runWarden(world, "peak", "add", ...window(world), "--nodes", "6", "--dry-run");
  expect(out).toMatch(/would be frozen .*moodle has at least 6 nodes.*Nothing was changed\.\n$/);
  expect(world.calendars.size).toBe(0);
});

it.each([
  [["freeze", "add", "--from", "tomorrow", "--to", "2030-01-01 10:00"], 2, /"tomorrow" is no time: write one like/],
  [["freeze", "add", "--from", "2030-02-30 10:00", "--to", "2030-03-01 10:00"], 2, /"2030-02-30 10:00" is no time/],
  [["freeze", "add", "--from", "2030-01-02 10:00", "--to", "2030-01-01 10:00"], 2, /It ends before it begins/],
  [["freeze", "add", "--from", "2020-01-02 10:00", "--to", "2020-01-03 10:00"], 2, /It is over already/],
  [["freeze", "end", "nothing"], 2, /Site moodle has no freeze nothing: `warden freeze list`/],
  [
    ["peak", "add", "--from", "2030-01-01 08:00", "--to", "2030-01-01 10:00", "--nodes", "11"],
    1,
    /at most 10 nodes, and 11/,
  ],
] as const)("%j fails with %i and one sentence", async (words, status, text) => {
  const said = await runWarden(vienna(), ...words);
  expect([said.status, said.err]).toEqual([status, expect.stringMatching(text)]);
});
