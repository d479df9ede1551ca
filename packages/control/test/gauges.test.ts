import type { Episode, NodeRecord, Phase } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import { gaugesOf } from "../src/gauges.ts";
import type { StoredNode } from "../src/index.ts";
import { sweep } from "../src/sweep.ts";
import { fake, i, keyOf, site, start, sweepPorts, web } from "./fakes.ts";

function node(number: number, phase: Phase, changes: Partial<NodeRecord> = {}): StoredNode {
  const record: NodeRecord = {
    ...{ v: 1, site: site.site, group: web, instance: i(number), phase, since: start - 600_000, slot: false },
    ...{ lifecycleState: "InService", served: true, ...changes },
  };
  return { record, version: 1, dueAt: undefined, why: "" };
}

const serving: Phase = { name: "in-service", nextVerifyAt: start + 1, failures: 0 };
const launched = (startedAt: number): Episode => ({
  ...{ transition: "launching", hook: "warden-launch", ordinal: 1, warmPool: false, startedAt, hookTimeout: 900_000 },
});

describe("the gauges of a group", () => {
  const { state } = fake();

  it("count the nodes where they are", () => {
    const nodes = [
      ...[node(1, serving), node(2, serving), node(3, { name: "arriving" }), node(4, { name: "joining" })],
      ...[node(5, { name: "released" }), node(6, { name: "aside" }), node(7, { name: "gone" })],
    ];
    expect(gaugesOf(nodes, { ...state, unhealthy: [i(2)], slots: [i(5)] }, start)).toEqual({
      ...{ arriving: 2, inService: 2, leaving: 1, unhealthy: 1, disruptions: 1 },
    });
  });

  it("tell how long the slowest took of those that came within a minute, and nothing when none came", () => {
    const came = (number: number, ago: number, took: number) =>
      node(number, serving, { since: start - ago, episode: launched(start - ago - took) });
    expect(gaugesOf([came(1, 20_000, 31_000), came(2, 50_000, 42_000)], state, start).timeToService).toBe(42);
    expect(gaugesOf([came(1, 90_000, 31_000)], state, start)).not.toHaveProperty("timeToService");
  });
});

it("the sweep says them of each group, for the dashboard", async () => {
  const world = fake();
  world.nodes.set(keyOf(i(1)), node(1, serving));
  world.states.set(i(1), "InService");
  await sweep(world.deps, sweepPorts(world));
  expect(world.logs).toContain("swept a group");
});
