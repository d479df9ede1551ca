/**
 * Three blamed nodes of one group, looked at by passes of the loop that know nothing of each other: every order in
 * which their looks, commits and departures can follow each other, with the real decision and the real condition of a
 * slot. Whatever the order, budget and floor hold (rule 5).
 */
import { decide, type GroupView, type InstanceId, mayDisrupt } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import * as fleet from "../../fleet/test/builder.ts";
import { changeOf } from "../src/change.ts";
import { ledgerEntry } from "../src/ledger.ts";
import { i, keyOf } from "./fakes.ts";

/** `looked`: a pass has decided on what it saw, and will commit later with this limit. */
type Node =
  | { readonly is: "in" | "leaving" | "terminating" | "replaced" }
  | { readonly is: "looked"; readonly limit: number };

interface Setting {
  readonly budget: number;
  readonly floor: number;
}

const view = (nodes: readonly Node[], { floor }: Setting): GroupView => {
  const ids = (...states: Node["is"][]): InstanceId[] =>
    nodes.flatMap((node, index) => (states.includes(node.is) ? [i(index)] : []));
  return fleet.group({
    ...{ desired: nodes.length, min: floor, max: nodes.length },
    inService: ids("in", "looked", "leaving", "replaced").length,
    slots: ids("leaving", "terminating"),
    slotsInService: ids("leaving").length,
  });
};

function looked(nodes: readonly Node[], index: number, setting: Setting): Node | undefined {
  const group = view(nodes, setting);
  const policy = { ...fleet.policy, disruptionBudget: setting.budget / nodes.length };
  const before = { ...fleet.serving({ failures: 2 }), instance: i(index) };
  const seen = fleet.seen("InService", { group });
  const look = { seen, policy, now: fleet.noon, pass: "p" };
  const decision = decide({ ...fleet.name, instance: i(index) }, before, look);
  // Who waits for a replacement first stays in service meanwhile.
  if (decision.record.phase.name !== "leaving") return undefined;
  expect(decision.claimsSlot).toBe(true);
  expect(mayDisrupt(look, { instance: i(index), cause: "unhealthy", reason: "" }).allowed).toBe(true);
  const entry = ledgerEntry(keyOf(i(index)), before, decision, seen, { now: fleet.noon, id: "x" });
  const { slot } = changeOf(keyOf(i(index)), undefined, decision, seen, policy, entry);
  return slot?.claim === true ? { is: "looked", limit: slot.limit } : undefined;
}

const nextOf = (nodes: readonly Node[], setting: Setting): Node[][] =>
  nodes.flatMap((_, index) => {
    const next = moveOf(nodes, index, setting);
    return next === undefined ? [] : [nodes.with(index, next)];
  });

function moveOf(nodes: readonly Node[], index: number, setting: Setting): Node | undefined {
  const node = nodes[index];
  switch (node?.is) {
    case "in":
      return looked(nodes, index, setting);
    case "looked":
      return { is: view(nodes, setting).slots.length < node.limit ? "leaving" : "in" };
    case "leaving":
      return { is: "terminating" };
    case "terminating":
      return { is: "replaced" };
    default:
      return undefined;
  }
}

describe("every order of looks, commits and departures", () => {
  it.each<Setting & { nodes: number }>([
    { nodes: 3, budget: 1, floor: 1 },
    { nodes: 3, budget: 2, floor: 1 },
    { nodes: 3, budget: 3, floor: 2 },
    { nodes: 4, budget: 3, floor: 2 },
  ])("keeps budget and floor, and replaces all in the end: %j", ({ nodes, ...setting }) => {
    const first: readonly Node[] = Array.from({ length: nodes }, () => ({ is: "in" }) as const);
    const known = new Map<string, readonly Node[]>([[JSON.stringify(first), first]]);
    let ended = 0;
    for (const state of known.values()) {
      const group = view(state, setting);
      expect(group.slots.length).toBeLessThanOrEqual(setting.budget);
      expect(group.inService - group.slotsInService).toBeGreaterThanOrEqual(setting.floor);
      const next = nextOf(state, setting);
      if (next.length === 0) {
        ended += 1;
        expect(state.every((node) => node.is === "replaced")).toBe(true);
      }
      for (const each of next) known.set(JSON.stringify(each), each);
    }
    expect(ended).toBe(1);
    expect(known.size).toBeGreaterThan(20);
  });
});
