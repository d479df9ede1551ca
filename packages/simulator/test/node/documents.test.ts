import {
  bootstrapOutput,
  drainOutput,
  drainStatusOutput,
  evidenceOutput,
  purgeCacheOutput,
  pushConfigOutput,
  restartPhpOutput,
  verifyOutput,
} from "@warden/moodle";
import { describe, expect, it } from "vitest";
import { answer, desired, nodeBench } from "./bench.ts";

describe("Warden-Bootstrap", () => {
  it("mounts, unpacks the release and the bundle, starts services, and says so in its last line", async () => {
    const bench = nodeBench();
    await bench.boot();
    const { exitCode, line } = await bench.run("Warden-Bootstrap");
    expect(exitCode).toBe(0);
    expect(bootstrapOutput.parse(line)).toEqual({ v: 1, ok: true, ...desired });
    const { disk, memory } = bench.node.state;
    expect({ ...disk, ...memory }).toMatchObject({
      ...desired,
      mounted: true,
      servicesRun: true,
      cron: [{ sigterms: 0 }],
    });
  });

  it.each(["mount", "release", "bundle", "services"] as const)("names the step that failed: %s", async (step) => {
    const bench = nodeBench();
    bench.node.state.faults.add(step);
    await bench.boot();
    const { exitCode, line } = await bench.run("Warden-Bootstrap");
    expect(exitCode).toBe(1);
    const output = bootstrapOutput.parse(line);
    expect(output).toMatchObject({ ok: false, step });
    expect(output).not.toHaveProperty("part");
  });

  it.each([
    ["files", "mount"],
    ["database", "warm"],
    ["cache", "warm"],
  ] as const)("names the shared part that failed, not the node: %s", async (part, step) => {
    const bench = nodeBench();
    bench.shared[part] = "down";
    await bench.boot();
    const { line } = await bench.run("Warden-Bootstrap");
    expect(bootstrapOutput.parse(line)).toMatchObject({ ok: false, step, part });
  });

  it("leaves an older release in place when the new one cannot be unpacked", async () => {
    const bench = nodeBench();
    await bench.serve();
    bench.node.state.faults.add("release");
    await bench.run("Warden-Bootstrap", { Release: "5.0.0-1" });
    expect(bench.node.state.disk.release).toBe(desired.release);
    expect(bench.node.isReady()).toBe(true);
  });
});

describe("Warden-Verify", () => {
  it("is ok when everything answers and the node has what it should have", async () => {
    const bench = nodeBench();
    await bench.boot();
    await bench.run("Warden-Bootstrap");
    const { exitCode, line } = await bench.run("Warden-Verify");
    expect(exitCode).toBe(0);
    const output = verifyOutput.parse(line);
    expect(output).toMatchObject({ verdict: "ok", ...desired });
    expect(output.probes.every(({ ok }) => ok)).toBe(true);
  });

  it.each(["mount", "workers", "disk", "clock", "page"] as const)(
    "is node-bad for a fault of the node: %s",
    async (fault) => {
      const bench = nodeBench();
      await bench.serve();
      bench.node.state.faults.add(fault);
      const output = verifyOutput.parse((await bench.run("Warden-Verify")).line);
      expect(output.verdict).toBe("node-bad");
      expect(output.probes.filter(({ ok }) => !ok).map(({ name }) => name)).toContain(fault);
      expect(bench.node.isReady()).toBe(false);
    },
  );

  it.each(["release", "digest"] as const)("is node-bad for another %s than expected", async (what) => {
    const bench = nodeBench();
    await bench.serve();
    bench.node.state.disk[what] = "fedcba98";
    const output = verifyOutput.parse((await bench.run("Warden-Verify")).line);
    expect(output).toMatchObject({ verdict: "node-bad", [what]: "fedcba98" });
  });

  it("is node-bad before any bootstrap", async () => {
    const bench = nodeBench();
    await bench.boot();
    const { exitCode, line } = await bench.run("Warden-Verify");
    expect(exitCode).toBe(1);
    const output = verifyOutput.parse(line);
    expect(output).toMatchObject({ verdict: "node-bad", release: "none" });
    const wrong = output.probes.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(wrong).toEqual(["mount", "release", "digest", "workers", "page"]);
  });

  it.each(["database", "sessions", "cache", "files"] as const)(
    "is dependency-bad, never node-bad, while %s is down (DESIGN 5, rule 6)",
    async (part) => {
      const bench = nodeBench();
      await bench.serve();
      bench.shared[part] = "down";
      expect(verifyOutput.parse((await bench.run("Warden-Verify")).line).verdict).toBe("dependency-bad");
      bench.node.state.faults.add("page");
      expect(verifyOutput.parse((await bench.run("Warden-Verify")).line).verdict).toBe("dependency-bad");
      bench.node.state.faults.clear();
      bench.shared[part] = "up";
      expect(bench.node.isReady()).toBe(true);
    },
  );

  it.each([
    ["empty", undefined, "site-not-installed"],
    ["for other code", "4.5.1-1", "upgrade-pending"],
  ] as const)("says when the database is %s", async (_, code, verdict) => {
    const bench = nodeBench();
    bench.shared.schema.code = code;
    await bench.boot();
    await bench.run("Warden-Bootstrap");
    expect(verifyOutput.parse((await bench.run("Warden-Verify")).line).verdict).toBe(verdict);
    expect(bench.node.isReady()).toBe(false);
  });

  it("takes the expected state of maintenance as an input", async () => {
    const bench = nodeBench();
    await bench.serve();
    bench.shared.maintenance = true;
    expect((await bench.run("Warden-Verify", { Maintenance: "maintenance" })).line).toMatchObject({ verdict: "ok" });
    expect((await bench.run("Warden-Verify", { Maintenance: "open" })).line).toMatchObject({
      verdict: "dependency-bad",
    });
  });
});

describe("Warden-Drain and Warden-DrainStatus", () => {
  it("says at once that it drains, and becomes idle when its last request has ended", async () => {
    const bench = nodeBench();
    bench.traffic = 12;
    await bench.serve();
    const before = drainStatusOutput.parse((await bench.run("Warden-DrainStatus")).line);
    expect(before).toMatchObject({ writing: 13, active: 12 });
    const { line } = await bench.run("Warden-Drain", { Deadline: "2026-03-02T08:20:00Z" });
    expect(drainOutput.parse(line)).toEqual({ v: 1, draining: true });
    await bench.clock.advance(8_000);
    const after = drainStatusOutput.parse((await bench.run("Warden-DrainStatus")).line);
    expect(after).toEqual({ v: 1, reading: 0, writing: 1, active: 0, tasks: [] });
  });

  it("sends each cron process exactly one SIGTERM, however often it is told to drain", async () => {
    const bench = nodeBench({ cronProcesses: 3 });
    await bench.serve();
    await bench.run("Warden-Drain");
    await bench.run("Warden-Drain");
    bench.machine.metadata.spotAction = { action: "terminate", time: "2026-03-02T08:10:00Z" };
    await bench.clock.advance(10_000);
    expect(bench.node.state.memory.cron).toEqual([{ sigterms: 1 }, { sigterms: 1 }, { sigterms: 1 }]);
  });

  it("lets running tasks finish, starts no new one, and lists what still runs", async () => {
    const bench = nodeBench();
    await bench.serve();
    expect(bench.node.load.startTask("\\core\\task\\backup", 60_000)).toBe(true);
    await bench.run("Warden-Drain");
    expect(bench.node.load.startTask("\\core\\task\\other", 60_000)).toBe(false);
    expect((await bench.run("Warden-DrainStatus")).line).toMatchObject({ tasks: ["\\core\\task\\backup"] });
    await bench.clock.advance(60_000);
    expect((await bench.run("Warden-DrainStatus")).line).toMatchObject({ tasks: [] });
  });

  it("starts no cron on a node that drained before it was bootstrapped", async () => {
    const bench = nodeBench();
    await bench.boot();
    await bench.run("Warden-Drain");
    await bench.run("Warden-Bootstrap");
    expect(bench.node.state.memory.cron).toEqual([]);
  });

  it("counts what the power cut off", async () => {
    const bench = nodeBench();
    bench.traffic = 4;
    await bench.serve();
    bench.node.load.startTask("\\core\\task\\backup", 60_000);
    bench.machine.powerOff("kill");
    expect(bench.node.state.losses).toEqual({ requests: 4, tasks: ["\\core\\task\\backup"] });
  });
});

describe("Warden-Evidence", () => {
  it("tells what happened on the node", async () => {
    const bench = nodeBench();
    await bench.serve();
    const { summary } = evidenceOutput.parse((await bench.run("Warden-Evidence")).line);
    expect(summary).toContain(`has ${desired.release} with ${desired.digest}; `);
    expect(summary).toContain("verified: ok");
  });
});

describe("Warden-PushConfig", () => {
  const better = { ...desired, digest: "fedcba9876543210" };
  const pushed = async (bench: ReturnType<typeof nodeBench>, to = better) => {
    const { exitCode, line } = await bench.run("Warden-PushConfig", { Release: to.release, Digest: to.digest });
    return { exitCode, output: pushConfigOutput.parse(line) };
  };

  it("takes the configuration and is ready with it, as it was before", async () => {
    const bench = nodeBench();
    await bench.serve();
    expect(await pushed(bench)).toEqual({ exitCode: 0, output: { v: 1, ok: true, ...better } });
    expect((await bench.ready()).status).toBe(200);
    expect(bench.node.state.disk.digest).toBe(better.digest);
  });

  it("returns to what it had from one that is bad, and is ready again", async () => {
    const bench = nodeBench();
    await bench.serve();
    bench.shared.badConfigurations.add(better.digest);
    const { exitCode, output } = await pushed(bench);
    expect(exitCode).toBe(1);
    expect(output).toMatchObject({
      ok: false,
      step: "verify",
      message: "page (the front page answers 500)",
      ...desired,
    });
    expect((await bench.ready()).status).toBe(200);
  });

  it("keeps it while a shared part is down: that says nothing about it", async () => {
    const bench = nodeBench();
    await bench.serve();
    bench.shared.cache = "down";
    expect((await pushed(bench)).output).toMatchObject({ ok: true, digest: better.digest });
  });

  it("is told of, step by step, with what the node found", async () => {
    const bench = nodeBench();
    await bench.serve();
    const [has, next] = [desired, better].map(({ digest }) => digest.slice(0, 4));
    expect(bench.configurations.splice(0)).toEqual([`put ${has}`, `good ${has}`]);
    bench.shared.badConfigurations.add(better.digest);
    await pushed(bench);
    expect(bench.configurations.splice(0)).toEqual([`put ${next}`, `bad ${next}`, `put ${has}`, `good ${has}`]);
    bench.shared.cache = "down";
    bench.shared.badConfigurations.clear();
    await pushed(bench);
    expect(bench.configurations).toEqual([`put ${next}`]);
  });

  it("puts back what somebody changed, which verification names without taking the node away", async () => {
    const bench = nodeBench();
    await bench.serve();
    bench.node.state.faults.add("drift");
    const { verdict, probes } = verifyOutput.parse((await bench.run("Warden-Verify")).line);
    expect(verdict).toBe("node-bad");
    expect(probes).toContainEqual({ name: "digest", ok: false, message: "config.php was changed on this node" });
    expect((await bench.ready()).status).toBe(200);
    expect((await pushed(bench, desired)).output.ok).toBe(true);
    expect(verifyOutput.parse((await bench.run("Warden-Verify")).line).verdict).toBe("ok");
  });
});

describe("Warden-PurgeCache and Warden-RestartPhp", () => {
  it("purges where the cache answers", async () => {
    const bench = nodeBench();
    await bench.serve();
    expect(purgeCacheOutput.parse((await bench.run("Warden-PurgeCache")).line)).toMatchObject({ ok: true });
    bench.shared.cache = "down";
    expect(purgeCacheOutput.parse((await bench.run("Warden-PurgeCache")).line)).toMatchObject({ ok: false });
  });

  it("brings workers back that were gone", async () => {
    const bench = nodeBench();
    await bench.serve();
    bench.node.state.faults.add("workers");
    expect((await bench.ready()).status).toBe(503);
    expect(restartPhpOutput.parse((await bench.run("Warden-RestartPhp")).line).ok).toBe(true);
    expect((await bench.ready()).status).toBe(200);
  });
});

describe("a batch", () => {
  it("runs once: a repeat is answered with the first result (DESIGN 3, intent before effect)", async () => {
    const bench = nodeBench();
    await bench.boot();
    bench.node.state.faults.add("release");
    const first = await bench.run("Warden-Bootstrap", { BatchId: "one" });
    bench.node.state.faults.clear();
    const before = bench.clock.now();
    expect(await bench.run("Warden-Bootstrap", { BatchId: "one" })).toEqual(first);
    expect(bench.clock.now() - before).toBeLessThan(1_000);
    expect((await bench.run("Warden-Bootstrap", { BatchId: "two" })).line).toMatchObject({ ok: true });
  });

  it("makes a repeat wait for the first one's result", async () => {
    const bench = nodeBench();
    await bench.boot();
    const first = bench.start("Warden-Bootstrap", { BatchId: "one" });
    await bench.clock.advance(5_000);
    const repeat = bench.start("Warden-Bootstrap", { BatchId: "one" });
    await bench.clock.advanceUntil(() => first.result !== undefined, 60_000);
    expect(answer(repeat.result)).toEqual(answer(first.result));
    expect(bench.node.state.disk.journal).toHaveLength(1);
  });

  it("keeps its result over a stop and a start of the machine", async () => {
    const bench = nodeBench();
    await bench.boot();
    const first = await bench.run("Warden-Bootstrap", { BatchId: "one" });
    bench.machine.powerOff("shutdown");
    await bench.boot();
    expect(await bench.run("Warden-Bootstrap", { BatchId: "one" })).toEqual(first);
  });

  it("runs again when the first run died without a result", async () => {
    const bench = nodeBench();
    await bench.boot();
    bench.start("Warden-Bootstrap", { BatchId: "one" });
    await bench.clock.advance(1_000);
    bench.machine.powerOff("kill");
    await bench.boot();
    expect((await bench.run("Warden-Bootstrap", { BatchId: "one" })).line).toMatchObject({ ok: true });
  });
});
