/** What each part of a scenario allows by itself, but all together do not: sizes, times, figures. */

import { pricedInstanceTypes } from "@warden/cost";
import { type Nonsense, writeDuration } from "@warden/yaml";
import { figuresInWords, unitOf } from "./figures.ts";
import type { Expectation, Moment, Scenario } from "./schema.ts";

export function nonsenseIn(scenario: Scenario): readonly Nonsense[] {
  const wrongFleet = [...sizes(scenario), ...sites(scenario), ...hookTimes(scenario), ...instanceTypes(scenario)];
  // Whatever is measured against a wrong size would seem wrong, too.
  return wrongFleet.length > 0 ? wrongFleet : [...storySense(scenario)];
}

function* storySense(scenario: Scenario): Iterable<Nonsense> {
  for (const [index, moment] of scenario.timeline.entries()) yield* momentSense(scenario, moment, ["timeline", index]);
  for (const [index, expected] of scenario.expect.entries())
    yield* expectationSense(scenario, expected, ["expect", index]);
}

function* sizes({ fleet }: Scenario): Iterable<Nonsense> {
  const { min, desired, max } = fleet;
  if (min > max) yield { path: ["fleet", "min"], allowed: `max, which is ${max}, or less` };
  else if (desired < min || desired > max)
    yield { path: ["fleet", "desired"], allowed: `from min ${min} to max ${max}` };
}

function* sites({ fleet }: Scenario): Iterable<Nonsense> {
  if (fleet.site === "empty" && fleet.start === "settled")
    yield { path: ["fleet", "site"], allowed: "installed, as nodes serve when the story begins" };
}

/** A heartbeat runs each minute, and three of them must fit, or one lost beat ends the action. */
const shortestHook = 180_000;
const longestHook = 7_200_000;
const longestDelay = 3_600_000;

function* hookTimes({ fleet }: Scenario): Iterable<Nonsense> {
  const { hookTimeout, deregistrationDelay } = fleet;
  if (!isHookTime(hookTimeout)) yield { path: ["fleet", "hookTimeout"], allowed: allowedHookTime };
  if (deregistrationDelay > longestDelay)
    yield { path: ["fleet", "deregistrationDelay"], allowed: "1h at most, as AWS does" };
}

const isHookTime = (time: number): boolean => time >= shortestHook && time <= longestHook;
const allowedHookTime =
  "from 180s to 2h: heartbeats run every 60s and three must fit before the action expires; AWS allows 2h at most";

/** Its only use is the bill, which would have a hole in it. */
function* instanceTypes({ fleet }: Scenario): Iterable<Nonsense> {
  const priced = pricedInstanceTypes();
  if (!priced.includes(fleet.instanceType))
    yield { path: ["fleet", "instanceType"], allowed: `one whose price is known: ${priced.join(", ")}` };
}

function* momentSense(scenario: Scenario, moment: Moment, path: Nonsense["path"]): Iterable<Nonsense> {
  const { fleet } = scenario;
  const within = `before the end of the scenario, which lasts ${writeDuration(scenario.for)}`;
  if (moment.at >= scenario.for) yield { path: [...path, "at"], allowed: `a time ${within}` };
  const lasting = lastsFor(moment);
  if (lasting !== undefined && moment.at < scenario.for && moment.at + lasting.time > scenario.for)
    yield { path: [...path, ...lasting.path], allowed: `an end ${within}; it begins at ${writeDuration(moment.at)}` };
  if ("scale" in moment && (moment.scale < fleet.min || moment.scale > fleet.max))
    yield { path: [...path, "scale"], allowed: `from min ${fleet.min} to max ${fleet.max}` };
  for (const taken of ["spot", "rebalance", "maintenance", "kill", "hang"])
    if (nodesOf(moment, taken) > fleet.max)
      yield { path: [...path, taken, "nodes"], allowed: `the fleet's max, which is ${fleet.max}, or less` };
  if ("hook" in moment && "timeout" in moment.hook && !isHookTime(moment.hook.timeout))
    yield { path: [...path, "hook", "timeout"], allowed: allowedHookTime };
}

function lastsFor(moment: Moment): { readonly path: readonly string[]; readonly time: number } | undefined {
  if ("break" in moment) return { path: ["break", "for"], time: moment.break.for };
  if ("suspend" in moment) return { path: ["suspend", "for"], time: moment.suspend.for };
  if ("operator" in moment && "stop" in moment.operator)
    return { path: ["operator", "stop"], time: moment.operator.stop };
  if ("operator" in moment && "freeze" in moment.operator)
    return { path: ["operator", "freeze"], time: moment.operator.freeze };
  if ("hook" in moment && "deletedFor" in moment.hook)
    return { path: ["hook", "deletedFor"], time: moment.hook.deletedFor };
  return undefined;
}

function nodesOf(moment: Moment, taken: string): number {
  if ("spot" in moment && taken === "spot") return moment.spot.nodes;
  if ("rebalance" in moment && taken === "rebalance") return moment.rebalance.nodes;
  if ("maintenance" in moment && taken === "maintenance") return moment.maintenance.nodes;
  if ("hang" in moment && taken === "hang") return moment.hang.nodes;
  if ("kill" in moment && taken === "kill") return moment.kill.nodes;
  return 0;
}

function* expectationSense(scenario: Scenario, expected: Expectation, path: Nonsense["path"]): Iterable<Nonsense> {
  const { fleet } = scenario;
  const possible = `from 0 to the fleet's max ${fleet.max}`;
  if ("by" in expected) {
    if (expected.by > scenario.for)
      yield {
        path: [...path, "by"],
        allowed: `a time within the scenario, which lasts ${writeDuration(scenario.for)}`,
      };
    if (expected.inService > fleet.max) yield { path: [...path, "inService"], allowed: possible };
  } else if ("never" in expected) {
    if (expected.value > fleet.max) yield { path: [...path, "value"], allowed: possible };
  } else {
    const [key, figure] = "max" in expected ? ["max", expected.max] : ["min", expected.min];
    if (unitOf(figure) === undefined) yield { path: [...path, key], allowed: figuresInWords(figure) };
  }
}
