import { wakeBody } from "@warden/events";
import { describe, expect, it } from "vitest";
import * as fleet from "../../fleet/test/builder.ts";
import { Fault, reconcile } from "../src/index.ts";
import { fake, i, keyOf, start } from "./fakes.ts";
import { message, only, waiting, wake } from "./messages.ts";

describe("a batch", () => {
  it("is one look, one command for all its nodes, recorded before anything is sent", async () => {
    const world = waiting(1, 2, 3);
    expect(await reconcile("urgent", [wake(1), wake(2), wake(3)], world.deps)).toEqual([]);
    expect(only(world, "describeGroups")).toHaveLength(1);
    expect(only(world, "describeInstances")).toEqual([]);
    expect(only(world, "send")).toEqual([`send Warden-Bootstrap ${i(1)} ${i(2)} ${i(3)}`]);
    const sent = world.calls.findIndex((call) => call.startsWith("send"));
    expect(world.calls.slice(0, sent).filter((call) => call.startsWith("commit"))).toHaveLength(3);
    expect(world.wakes.map(({ hops, delay, version }) => ({ hops, delay, version }))).toEqual([
      ...[1, 2, 3].map(() => ({ hops: 1, delay: 5000, version: 1 })),
    ]);
  });

  it("sends in fifties, and writes the batch down", async () => {
    const ends = Array.from({ length: 51 }, (_, index) => index + 1);
    const world = waiting(...ends);
    await reconcile(
      "normal",
      ends.map((end) => wake(end)),
      world.deps,
    );
    expect(
      only(world, "send")
        .map((call) => call.split(" ").length - 2)
        .sort((a, b) => a - b),
    ).toEqual([1, 50]);
    expect([...world.batches.values()]).toMatchObject([{ commandIds: ["c0", "c1"], refused: {} }]);
  });

  it("tries the fifty one by one when SSM refuses them, and notes who was refused", async () => {
    const world = waiting(1, 2);
    world.before = (call) => {
      if (call.startsWith("send") && call.includes(i(2)))
        throw new Fault("gone", "ssm:SendCommand", "InvalidInstanceId", "no", undefined);
    };
    expect(await reconcile("normal", [wake(1), wake(2)], world.deps)).toEqual([]);
    expect([...world.batches.values()]).toMatchObject([
      { commandIds: ["c0"], refused: { [i(2)]: expect.any(String) } },
    ]);
    await reconcile("normal", [wake(2)], world.deps);
    expect(world.nodes.get(keyOf(i(2)))?.record.phase).toMatchObject({
      name: "waiting-for-agent",
      launch: { attempt: 2 },
    });
  });

  it("loses only the one for which it is denied, and blames none when it is denied for all", async () => {
    const world = waiting(1, 2);
    const deny = (isDenied: (call: string) => boolean) => (call: string) => {
      if (call.startsWith("send") && isDenied(call))
        throw new Fault("denied", "ssm:SendCommand", "AccessDeniedException", "no", undefined);
    };
    world.before = deny((call) => call.includes(i(2)));
    expect(await reconcile("normal", [wake(1), wake(2)], world.deps)).toEqual([]);
    expect([...world.batches.values()]).toMatchObject([
      { commandIds: ["c0"], refused: { [i(2)]: expect.stringContaining("AccessDenied") } },
    ]);
    expect(world.notes).toEqual([]);

    const closed = waiting(1, 2);
    closed.before = deny(() => true);
    expect(await reconcile("normal", [wake(1), wake(2)], closed.deps)).toEqual([]);
    expect(closed.batches.size).toBe(0);
    expect(closed.notes).toMatchObject([{ kind: "denied" }, { kind: "denied" }]);
  });

  it("blames no node for a document that SSM does not accept", async () => {
    const world = waiting(1);
    world.before = (call) => {
      if (call.startsWith("send"))
        throw new Fault("wrong", "ssm:SendCommand", "InvalidDocumentVersion", "no", undefined);
    };
    const sent = wake(1);
    expect(await reconcile("normal", [sent], world.deps)).toEqual([sent.messageId]);
    expect(world.batches.size).toBe(0);
    expect(world.nodes.get(keyOf(i(1)))?.record.phase).toMatchObject({ name: "bootstrapping", launch: { attempt: 1 } });
  });

  it("remembers what was sent one by one before a throttled call", async () => {
    const world = waiting(1, 2, 3);
    world.before = (call) => {
      if (!call.startsWith("send")) return;
      if (call.includes(`${i(1)} ${i(2)}`))
        throw new Fault("gone", "ssm:SendCommand", "InvalidInstanceId", "no", undefined);
      if (call.includes(i(3))) throw new Fault("retry", "ssm:SendCommand", "ThrottlingException", "slow", undefined);
    };
    expect(await reconcile("normal", [wake(1), wake(2), wake(3)], world.deps)).toHaveLength(3);
    expect([...world.batches.values()]).toMatchObject([{ commandIds: ["c0", "c1"] }]);
    // The third is in no command of the batch: after a minute it is sent again.
    world.now += 61_000;
    world.before = () => {};
    world.calls.length = 0;
    await reconcile("normal", [wake(3)], world.deps);
    expect(only(world, "send")).toEqual([`send Warden-Bootstrap ${i(3)}`]);
  });
});

describe("suspects", () => {
  it("are tried alone, after everything done before is acknowledged", async () => {
    const world = waiting(1, 2, 3);
    const [fresh, second, third] = [wake(1), wake(2, { received: 3 }), wake(3, { received: 2 })];
    await reconcile("urgent", [second, fresh, third], world.deps);
    const order = world.calls.filter((call) => /^(commit|acknowledge)/.test(call));
    expect(order).toEqual([
      `commit ${keyOf(i(1))}`,
      `acknowledge ${fresh.receiptHandle}`,
      `commit ${keyOf(i(3))}`,
      `acknowledge ${third.receiptHandle}`,
      `commit ${keyOf(i(2))}`,
    ]);
  });

  it("keep only themselves back when they fail", async () => {
    const world = waiting(1, 2);
    world.before = (call) => {
      if (call === `commit ${keyOf(i(2))}`) throw new Error("a defect");
    };
    const poison = wake(2, { alone: true });
    expect(await reconcile("urgent", [wake(1), poison], world.deps)).toEqual([poison.messageId]);
    expect(world.nodes.has(keyOf(i(1)))).toBe(true);
  });
});

describe("messages", () => {
  it.each(["", "{", "[]"])("leave one row when nobody can read them: %j", async (body) => {
    const world = waiting(1);
    expect(await reconcile("normal", [message(body), wake(1)], world.deps)).toEqual([]);
    expect(world.notes).toMatchObject([{ kind: "unparsable" }]);
    expect(world.changes).toHaveLength(1);
  });

  it("of a newer Warden are left to it", async () => {
    const world = fake();
    const newer = JSON.stringify({ ...JSON.parse(wakeBody({ key: "k", hops: 0, alone: false })), v: 99 });
    expect(await reconcile("normal", [message(newer)], world.deps)).toEqual([]);
    expect(world.notes).toMatchObject([{ kind: "newer" }]);
  });

  it("about instances of no site of ours lead to nothing", async () => {
    const world = fake();
    const foreign = wakeBody({ key: `elsewhere/theirs/${i(7)}`, hops: 0, alone: false });
    expect(await reconcile("normal", [message(foreign)], world.deps)).toEqual([]);
    expect(world.changes).toEqual([]);
  });
});

describe("a record", () => {
  it("of which another pass knows better is looked at again", async () => {
    const world = waiting(1);
    let lost = false;
    world.before = (call) => {
      if (!call.startsWith("commit") || lost) return;
      lost = true;
      world.nodes.set(keyOf(i(1)), {
        record: { ...fleet.record({ name: "arriving" }), instance: i(1) },
        version: 5,
        dueAt: undefined,
        why: "",
      });
    };
    expect(await reconcile("urgent", [wake(1)], world.deps)).toEqual([]);
    expect(world.changes).toMatchObject([{ version: 5 }]);
    expect(only(world, "send")).toHaveLength(1);
  });

  it("of a newer Warden is left alone, and somebody is told", async () => {
    const world = waiting(1);
    world.newer.add(keyOf(i(1)));
    expect(await reconcile("urgent", [wake(1)], world.deps)).toEqual([]);
    expect(world.changes).toEqual([]);
    expect(world.logs.join()).toContain("a newer Warden");
  });

  it("stays although it is bad, and somebody hears of it when it lasts, because the budget is used up", async () => {
    const world = fake();
    for (const each of [1, 2, 3]) world.states.set(i(each), "InService");
    const record = { ...fleet.serving({ failures: 2 }), instance: i(1) };
    world.nodes.set(keyOf(i(1)), { record, version: 1, dueAt: undefined, why: "" });
    world.state = { ...world.state, unhealthy: [i(1)] };
    world.facts = { desired: 4 };
    await reconcile("urgent", [wake(1)], world.deps);
    expect(world.logs).toContain("nodes stay that should go, because the budget of disruptions is used up");
    world.logs.splice(0);
    world.facts = {};
    await reconcile("urgent", [wake(1)], world.deps);
    expect(world.logs.join()).not.toContain("budget");
  });

  it("gets its time put off quietly when nothing but time has passed", async () => {
    const world = waiting(1);
    world.online.clear();
    await reconcile("urgent", [wake(1)], world.deps);
    world.now += 30_000;
    await reconcile("urgent", [wake(1)], world.deps);
    expect(world.changes).toHaveLength(1);
    world.now += 60_000;
    await reconcile("urgent", [wake(1)], world.deps);
    expect(world.changes[1]).toMatchObject({ quiet: true, version: 1, dueAt: world.now + 30_000 });
    expect(only(world, "publish ")).toEqual(["publish 1"]);
  });

  it("is believed to be elsewhere when its instance is in another group now", async () => {
    const world = waiting();
    const record = { ...fleet.serving(), instance: i(1), site: fleet.name.site };
    world.nodes.set(keyOf(i(1)), { record, version: 1, dueAt: undefined, why: "" });
    const { ports } = world.deps;
    const moved = {
      ...ports,
      autoScaling: {
        ...ports.autoScaling,
        describeInstances: async () => new Map([[i(1), { group: "other", lifecycleState: "InService" }]]),
      },
    };
    await reconcile("normal", [wake(1)], { ...world.deps, ports: moved });
    expect(world.nodes.get(keyOf(i(1)))?.record.missingSince).toBe(start);
  });
});
