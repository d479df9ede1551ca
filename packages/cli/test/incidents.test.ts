/** What a person is told when the parts that all nodes share are in trouble. */
import { siteKey } from "@warden/control";
import { siteName } from "@warden/fleet";
import type { Incident } from "@warden/remediation";
import { describe, expect, it } from "vitest";
import { addNode, addSite, type FakeWorld, fakeWorld, runWarden } from "./fake-world.ts";

const minute = 60_000;

function moodle(): FakeWorld {
  const world = fakeWorld();
  addSite(world, "moodle");
  addNode(world, 1);
  return world;
}

function inTrouble(message: string): FakeWorld {
  const world = moodle();
  const openedAt = world.now - 12 * minute;
  const incident: Incident = {
    ...{ id: "sessions-2026-11-21T11:48:00Z", part: "sessions", openedAt, saidAt: world.now - 20_000 },
    ...{ most: { nodes: 3, of: 5 }, alarms: ["sessions-memory"], message },
  };
  world.incidents.set("moodle", [incident]);
  const key = siteKey(siteName("moodle"));
  const entry = { v: 1, key, phaseBefore: undefined, actions: [], evidence: {} } as const;
  world.ledger.set(key, [
    { ...entry, id: "1", at: openedAt - 5 * minute, kind: "shared-change", phase: undefined, why: "a failover" },
    { ...entry, id: "2", at: openedAt, kind: "incident", phase: "opened", why: "The cache of sessions is in trouble" },
  ]);
  return world;
}

describe("warden incidents", () => {
  it("shows what is in trouble, since when, and what was told of it", async () => {
    const { status, out } = await runWarden(inTrouble("sessions (no answer)"), "incidents");
    expect(status).toBe(1);
    const [title, row, blank, story, ...entries] = out.trimEnd().split("\n");
    expect(title).toMatch(/^PART +SINCE +NODES +ALARMS +LAST SAID +WHAT IS SAID/);
    expect(row).toMatch(
      /^sessions +2026-11-21 11:48:00Z? \(12 min[^)]*\) +3 of 5 +sessions-memory +20 s ago +sessions \(no answer\)$/,
    );
    expect([blank, story]).toEqual(["", "Story"]);
    expect(entries).toEqual([
      expect.stringMatching(/^ {2}.*11:48:00.* incident opened {2}The cache of sessions is in/),
    ]);
  });

  it("says that nothing is wrong, and exits well", async () => {
    const { status, out } = await runWarden(moodle(), "incidents");
    expect([status, out]).toEqual([
      0,
      "Site moodle is well: neither what its nodes share nor its pages are in trouble.\n",
    ]);
  });

  it("prints JSON", async () => {
    const said = JSON.parse((await runWarden(inTrouble("no answer"), "incidents", "--json")).out);
    expect(said).toMatchObject({
      site: "moodle",
      open: [{ part: "sessions", openedAt: "2026-11-21T11:48:00.000Z", most: { nodes: 3, of: 5 } }],
      story: [{ kind: "incident", phase: "opened" }],
    });
  });

  it.each([40, 80, 120])("fits a terminal of %i columns, whatever nodes say", async (columns) => {
    const world = inTrouble("\u001b[31mno answer\n".repeat(30));
    const { out } = await runWarden({ ...world, columns }, "incidents");
    const [, row = ""] = out.split("\n");
    expect(row.length).toBeLessThanOrEqual(columns);
    expect(out).not.toContain("\u001b[31m");
  });
});

describe("warden sites", () => {
  it("shows of each site what is in trouble", async () => {
    const world = inTrouble("no answer");
    addSite(world, "academy");
    const { status, out } = await runWarden(world, "sites");
    expect(status).toBe(0);
    expect(out).toMatch(/^SITE .* IN TROUBLE +STOPPED/);
    expect(out.split("\n").slice(1, 3)).toEqual([
      expect.stringMatching(/^moodle .* sessions +no/),
      expect.stringMatching(/^academy .* - +no/),
    ]);
    const { sites } = JSON.parse((await runWarden(world, "sites", "--json")).out);
    expect(sites.map((site: { inTrouble: string[] }) => site.inTrouble)).toEqual([["sessions"], []]);
  });
});

describe("warden nodes", () => {
  it("says below the nodes what they share that is in trouble", async () => {
    const { out } = await runWarden(inTrouble("no answer"), "nodes");
    expect(out.trimEnd().split("\n").at(-1)).toBe(
      "The sessions of the site: in trouble for 12 min, said by 3 of 5 nodes and the alarm sessions-memory: `warden incidents`.",
    );
    const { incidents } = JSON.parse((await runWarden(inTrouble("no answer"), "nodes", "--json")).out);
    expect(incidents).toEqual(["sessions-2026-11-21T11:48:00Z"]);
  });

  it("says nothing of it when all is well", async () => {
    expect((await runWarden(moodle(), "nodes")).out).not.toContain("trouble");
  });
});
