/** Another release on a modelled node, and what the site's database makes of it. */
import {
  maintenanceOutput,
  preflightOutput,
  pushConfigOutput,
  type SchemaOutput,
  schemaOutput,
  verifyOutput,
} from "@warden/moodle";
import { describe, expect, it } from "vitest";
import { answer, desired, type NodeBench, nodeBench } from "./bench.ts";

const minutes = (count: number) => count * 60_000;
const fix = "4.5.2-1+fix-1";
const next = "5.0.0-1";
const digest = "fedcba9876543210";

async function serving(count: number): Promise<[NodeBench, ...NodeBench[]]> {
  const first = nodeBench();
  const others = Array.from({ length: count - 1 }, () => nodeBench({ beside: first }));
  for (const bench of [first, ...others]) await bench.serve();
  return [first, ...others];
}

const push = async (bench: NodeBench, release: string, more: Record<string, string> = {}) =>
  pushConfigOutput.parse((await bench.run("Warden-PushConfig", { Release: release, Digest: digest, ...more })).line);
const verdict = async (bench: NodeBench, release: string, more: Record<string, string> = {}) => {
  const { line } = await bench.run("Warden-Verify", { Release: release, Digest: digest, ...more });
  return verifyOutput.parse(line).verdict;
};
const closed = { Maintenance: "maintenance" };
const awaited = { ...closed, Upgrade: "expected" };
const maintain = async (bench: NodeBench, state: "maintenance" | "open") =>
  maintenanceOutput.parse((await bench.run("Warden-Maintenance", { Maintenance: state })).line);

type Work = "Warden-Install" | "Warden-Upgrade";
const schemaOf = (running: ReturnType<NodeBench["start"]>): SchemaOutput =>
  schemaOutput.parse(answer(running.result).line);
/** All of them at once, to their ends. */
async function together(work: Work, release: string, benches: readonly NodeBench[]): Promise<readonly SchemaOutput[]> {
  const [{ clock } = nodeBench()] = benches;
  const running = benches.map((bench) => bench.start(work, { Release: release }));
  await clock.advanceUntil(() => running.every(({ result }) => result !== undefined), minutes(60));
  return running.map(schemaOf);
}
const began = (benches: readonly NodeBench[]) =>
  benches.flatMap(({ tellings }) => tellings).filter((each) => each.kind === "schema" && each.event === "began");

describe("Warden-PushConfig with another release", () => {
  it("fetches it, once, and serves with it when its versions are the same", async () => {
    const [bench] = await serving(1);
    const before = bench.clock.now();
    expect(await push(bench, fix)).toEqual({ v: 1, ok: true, release: fix, digest });
    expect(bench.clock.now() - before).toBeGreaterThan(5_000);
    expect((await bench.ready()).status).toBe(200);
    expect(bench.tellings.filter(({ kind }) => kind === "serves")).toEqual([
      { kind: "serves", release: desired.release },
      { kind: "serves", release: undefined },
      { kind: "serves", release: fix },
    ]);
    const back = bench.clock.now();
    expect(await push(bench, desired.release)).toMatchObject({ ok: true, release: desired.release });
    expect(bench.clock.now() - back).toBeLessThan(6_000);
  });

  it("goes back from one that wants an upgrade which nobody meant", async () => {
    const [bench] = await serving(1);
    const message = "site (the site is upgrade-pending), page (no page without site)";
    expect(await push(bench, next)).toEqual({ v: 1, ok: false, step: "verify", message, ...desired });
    expect((await bench.ready()).status).toBe(200);
  });

  it("keeps one whose upgrade is expected, and answers with the notice until then, or not at all", async () => {
    const [bench] = await serving(1);
    bench.shared.maintenance = true;
    expect(await push(bench, next, awaited)).toMatchObject({ ok: true, release: next });
    expect((await bench.ready()).status).toBe(200);
    expect(await bench.machine.request(80, "/")).toMatchObject({ status: 503 });
    expect(await verdict(bench, next, awaited)).toBe("upgrade-pending");
    const [other] = await serving(1);
    expect(await push(other, next, { Upgrade: "expected" })).toMatchObject({ ok: true, release: next });
    expect((await other.ready()).status).toBe(503);
  });

  it.each(["4.5.2-1+pageless-1", "4.5.2-1+unparsable-1"])("goes back from one that is bad: %s", async (release) => {
    const [bench] = await serving(1);
    expect(await push(bench, release)).toMatchObject({ ok: false, step: "verify", ...desired });
    expect((await bench.ready()).status).toBe(200);
  });

  it("leaves everything as it is when the archive is not what it should be", async () => {
    const [bench] = await serving(1);
    bench.node.state.faults.add("release");
    expect(await push(bench, fix)).toMatchObject({ ok: false, step: "release", ...desired });
    expect((await bench.ready()).status).toBe(200);
  });
});

describe("Warden-Install", () => {
  async function launched(count: number): Promise<readonly NodeBench[]> {
    const first = nodeBench();
    first.shared.schema.code = undefined;
    const benches = [first, ...Array.from({ length: count - 1 }, () => nodeBench({ beside: first }))];
    for (const bench of benches) {
      await bench.boot();
      await bench.run("Warden-Bootstrap");
      expect((await bench.run("Warden-Verify")).line).toMatchObject({ verdict: "site-not-installed" });
    }
    return benches;
  }

  it("is done by one of three, and the others find it done", async () => {
    const benches = await launched(3);
    const outputs = await together("Warden-Install", desired.release, benches);
    expect(outputs.map(({ state }) => state)).toEqual(["installed", "installed", "installed"]);
    expect(outputs.filter(({ moved }) => moved)).toHaveLength(1);
    expect(began(benches)).toHaveLength(1);
    for (const bench of benches) expect((await bench.run("Warden-Verify")).line).toMatchObject({ verdict: "ok" });
  });

  it("that dies in the middle leaves what nobody can go on with, and no lock", async () => {
    const [first, second] = (await launched(2)) as [NodeBench, NodeBench];
    first.start("Warden-Install");
    const waits = second.start("Warden-Install");
    await first.clock.advance(10_000);
    expect(waits.result).toBeUndefined();
    first.machine.powerOff("kill");
    await first.clock.advance(1_000);
    expect(schemaOf(waits)).toMatchObject({ state: "half-installed", moved: false });
    expect((await second.run("Warden-Verify")).line).toMatchObject({ verdict: "site-not-installed" });
    expect(await together("Warden-Upgrade", desired.release, [second])).toMatchObject([{ state: "half-installed" }]);
  });

  it("says so when the database went away meanwhile", async () => {
    const [bench] = (await launched(1)) as [NodeBench];
    const running = bench.start("Warden-Install");
    await bench.clock.advance(10_000);
    bench.shared.database = "down";
    await bench.clock.advance(minutes(2));
    expect(schemaOf(running)).toMatchObject({ state: "unknown", moved: true });
    bench.shared.database = "up";
    expect(await together("Warden-Install", desired.release, [bench])).toMatchObject([{ state: "half-installed" }]);
  });

  it("leaves a site alone that is there", async () => {
    const [bench] = await serving(1);
    expect(await together("Warden-Install", desired.release, [bench])).toMatchObject([
      { state: "installed", moved: false },
    ]);
  });
});

describe("Warden-Upgrade", () => {
  async function closedWith(release: string, count = 1): Promise<[NodeBench, ...NodeBench[]]> {
    const benches = await serving(count);
    for (const bench of benches) await maintain(bench, "maintenance");
    for (const bench of benches) await push(bench, release, awaited);
    return benches;
  }

  it("brings the database up to the code, once for all", async () => {
    const benches = await closedWith(next, 2);
    const outputs = await together("Warden-Upgrade", next, benches);
    expect(outputs.map(({ state, moved }) => `${state} ${moved}`).sort()).toEqual([
      "installed false",
      "installed true",
    ]);
    expect(began(benches)).toHaveLength(1);
    for (const bench of benches) expect(await verdict(bench, next, closed)).toBe("ok");
    await maintain(benches[0], "open");
    expect(await benches[0].machine.request(80, "/")).toMatchObject({ status: 200 });
  });

  it("leaves old code to itself: while the schema moves it finds nothing amiss, afterwards it does", async () => {
    const [old, node] = (await serving(2)) as [NodeBench, NodeBench];
    await maintain(old, "maintenance");
    await push(node, next, awaited);
    const running = node.start("Warden-Upgrade", { Release: next });
    await node.clock.advance(10_000);
    expect(running.result).toBeUndefined();
    const before = { Digest: desired.digest, ...closed };
    expect(await verdict(old, desired.release, before)).toBe("ok");
    await node.clock.advance(minutes(4));
    expect(schemaOf(running)).toMatchObject({ state: "installed", moved: true });
    expect(await verdict(old, desired.release, before)).toBe("upgrade-pending");
  });

  it.for(["waits for it", "comes later"])(
    "that dies in the middle is gone on with by one that %s, once Moodle's mark is five minutes old",
    async (who) => {
      const [first, second] = (await closedWith(next, 2)) as [NodeBench, NodeBench];
      first.start("Warden-Upgrade", { Release: next });
      await first.clock.advance(5_000);
      const early = who === "waits for it" ? second.start("Warden-Upgrade", { Release: next }) : undefined;
      await first.clock.advance(5_000);
      first.machine.powerOff("kill");
      expect(first.shared.schema).toMatchObject({ code: desired.release, moving: true });
      const diedAt = first.clock.now();
      const running = early ?? second.start("Warden-Upgrade", { Release: next });
      await second.clock.advance(minutes(5) - 1_000);
      expect(began([second])).toEqual([]);
      await second.clock.advanceUntil(() => running.result !== undefined, minutes(10));
      expect(schemaOf(running)).toMatchObject({ state: "installed", moved: true });
      expect(second.clock.now() - diedAt).toBeGreaterThan(minutes(5));
      expect(first.shared.schema).toMatchObject({ code: next, moving: false });
    },
  );

  it("that fails has moved the schema, and a mended release goes on with it", async () => {
    const [bench] = await closedWith("5.0.0-1+broken-1");
    expect(await together("Warden-Upgrade", "5.0.0-1+broken-1", [bench])).toMatchObject([
      { state: "upgrade-pending", moved: true },
    ]);
    expect(bench.shared.schema.moving).toBe(true);
    await push(bench, next, awaited);
    expect(await together("Warden-Upgrade", next, [bench])).toMatchObject([{ state: "installed", moved: true }]);
  });

  it("is not begun by a node with another release", async () => {
    const [bench] = await serving(1);
    expect(await together("Warden-Upgrade", next, [bench])).toMatchObject([{ state: "unknown", moved: false }]);
    expect(began([bench])).toEqual([]);
  });

  it("tells when it begins and how it ended, also when the machine dies", async () => {
    const [bench] = await closedWith(next);
    bench.start("Warden-Upgrade", { Release: next });
    await bench.clock.advance(10_000);
    bench.machine.powerOff("kill");
    expect(bench.tellings.filter(({ kind }) => kind === "schema")).toEqual([
      { kind: "schema", event: "began", work: "upgrade", release: next },
      { kind: "schema", event: "ended", code: desired.release, moving: true },
    ]);
  });
});

describe("Warden-Preflight", () => {
  const preflight = async (bench: NodeBench, release: string) =>
    preflightOutput.parse((await bench.run("Warden-Preflight", { Release: release, Digest: digest })).line);

  it.each([
    [fix, "none"],
    [next, "closed"],
    ["5.0.0-1+open-1", "open"],
  ] as const)("says what Moodle asks for, and switches nothing: %s, %s", async (release, upgrade) => {
    const [bench] = await serving(1);
    expect(await preflight(bench, release)).toEqual({ v: 1, ok: true, upgrade, problems: [] });
    expect(bench.node.state.disk).toMatchObject(desired);
    expect((await bench.ready()).status).toBe(200);
    const before = bench.clock.now();
    await push(bench, release, { Upgrade: "expected" });
    expect(bench.clock.now() - before).toBeLessThan(6_000);
  });

  it("names what stands in the way, or what is down", async () => {
    const [bench] = await serving(1);
    expect(await preflight(bench, "5.0.0-1+unparsable-1")).toMatchObject({
      problems: [expect.stringContaining("syntax error")],
    });
    bench.shared.database = "down";
    expect(await preflight(bench, next)).toMatchObject({ ok: false, part: "database" });
  });
});

describe("Warden-Maintenance", () => {
  it("closes the site for all, and tells what still runs until it has ended", async () => {
    const [first, second] = (await serving(2)) as [NodeBench, NodeBench];
    second.traffic = 3;
    second.node.load.startTask("\\core\\task\\backup", 60_000);
    expect(await maintain(first, "maintenance")).toEqual({ v: 1, ok: true, maintenance: true, tasks: [], oldest: 0 });
    expect(second.node.load.startTask("\\core\\task\\other", 60_000)).toBe(false);
    const busy = await maintain(second, "maintenance");
    expect(busy).toMatchObject({ tasks: ["\\core\\task\\backup"], oldest: expect.any(Number) });
    expect(busy.ok && busy.oldest).toBeGreaterThan(0);
    await second.clock.advance(60_000);
    expect(await maintain(second, "maintenance")).toMatchObject({ tasks: [], oldest: 0 });
    expect([first, second].map(({ node }) => node.isReady())).toEqual([true, true]);
    const told = [first, second].flatMap(({ tellings }) => tellings.filter(({ kind }) => kind === "maintenance"));
    expect(told).toEqual([{ kind: "maintenance", closed: true }]);
  });

  it("sends each cron process its one SIGTERM, and a drain none, and opening starts others", async () => {
    const [bench] = await serving(1);
    await maintain(bench, "maintenance");
    await maintain(bench, "maintenance");
    await bench.run("Warden-Drain");
    expect(bench.node.state.memory.cron).toEqual([{ sigterms: 1 }]);
    const [other] = await serving(1);
    await maintain(other, "maintenance");
    await maintain(other, "open");
    expect(other.node.state.memory.cron).toEqual([{ sigterms: 0 }]);
    expect(other.node.load.startTask("\\core\\task\\backup", 60_000)).toBe(true);
  });

  it("starts no cron on a node that is bootstrapped again meanwhile", async () => {
    const [bench] = await serving(1);
    await maintain(bench, "maintenance");
    await bench.run("Warden-Bootstrap");
    expect(bench.node.state.memory.cron).toEqual([{ sigterms: 1 }]);
  });

  it("needs the shared files, where the notice lies", async () => {
    const [bench] = await serving(1);
    bench.shared.files = "down";
    expect(await maintain(bench, "maintenance")).toMatchObject({ ok: false });
    expect(bench.shared.maintenance).toBe(false);
  });
});
