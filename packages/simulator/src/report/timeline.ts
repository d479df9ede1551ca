/** One run as a picture needs it: a lane for each node, and what happened to all of them. Seconds since the start. */
import type { Fact } from "../facts/fact.ts";
import { laneOf } from "./lane.ts";
import type { ReportedViolation } from "./report.ts";
import { pushedIn, pushInWords } from "./rollouts.ts";
import type { SampleRun } from "./run-record.ts";

export interface Timeline {
  readonly run: number;
  readonly seed: number;
  /** How long the run was. */
  readonly length: number;
  readonly lanes: readonly Lane[];
  readonly story: readonly StoryMark[];
  /** Each configuration that was pushed, and what became of it. */
  readonly pushes: readonly StoryMark[];
  readonly outages: readonly Outage[];
  readonly violations: readonly ReportedViolation[];
  readonly eventsLost: number;
  readonly crashes: number;
}

export interface Lane {
  readonly node: string;
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly stage: Stage;
  /** Warden's reason, as far as it gave one. */
  readonly why: string;
}

/** What can be seen of a node; several of Warden's phases and Auto Scaling's states make one. */
export type Stage =
  | "starting"
  | "bootstrapping"
  | "verifying"
  | "on hold"
  | "in service"
  | "leaving"
  | "refused"
  | "lost"
  | "aside";

export interface StoryMark {
  readonly at: number;
  readonly text: string;
}

export interface Outage {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

export function timelineOf(run: SampleRun): Timeline {
  const since = (at: number): number =>
    Math.min(run.endedAt, Math.max(run.startedAt, at)) / 1_000 - run.startedAt / 1_000;
  const length = Math.max(0.001, (run.endedAt - run.startedAt) / 1_000);
  return {
    run: run.run,
    seed: run.seed,
    length,
    lanes: [...factsByNode(run.facts)]
      .map(([node, facts]) => laneOf(node, facts, since, length))
      .filter((lane) => lane.segments.length > 0),
    story: run.facts.flatMap((fact) => (fact.kind === "story" ? [{ at: since(fact.at), text: fact.text }] : [])),
    pushes: pushedIn(run.facts).map((pushed) => ({ at: since(pushed.at), text: pushInWords(pushed) })),
    outages: outagesOf(run.facts, since, length),
    violations: run.violations,
    eventsLost: run.facts.filter((fact) => fact.kind === "event-lost").length,
    crashes: run.facts.filter((fact) => fact.kind === "function" && fact.event === "crashed").length,
  };
}

/**
 * The lanes that fit: those that a violation names come first to a place, then those with most to see. In the order of
 * their arrival again.
 */
export function lanesThatFit(timeline: Timeline, most: number): readonly Lane[] {
  if (timeline.lanes.length <= most) return timeline.lanes;
  const blamed = new Set(timeline.violations.map((each) => each.node));
  const interest = (lane: Lane): number => (blamed.has(lane.node) ? 1_000_000 : 0) + lane.segments.length;
  const chosen = new Set([...timeline.lanes].sort((one, other) => interest(other) - interest(one)).slice(0, most));
  return timeline.lanes.filter((lane) => chosen.has(lane));
}

function factsByNode(facts: readonly Fact[]): ReadonlyMap<string, readonly Fact[]> {
  const nodes = new Map<string, Fact[]>();
  for (const fact of facts) {
    if (!("node" in fact) || fact.node === undefined || fact.kind === "event-lost") continue;
    const known = nodes.get(fact.node);
    if (known === undefined) nodes.set(fact.node, [fact]);
    else known.push(fact);
  }
  return nodes;
}

/** Shared parts that were down, the site while it was closed, and Warden while it was told to stop. */
function outagesOf(facts: readonly Fact[], since: (at: number) => number, length: number): readonly Outage[] {
  const outages: Outage[] = [];
  const open = new Map<string, number>();
  const change = (what: string, down: boolean, at: number): void => {
    const from = open.get(what);
    if (down && from === undefined) open.set(what, at);
    if (down || from === undefined) return;
    outages.push({ from, to: at, what });
    open.delete(what);
  };
  for (const fact of facts) {
    if (fact.kind === "shared") change(`${fact.part} down`, !fact.up, since(fact.at));
    if (fact.kind === "maintenance") change("site closed", fact.closed, since(fact.at));
    if (fact.kind === "switch") change("Warden stopped", fact.stopped, since(fact.at));
  }
  for (const [what, from] of open) outages.push({ from, to: length, what });
  return outages.sort((one, other) => one.from - other.from);
}
