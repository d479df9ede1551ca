/** What a scenario itself expects: of the capacity while it goes on, and of the report's figures at its end. */

import { writeDuration } from "@warden/yaml";
import type { Fact } from "../facts/fact.ts";
import { figureOf, unitOf } from "../scenario/figures.ts";
import type { Expectation } from "../scenario/schema.ts";
import type { CheckedRun, Checker, Violation } from "./checker.ts";

/** One for each expectation that can be judged while a run goes on; `expect-1` is the scenario's first. */
export function expectationCheckers(run: CheckedRun, expectations: readonly Expectation[]): readonly Checker[] {
  return expectations.flatMap((expected, index): Checker[] => {
    const rule = ruleOf(index);
    if ("by" in expected) return [reached(rule, run, expected)];
    return "never" in expected ? [neverBelow(rule, run, expected.value)] : [];
  });
}

/** The figures, judged once the report is there. Each names its place in it, so any report that has them will do. */
export function judgeFigures(report: object, expectations: readonly Expectation[], at: number): readonly Violation[] {
  return expectations.flatMap((expected, index): Violation[] => {
    const detail = "max" in expected || "min" in expected ? complaint(report, expected) : undefined;
    return detail === undefined ? [] : [{ rule: ruleOf(index), at, node: undefined, detail }];
  });
}

const ruleOf = (index: number): string => `expect-${index + 1}`;

function reached(
  rule: string,
  run: CheckedRun,
  { by, inService }: { readonly by: number; readonly inService: number },
): Checker {
  const nodes = capacity();
  const dueAt = run.startedAt + by;
  let judged = false;
  function judge(): Violation | undefined {
    if (judged) return undefined;
    judged = true;
    const { size } = nodes.inService;
    if (size >= inService) return undefined;
    return { rule, at: dueAt, node: undefined, detail: `${size} in service, expected were ${inService}` };
  }
  return {
    rule,
    says: `by ${writeDuration(by)}, ${inService} are in service`,
    see(fact) {
      // The first fact after that moment: what counts is what was true until then.
      const violation = fact.at > dueAt ? judge() : undefined;
      nodes.see(fact);
      return violation;
    },
    end(at) {
      const violation = at >= dueAt ? judge() : undefined;
      return violation === undefined ? [] : [violation];
    },
  };
}

function neverBelow(rule: string, run: CheckedRun, value: number): Checker {
  const nodes = capacity();
  /** A fleet that starts empty is given the time to get there, and one violation tells the story of each dip. */
  let above = false;
  return {
    rule,
    says: `capacity is never below ${value}`,
    see(fact) {
      nodes.see(fact);
      const size = nodes.serving();
      if (size >= value) above = true;
      if (!above || size >= value || fact.at < run.startedAt) return undefined;
      above = false;
      return {
        rule,
        at: fact.at,
        node: undefined,
        detail: `${size} nodes can serve, expected were never fewer than ${value}`,
      };
    },
    end: () => [],
  };
}

function capacity() {
  const inService = new Set<string>();
  /** Deregistered, or without power: still a member, but of no use to a visitor. */
  const useless = new Set<string>();
  return {
    inService,
    serving: () => [...inService].filter((node) => !useless.has(node)).length,
    see(fact: Fact): void {
      if (fact.kind === "taken" || fact.kind === "power-off") useless.add(fact.node);
      if (fact.kind !== "lifecycle") return;
      if (fact.state === "InService") inService.add(fact.node);
      else if (inService.delete(fact.node)) useless.delete(fact.node);
    },
  };
}

function complaint(
  report: object,
  expected: Extract<Expectation, { max: string } | { min: string }>,
): string | undefined {
  const [figure, word] = "max" in expected ? [expected.max, "at most"] : [expected.min, "at least"];
  const value = figureOf(report, figure);
  if (value === undefined) return `the report has no number for ${figure}`;
  const holds = "max" in expected ? value <= expected.value : value >= expected.value;
  const unit = unitOf(figure) === "seconds" ? " s" : "";
  return holds ? undefined : `${figure} is ${value}${unit}, expected is ${word} ${expected.value}${unit}`;
}
