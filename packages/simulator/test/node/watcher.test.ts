import { describe, expect, it } from "vitest";
import { desired, instance, nodeBench } from "./bench.ts";

const message = (detailType: string, detail: object = {}) => ({
  v: 1,
  source: "warden.node",
  "detail-type": detailType,
  detail: { "instance-id": instance.instanceId, ...detail },
});
const started = message("Node Started");

describe("hints", () => {
  it("says that the machine is up, before its agent is", async () => {
    const bench = nodeBench();
    bench.machine.powerOn();
    await bench.clock.advance(20_000);
    expect(bench.told).toEqual([started]);
  });

  it("says so again until it was heard", async () => {
    const bench = nodeBench();
    bench.calls.failing = true;
    await bench.boot();
    expect(bench.told).toEqual([]);
    bench.calls.failing = false;
    await bench.clock.advance(30_000);
    expect(bench.told).toEqual([started]);
  });
});

describe("notices", () => {
  it("drains by itself within 5 s of a spot notice, and tells Warden once (DESIGN 5, rule 3)", async () => {
    const bench = nodeBench();
    await bench.serve();
    bench.machine.metadata.spotAction = { action: "terminate", time: "2026-03-02T08:10:00Z" };
    await bench.clock.advance(5_000);
    expect(bench.node.state.memory.draining).toBe(true);
    expect((await bench.ready()).status).toBe(503);
    await bench.clock.advance(60_000);
    expect(bench.told).toEqual([
      started,
      message("Node Notice", { notice: "spot", "not-before": "2026-03-02T08:10:00Z" }),
    ]);
  });

  it("tells each notice once, also when another one follows", async () => {
    const bench = nodeBench();
    await bench.boot();
    bench.machine.metadata.rebalance = { noticeTime: "2026-03-02T08:00:32Z" };
    await bench.clock.advance(10_000);
    bench.machine.metadata.spotAction = { action: "terminate", time: "2026-03-02T08:10:00Z" };
    await bench.clock.advance(10_000);
    const notices = bench.told.slice(1).map((told) => (told as ReturnType<typeof message>).detail);
    expect(notices).toMatchObject([{ notice: "rebalance" }, { notice: "spot" }]);
  });

  it("reads the metadata every 5 s, not at once", async () => {
    const bench = nodeBench();
    await bench.boot();
    await bench.clock.advance(2_000);
    bench.machine.metadata.rebalance = { noticeTime: "2026-03-02T08:00:32Z" };
    await bench.clock.advance(2_999);
    expect(bench.told).toEqual([started]);
    await bench.clock.advance(1);
    expect(bench.told).toEqual([started, message("Node Notice", { notice: "rebalance" })]);
    expect(bench.node.state.memory.draining).toBe(false);
  });

  it("tells active maintenance only, without draining", async () => {
    const bench = nodeBench();
    await bench.boot();
    const event = { code: "instance-retirement", notBefore: "2026-03-09T00:00:00Z" };
    bench.machine.metadata.maintenance = [{ ...event, state: "completed" }];
    await bench.clock.advance(10_000);
    expect(bench.told).toEqual([started]);
    bench.machine.metadata.maintenance = [{ ...event, state: "active" }];
    await bench.clock.advance(10_000);
    expect(bench.told.slice(1)).toEqual([
      message("Node Notice", { notice: "maintenance", "not-before": event.notBefore }),
    ]);
    expect(bench.node.state.memory.draining).toBe(false);
  });

  it("drains also when Warden cannot be told, and tells it as soon as it can", async () => {
    const bench = nodeBench();
    await bench.serve();
    bench.calls.failing = true;
    bench.machine.metadata.spotAction = { action: "terminate", time: "2026-03-02T08:10:00Z" };
    await bench.clock.advance(20_000);
    expect(bench.node.state.memory.draining).toBe(true);
    bench.calls.failing = false;
    await bench.clock.advance(5_000);
    expect(bench.told).toHaveLength(2);
  });

  it("finds a notice that was there before the machine booted", async () => {
    const bench = nodeBench();
    bench.machine.metadata.rebalance = { noticeTime: "2026-03-02T08:00:00Z" };
    await bench.boot();
    expect(bench.told).toHaveLength(2);
  });
});

describe("on its own", () => {
  it("brings itself up with the last good release 120 s after boot, and completes its own hook (DESIGN 4)", async () => {
    const bench = nodeBench();
    bench.machine.powerOn();
    await bench.clock.advance(139_000);
    expect(bench.node.state.disk.release).toBeUndefined();
    await bench.clock.advance(90_000);
    expect(bench.node.isReady()).toBe(true);
    expect(bench.calls.completed).toBe(1);
    await bench.clock.advance(3_600_000);
    expect(bench.calls.completed).toBe(1);
  });

  it("does nothing when a command came", async () => {
    const bench = nodeBench();
    await bench.boot();
    await bench.run("Warden-Bootstrap");
    await bench.clock.advance(3_600_000);
    expect(bench.calls.completed).toBe(0);
  });

  it("never completes the hook before the node verified, and keeps trying", async () => {
    const bench = nodeBench();
    bench.shared.database = "down";
    await bench.boot();
    await bench.clock.advance(600_000);
    expect(bench.calls.completed).toBe(0);
    bench.shared.database = "up";
    await bench.clock.advance(180_000);
    expect(bench.calls.completed).toBe(1);
    expect(bench.node.isReady()).toBe(true);
  });

  it("keeps trying while AWS cannot be reached or names no good release", async () => {
    const bench = nodeBench();
    bench.calls.failing = true;
    await bench.boot();
    await bench.clock.advance(300_000);
    bench.calls.failing = false;
    const { lastGood } = bench.calls;
    bench.calls.lastGood = undefined;
    await bench.clock.advance(300_000);
    expect(bench.node.isReady()).toBe(false);
    bench.calls.lastGood = lastGood;
    await bench.clock.advance(120_000);
    expect(bench.calls.completed).toBe(1);
  });

  it("does nothing on a machine that went off while AWS was asked", async () => {
    const { promise, resolve } = Promise.withResolvers<typeof desired>();
    const bench = nodeBench();
    bench.calls.lastGood = promise;
    await bench.boot();
    await bench.clock.advance(120_000);
    bench.machine.powerOff("kill");
    resolve(desired);
    await bench.clock.advance(600_000);
    expect(bench.node.state.disk.release).toBeUndefined();
  });

  it("stops with the machine", async () => {
    const bench = nodeBench();
    await bench.boot();
    bench.machine.powerOff("kill");
    await bench.clock.advance(3_600_000);
    expect(bench.calls.completed).toBe(0);
    expect(bench.told).toEqual([started]);
  });
});
