/** Every state that one node can come to, with every crash on the way: the rules hold in each, and each can end well. */
import { beforeAll, expect, it } from "vitest";
import { keyOf, type Move, movesFrom, type State, start } from "./model.ts";

const states = new Map<string, State>();
const before = new Map<string, Set<string>>();
const broken: string[] = [];
let stuck: readonly string[] = [];

/** More would mean that the model does not close. */
const most = 300_000;

beforeAll(() => {
  let edge = [start];
  states.set(keyOf(start), start);
  while (edge.length > 0 && states.size < most) {
    const next: State[] = [];
    for (const state of edge) {
      const from = keyOf(state);
      for (const move of movesFrom(state)) {
        const wrong = check(state, move);
        if (wrong !== undefined) broken.push(`${wrong}: ${move.what} at ${from}`);
        const to = keyOf(move.to);
        const sources = before.get(to) ?? new Set();
        before.set(to, sources.add(from));
        if (states.has(to)) continue;
        states.set(to, move.to);
        next.push(move.to);
      }
    }
    edge = next;
  }
  stuck = statesWithoutGoodEnd();
}, 120_000);

/** What may never happen on one move. */
function check(state: State, { to, actions }: Move): string | undefined {
  const episode = to.record?.episode;
  const was = state.record?.episode;
  for (const action of actions) {
    if (action.type === "complete-lifecycle-action") {
      if (episode?.result?.value !== action.result) return "an answer that is not recorded";
      const launch = episode.transition === "launching";
      if (launch && action.result === "CONTINUE" && !state.good && state.instance === "Pending:Wait")
        return "CONTINUE to a launch that is not verified";
      if (!launch && action.result === "ABANDON") return "a leaving node is abandoned";
    }
    if (action.type === "terminate-instance" && to.record?.phase.name === "leaving") {
      if (to.record.phase.leave.cause !== "spot" && !to.record.slot) return "a voluntary end without a slot";
    }
  }
  if (was?.ordinal === episode?.ordinal && was?.result !== undefined && episode?.result?.value !== was.result.value)
    return "a second result";
  return undefined;
}

/** In service and cared for, or gone and forgotten. */
function endsWell({ instance, record }: State): boolean {
  if (instance === "InService") return record?.phase.name === "in-service" && !record.slot;
  return instance === "absent" && record?.phase.name === "gone" && !record.slot;
}

it("closes, with thousands of states", () => {
  expect(states.size).toBeGreaterThan(2000);
  expect(states.size).toBeLessThan(most);
});

it("breaks no rule on any move, crashes included", () => {
  expect(broken.slice(0, 3)).toEqual([]);
});

it("can end well from every state", () => {
  expect(stuck.slice(0, 3)).toEqual([]);
});

function statesWithoutGoodEnd(): string[] {
  const good = [...states].filter(([, state]) => endsWell(state)).map(([key]) => key);
  expect(good.length).toBeGreaterThan(10);
  const reached = new Set(good);
  for (const key of reached) for (const source of before.get(key) ?? []) reached.add(source);
  return [...states.keys()].filter((key) => !reached.has(key));
}
