/**
 * Smaller scenarios that may still show the same violation, the boldest first. Whoever shrinks takes the first that
 * does and starts again from it, until none does. Pure; every candidate makes sense if the scenario did.
 */
import type { Moment, Scenario } from "./schema.ts";
import { nonsenseIn } from "./sense.ts";

export function* smaller(scenario: Scenario): Iterable<Scenario> {
  for (const candidate of candidates(scenario)) if (nonsenseIn(candidate).length === 0) yield candidate;
}

function* candidates(scenario: Scenario): Iterable<Scenario> {
  const { about, ...rest } = scenario;
  // What a part of it is about, nobody can say.
  if (about !== undefined) yield rest;
  yield* fewerMoments(scenario);
  yield* fewerFaults(scenario);
  yield* shorter(scenario);
  yield* smallerFleet(scenario);
  yield* calmer(scenario);
  yield* gentlerMoments(scenario);
}

/** Halves first, as a long timeline goes faster that way; then one by one, from the end. */
function* fewerMoments(scenario: Scenario): Iterable<Scenario> {
  const { timeline } = scenario;
  const half = Math.ceil(timeline.length / 2);
  if (timeline.length > 3) {
    yield { ...scenario, timeline: timeline.slice(0, half) };
    yield { ...scenario, timeline: timeline.slice(half) };
  }
  for (let index = timeline.length - 1; index >= 0; index -= 1)
    yield { ...scenario, timeline: timeline.toSpliced(index, 1) };
  for (let index = scenario.expect.length - 1; index >= 0; index -= 1)
    yield { ...scenario, expect: scenario.expect.toSpliced(index, 1) };
}

/** One cause after the other is taken away; what is left is the cause. */
function* fewerFaults(scenario: Scenario): Iterable<Scenario> {
  const { events, api, functions, hosts } = scenario;
  if (events.lose > 0) yield { ...scenario, events: { ...events, lose: 0 } };
  if (events.duplicate > 0) yield { ...scenario, events: { ...events, duplicate: 0 } };
  if (events.reorder) yield { ...scenario, events: { ...events, reorder: false } };
  if (events.delay.high > 0) yield { ...scenario, events: { ...events, delay: { low: 0, high: 0 } } };
  if (api.throttle > 0) yield { ...scenario, api: { ...api, throttle: 0 } };
  if (api.error > 0) yield { ...scenario, api: { ...api, error: 0 } };
  if (api.answerLost > 0) yield { ...scenario, api: { ...api, answerLost: 0 } };
  if (api.stale.high > 0) yield { ...scenario, api: { ...api, stale: { low: 0, high: 0 } } };
  if (functions.crash > 0) yield { ...scenario, functions: { ...functions, crash: 0 } };
  if (hosts.failBootstrap > 0) yield { ...scenario, hosts: { ...hosts, failBootstrap: 0 } };
  if (hosts.hang > 0) yield { ...scenario, hosts: { ...hosts, hang: 0 } };
  if (hosts.drift > 0) yield { ...scenario, hosts: { ...hosts, drift: 0 } };
}

const shortest = 5 * 60_000;

/** Half the time: with what happens in its first half, or with everything twice as soon. */
function* shorter(scenario: Scenario): Iterable<Scenario> {
  const half = roundedUp(scenario.for / 2);
  if (half < shortest || half >= scenario.for) return;
  const within = scenario.timeline.filter(({ at }) => at < half);
  const expect = scenario.expect.filter((each) => !("by" in each) || each.by <= half);
  yield { ...scenario, for: half, timeline: within, expect };
  const sooner = scenario.timeline.map((moment) => ({ ...moment, at: Math.floor(moment.at / 2) }));
  if (sooner.length > within.length) yield { ...scenario, for: half, timeline: sooner, expect };
}

const roundedUp = (time: number): number => Math.ceil(time / 60_000) * 60_000;

function* smallerFleet(scenario: Scenario): Iterable<Scenario> {
  const { fleet } = scenario;
  const half = (size: number): number => Math.ceil(size / 2);
  const halved = { ...fleet, min: half(fleet.min), desired: half(fleet.desired), max: half(fleet.max) };
  const timeline = scenario.timeline.map((moment) =>
    "scale" in moment ? { ...moment, scale: half(moment.scale) } : moment,
  );
  if (halved.max < fleet.max) yield { ...scenario, fleet: halved, timeline };
  if (fleet.desired > fleet.min) yield { ...scenario, fleet: { ...fleet, desired: fleet.min } };
  if (fleet.zones > 1) yield { ...scenario, fleet: { ...fleet, zones: 1 } };
}

function* calmer(scenario: Scenario): Iterable<Scenario> {
  const { traffic, hosts } = scenario;
  if (!("curve" in traffic) || traffic.curve !== "flat" || traffic.peak > 0)
    yield { ...scenario, traffic: { curve: "flat", peak: 0 } };
  for (const key of ["boot", "agent", "bootstrap", "verify"] as const) {
    const { low, high } = hosts[key];
    const middle = Math.round((low + high) / 2);
    if (low < high) yield { ...scenario, hosts: { ...hosts, [key]: { low: middle, high: middle } } };
  }
}

/** Fewer nodes, shorter outages. */
function* gentlerMoments(scenario: Scenario): Iterable<Scenario> {
  for (const [index, moment] of scenario.timeline.entries()) {
    const gentler = gentle(moment);
    if (gentler !== undefined) yield { ...scenario, timeline: scenario.timeline.with(index, gentler) };
  }
}

function gentle(moment: Moment): Moment | undefined {
  if ("spot" in moment && moment.spot.nodes > 1)
    return { ...moment, spot: { nodes: Math.floor(moment.spot.nodes / 2) } };
  if ("hang" in moment && moment.hang.nodes > 1)
    return { ...moment, hang: { nodes: Math.floor(moment.hang.nodes / 2) } };
  if ("kill" in moment && moment.kill.nodes > 1)
    return { ...moment, kill: { nodes: Math.floor(moment.kill.nodes / 2) } };
  if ("rebalance" in moment && moment.rebalance.nodes > 1)
    return { ...moment, rebalance: { nodes: Math.floor(moment.rebalance.nodes / 2) } };
  if ("replay" in moment && moment.replay.events > 1)
    return { ...moment, replay: { events: Math.floor(moment.replay.events / 2) } };
  if ("break" in moment && roundedUp(moment.break.for / 2) < moment.break.for)
    return { ...moment, break: { ...moment.break, for: roundedUp(moment.break.for / 2) } };
  return undefined;
}
