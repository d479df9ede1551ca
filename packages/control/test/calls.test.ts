/** What a pass of the loop sends: wake-ups to itself, and calls to AWS. */
import { describe, expect, it } from "vitest";
import * as fleet from "../../fleet/test/builder.ts";
import { Fault, reconcile } from "../src/index.ts";
import { type Fake, i, keyOf, start } from "./fakes.ts";
import { message, only, waiting, wake } from "./messages.ts";

const ended = (instance: string) =>
  message(
    JSON.stringify({
      source: "aws.ssm",
      "detail-type": "EC2 Command Invocation Status-change Notification",
      time: new Date(start).toISOString(),
      detail: {
        "command-id": "0a1b2c3d-0000-4000-8000-000000000001",
        "document-name": "Warden-Bootstrap",
        "instance-id": instance,
        status: "Success",
      },
    }),
  );

describe("a command whose end an event told of", () => {
  it("is looked at once more soon, for reads lag behind events", async () => {
    const world = waiting(1);
    await reconcile("normal", [wake(1)], world.deps);
    world.now += 40_000;
    world.wakes.length = 0;
    await reconcile("normal", [ended(i(1))], world.deps);
    expect(world.wakes).toMatchObject([{ key: keyOf(i(1)), delay: 3000 }]);
    // That look is the only one: the chain that was there before goes on beside it.
    const [{ hops = 0, version = 0 } = {}] = world.wakes;
    world.wakes.length = 0;
    await reconcile("normal", [wake(1, { hops, version })], world.deps);
    expect(world.wakes).toEqual([]);
  });

  it("is looked at as ever when only a wake-up led there", async () => {
    const world = waiting(1);
    await reconcile("normal", [wake(1)], world.deps);
    world.now += 40_000;
    world.wakes.length = 0;
    await reconcile("normal", [wake(1, { version: 1 })], world.deps);
    expect(world.wakes.map(({ delay }) => delay)).toEqual([20_000]);
  });
});

describe("wake-ups", () => {
  it("continue the longest chain of the batch, as Lambda counts them", async () => {
    const world = waiting(1, 2);
    await reconcile("normal", [wake(1, { hops: 7 }), wake(2)], world.deps);
    expect(world.wakes.map(({ hops }) => hops)).toEqual([8, 8]);
  });

  describe("that the record has overtaken", () => {
    /** Its bootstrap has ended, so a look would send the verification. */
    async function bootstrapped(): Promise<Fake> {
      const world = waiting(1);
      await reconcile("normal", [wake(1)], world.deps);
      const output = JSON.stringify({ v: 1, ok: true, release: "r1", digest: "d1" });
      world.invocations.set("c0", new Map([[i(1), { status: "ended", detail: "Success", output }]]));
      const node = world.nodes.get(keyOf(i(1)));
      if (node !== undefined) world.nodes.set(keyOf(i(1)), { ...node, version: 2 });
      return world;
    }

    it("lead to nothing: the newer one does", async () => {
      const world = await bootstrapped();
      await reconcile("normal", [wake(1, { version: 1 })], world.deps);
      expect(only(world, "send Warden-Verify")).toEqual([]);
      await reconcile("normal", [wake(1, { version: 2 })], world.deps);
      expect(only(world, "send Warden-Verify")).toHaveLength(1);
    });

    it.each([
      ["an order", wake(1, { version: 0 })],
      ["an event", ended(i(1))],
    ])("keep nobody from looking whom %s asks to", async (_, other) => {
      const world = await bootstrapped();
      await reconcile("normal", [wake(1, { version: 1 }), other], world.deps);
      expect(only(world, "send Warden-Verify")).toHaveLength(1);
    });
  });

  it("end after ten", async () => {
    const world = waiting(1);
    await reconcile("normal", [wake(1, { hops: 10 })], world.deps);
    expect(world.wakes).toEqual([]);
  });

  it("are not ended by an event about the same node in the same batch", async () => {
    const world = waiting(1);
    world.online.clear();
    await reconcile("urgent", [wake(1)], world.deps);
    const started = {
      v: 1,
      source: "warden.node",
      "detail-type": "Node Started",
      detail: { "instance-id": i(1), group: "web" },
    };
    world.now += 5000;
    await reconcile("urgent", [wake(1, { hops: 1, version: 1 }), message(JSON.stringify(started))], world.deps);
    expect(world.wakes.map(({ hops }) => hops)).toEqual([1, 2]);
  });
});

describe("an agent that is online is not taken for silent", () => {
  const launching = { release: "5.2", digest: "d1", attempt: 1, deadline: start, notBefore: start };
  it.each([
    ["that just got its CONTINUE", { name: "joining" }],
    [
      "in the middle of its bootstrap",
      { name: "bootstrapping", launch: launching, command: fleet.command("bootstrap") },
    ],
  ] as const)("when Auto Scaling ends a node %s: if it may serve, it is drained", async (_, phase) => {
    const world = waiting(1);
    world.states.set(i(1), "Terminating");
    const record = { ...fleet.record(phase, { served: true }), instance: i(1) };
    world.nodes.set(keyOf(i(1)), { record, version: 1, dueAt: undefined, why: "" });
    await reconcile("urgent", [wake(1)], world.deps);
    expect(only(world, "send").join()).toContain("Warden-Drain");
  });

  it("when a node in service was given up while its evidence was asked for", async () => {
    const world = waiting(1, 2, 3, 4);
    for (const end of [1, 2, 3, 4]) world.states.set(i(end), "InService");
    const refused = { name: "refused", reason: "bad", command: fleet.command("evidence") } as const;
    const record = { ...fleet.record(refused, { served: true }), instance: i(1) };
    world.nodes.set(keyOf(i(1)), { record, version: 1, dueAt: undefined, why: "" });
    await reconcile("urgent", [wake(1)], world.deps);
    expect(only(world, "send").join()).toContain("Warden-Drain");
  });
});

describe("calls", () => {
  const admitted = { name: "joining" } as const;
  const record = { ...fleet.record(admitted, { verified: fleet.verified }), instance: i(1) };
  const answered = { ...record, episode: fleet.launchEpisode({ result: { value: "CONTINUE", closed: false } }) };

  it("close the passage when AWS knows of no such action", async () => {
    const world = waiting(1);
    world.nodes.set(keyOf(i(1)), { record: answered, version: 1, dueAt: undefined, why: "" });
    const { ports } = world.deps;
    const autoScaling = { ...ports.autoScaling, completeLifecycleAction: async () => "no-active-action" as const };
    await reconcile("urgent", [wake(1)], { ...world.deps, ports: { ...ports, autoScaling } });
    expect(only(world, "close")).toEqual([`close ${keyOf(i(1))}`]);
  });

  it("that fail for a while bring their message back", async () => {
    const world = waiting(1);
    world.before = (call) => {
      if (call.startsWith("send")) throw new Fault("retry", "ssm:SendCommand", "ThrottlingException", "", undefined);
    };
    const sent = wake(1);
    expect(await reconcile("urgent", [sent], world.deps)).toEqual([sent.messageId]);
  });

  it("that are denied are noted, and fill no dead-letter queue: trying again brings no permission", async () => {
    const world = waiting(1);
    world.before = (call) => {
      if (call.startsWith("send"))
        throw new Fault("denied", "ssm:SendCommand", "AccessDeniedException", "no", undefined);
    };
    expect(await reconcile("urgent", [wake(1)], world.deps)).toEqual([]);
    expect(world.notes).toMatchObject([{ kind: "denied", actions: ["ssm:SendCommand"] }]);
  });

  it("to a load balancer that does not answer hold up no launch", async () => {
    const world = waiting(1);
    world.states.set(i(2), "InService");
    const record = { ...fleet.serving(), instance: i(2) };
    world.nodes.set(keyOf(i(2)), { record, version: 1, dueAt: undefined, why: "" });
    world.before = (call) => {
      if (call === "targetHealth")
        throw new Fault("retry", "elasticloadbalancing:DescribeTargetHealth", "Throttling", "", undefined);
    };
    expect(await reconcile("normal", [wake(1), wake(2)], world.deps)).toEqual([]);
    expect(only(world, "send")).toHaveLength(1);
  });

  it("save the evidence of a node whose last try failed, since who just answered is alive", async () => {
    const world = waiting(1);
    const command = { step: "verify", batch: "b1", intendedAt: start } as const;
    const phase = { name: "verifying", launch: fleet.launch({ attempt: 3 }), command } as const;
    world.nodes.set(keyOf(i(1)), {
      record: { ...fleet.record(phase), instance: i(1) },
      version: 1,
      dueAt: undefined,
      why: "",
    });
    world.nodes.set(keyOf(i(1)), {
      ...nodeOf(world, 1),
      record: { ...nodeOf(world, 1).record, episode: fleet.launchEpisode() },
    });
    world.batches.set("b1", { commandIds: ["c"], refused: {} });
    const output = JSON.stringify({ v: 1, verdict: "node-bad", release: "5.2", digest: "d1", probes: [] });
    world.invocations.set("c", new Map([[i(1), { status: "ended", detail: "Success", output }]]));
    await reconcile("normal", [wake(1)], world.deps);
    expect(only(world, "send")).toEqual([`send Warden-Evidence ${i(1)}`]);
  });
});

function nodeOf(world: Fake, end: number) {
  const node = world.nodes.get(keyOf(i(end)));
  if (node === undefined) throw new Error("no such node");
  return node;
}
