/** A morning in virtual time, its ledger in a file, and what another policy would have made of it. */
import type { Policy } from "@warden/fleet";
import {
  type Hindsight,
  hindsight,
  type LedgerFile,
  ledgerOf,
  readLedger,
  simulateFrom,
  writeLedger,
} from "@warden/worlds/ledger";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { beforeAll, describe, expect, it } from "vitest";
import { desire, expectNoDefects, minutes, seconds, untilServing } from "./site.ts";

let text: string;
let ledger: LedgerFile;

/** Four nodes come, each runs a task of ten minutes, three of them go. */
beforeAll(async () => {
  const world = await virtualWorld({ desired: 2, timing: "aws", fleet: { min: 1 } });
  await untilServing(world, 2, minutes(20));
  await desire(world, 4);
  await untilServing(world, 4, minutes(20));
  await world.clock.advance(minutes(5));
  for (const { software } of world.machines.values()) software.load.startTask("a backup", minutes(10));
  await desire(world, 1);
  await world.clock.advance(minutes(20));
  expectNoDefects(world);
  text = await exported(world);
  ledger = read(text);
  world.stop();
});

const withPolicy = (changes: Partial<Policy>): Hindsight => hindsight(ledger, { ...ledger.site.policy, ...changes });

describe("hindsight on a ledger", () => {
  it("finds every decision again with the site's own policy", () => {
    const found = withPolicy({});
    expect(found).toMatchObject({ differences: [], drifted: [], notCompared: 0, nodes: 4 });
    expect(found.alike).toBe(text.trim().split("\n").length - 1);
    expect(found.alike).toBeGreaterThan(20);
  });

  it("sees a drain that would have been cut short, at the moment its time would have been up", () => {
    const found = withPolicy({ drainBudget: minutes(7) });
    expect(found.differences).toHaveLength(3);
    for (const { node, at, decided, other, between } of found.differences) {
      const began = ledger.nodes.get(node)?.find(({ phase }) => phase === "leaving")?.at ?? Number.NaN;
      expect(at).toBeGreaterThanOrEqual(began + minutes(7));
      // A leaving node is asked once a minute, and answers some seconds later.
      expect(at).toBeLessThan(began + minutes(8.5));
      expect(decided.why).toMatch(/still busy|work ends|is under way/);
      // Whether it names the task depends on what the node had said by then.
      expect(other.why).toMatch(/time is up|abandoning a backup/);
      expect(other.actions).not.toEqual(decided.actions);
      expect(typeof between).toBe("boolean");
    }
    expect(found.notCompared).toBeGreaterThan(0);
    expect(found.drifted).toEqual([]);
  });

  it("sees launches that would have been given up", () => {
    const found = withPolicy({ launchBudget: seconds(30) });
    expect(found.differences).toHaveLength(4);
    for (const { other } of found.differences) expect(other.why).toMatch(/^ABANDON: /);
  });

  it("sees what would not have been done", () => {
    const found = withPolicy({ verifyEvery: minutes(60) });
    expect(found.differences.map(({ decided, other }) => [decided.actions, other.actions])).toEqual([
      [["send-command"], []],
    ]);
  });

  it("calls nothing a difference that this morning did not depend on", () => {
    expect(withPolicy({ breakerThreshold: 3, disruptionBudget: 0.5 }).differences).toEqual([]);
  });

  it("says from where this Warden decides otherwise than the one that wrote the ledger", () => {
    const older = read(text.replace('"phase":"joining"', '"phase":"in-service"'));
    const found = hindsight(older, older.site.policy);
    expect(found.drifted).toHaveLength(1);
    expect(found.drifted[0]).toMatchObject({ recorded: { phase: "in-service" }, now: { phase: "joining" } });
    expect(found.differences).toEqual([]);
  });

  it("simulates from the first difference what either policy comes to", async () => {
    const other = { ...ledger.site.policy, drainBudget: minutes(1) };
    const [first] = hindsight(ledger, other).differences;
    if (first === undefined) throw new Error("no difference");
    const simulated = await simulateFrom(first, { own: ledger.site.policy, other }, { now: Date.now(), workers: 1 });
    expect(simulated.happens).toBe("scaling from 1 to 1 nodes");
    expect(simulated.own.runs).toBe(simulated.runs);
    expect(simulated.other.drain.tasksAbandoned).toBeGreaterThanOrEqual(simulated.own.drain.tasksAbandoned);
  });
});

describe("a file that is no ledger", () => {
  it.each([
    ["", 1],
    ["{}", 1],
    ["not JSON", 1],
  ])("is refused with its line: %j", (content, line) => {
    expect(readLedger(content)).toMatchObject({ ok: false, line });
  });

  it("is refused where an entry is damaged", () => {
    const lines = text.split("\n");
    expect(readLedger([lines[0], lines[1], lines[2]?.slice(0, 40)].join("\n"))).toMatchObject({ ok: false, line: 3 });
  });

  it("counts what an older Warden wrote without its observation, and compares the rest", () => {
    const lines = text.trim().split("\n");
    const bare = lines.map((line, index) => (index === 1 ? line.replace(/"evidence":.*/, '"evidence":{}}') : line));
    expect(read(bare.join("\n")).leftOut).toBe(1);
  });
});

async function exported({ deps }: VirtualWorld): Promise<string> {
  const [site] = await deps.settings.sites();
  if (site === undefined) throw new Error("there is no site");
  return writeLedger(site, await ledgerOf(site, deps.ports.store));
}

function read(content: string): LedgerFile {
  const found = readLedger(content);
  if (!found.ok) throw new Error(JSON.stringify(found));
  return found.ledger;
}
