/**
 * Rule 10: a change reaches one node first, then as many at a time as the budget allows, and goes back where it is bad.
 * That no half-written file is visible and no request is held up, the tests of the node's own program show.
 */
import type { Fact } from "../facts/fact.ts";
import type { Violation } from "./checker.ts";
import { type CreateChecker, inSeconds, timeToAct, violationAt } from "./grace.ts";
import { createMembers } from "./members.ts";
import { createSweeps, sweepEvery } from "./sweeps.ts";

const rule = "rule-10";

/**
 * From the refusal of one node until all have what they had before. Three things are noticed one after the other, each by
 * the next sweep at the latest: the refusal, that the rollout turned back, that a node has to go back. It may wait for a
 * command that was never sent, which is known after a minute; and its own command is delivered within another.
 */
const wayBack = 3 * sweepEvery + 60_000 + 60_000;

type Rollout = Extract<Fact, { kind: "rollout" }>;

interface Turned {
  readonly at: number;
  readonly members: ReadonlySet<string>;
  readonly because: string;
  /** Until Warden wrote it down: if this node leaves before, nobody will ever know what it found. */
  readonly by: string | undefined;
}

export const rule10: CreateChecker = (run) => {
  const members = createMembers();
  const sweeps = createSweeps();
  const truth = new Map<string, "good" | "bad">();
  const desires: { readonly at: number; readonly desired: number }[] = [];
  /** Until when each digest was the last good. */
  const lastGoodUntil = new Map<string, number>();
  const seenSince = new Map<string, number>();
  /** What each node has, whoever asked for it, and when. */
  const current = new Map<string, { readonly digest: string; readonly since: number }>();
  /** With what each node was found well: before it served, or after it had served with it for the soak. */
  const wellWith = new Map<string, string>();
  let rollout: Rollout | undefined;
  let turned: Turned | undefined;
  /** Has the candidate, and since when. */
  let has = new Map<string, number>();
  let proven = new Set<string>();
  /** While Warden is stopped or down, or no agent answers, nothing goes back; and when that was last. */
  let waiting = { stopped: false, silent: false, until: Number.NEGATIVE_INFINITY };

  function wroteDown(fact: Rollout): Violation | undefined {
    if (fact.id !== rollout?.id) {
      has = new Map();
      // What is pushed may have been a node's before: one that lags behind has tried what is taken back to.
      proven = new Set([...current.keys()].filter((node) => isWellWith(fact.candidate, node)));
      turned = undefined;
    }
    const before = rollout?.id === fact.id ? rollout.phase : undefined;
    rollout = fact;
    if (fact.phase === "returning" || fact.phase === "returned") {
      const now: Turned = { at: fact.at, members: new Set(fact.members), because: fact.why, by: undefined };
      turned = { ...(turned ?? now), by: undefined };
    }
    if (fact.phase !== "concluding" || before === "concluding") return undefined;
    lastGoodUntil.set(fact.lastGood, fact.at);
    if (truth.get(fact.candidate) !== "bad") return undefined;
    return violationAt(rule, fact, undefined, `a bad configuration became the last good: ${fact.candidate}`);
  }

  function configured(fact: Extract<Fact, { kind: "configuration" }>): Violation | undefined {
    const { node, digest, event, at } = fact;
    const had = current.get(node);
    if (event === "put" && had?.digest !== digest) current.set(node, { digest, since: at });
    if (event === "good" && (members.isLaunching(node) || at - (had?.since ?? at) >= run.soak))
      wellWith.set(node, digest);
    if (event === "bad") wellWith.delete(node);
    if (rollout === undefined || isConcluded(rollout)) return undefined;
    if (digest !== rollout.candidate) {
      if (event === "put") has.delete(node);
      return undefined;
    }
    // Written once more where it was: a late bootstrap with what was the last good when it was ordered changes nothing.
    if (event === "put") return had?.digest === digest ? undefined : given(fact, rollout);
    if (event === "good" && at - (has.get(node) ?? at) >= run.soak) proven.add(node);
    // What a node finds that nobody can ask, nobody knows yet.
    if (event === "bad" && !proven.has(node) && members.isReached(node) && !waiting.silent)
      turned ??= { at, members: new Set(rollout.members), because: `${node} was bad with it`, by: node };
    return undefined;
  }

  function given(fact: Extract<Fact, { kind: "configuration" }>, { candidate }: Rollout): Violation | undefined {
    const { node, at } = fact;
    if (members.isLaunching(node) && !wasLastGood(candidate, node))
      return violationAt(rule, fact, node, `a launching node is given ${candidate}, which is not the last good yet`);
    if (!members.isServing(node) || has.has(node)) return undefined;
    const others = [...has.keys()].filter((each) => !proven.has(each) && members.isReached(each));
    has.set(node, at);
    if (turned !== undefined) return givenInSpite(fact, turned);
    if (proven.size === 0 && others.length > 0)
      return violationAt(rule, fact, node, `given ${candidate} while nobody but ${others.join(", ")} has tried it`);
    const budget = Math.max(1, Math.ceil(mostDesired(others, at) * run.budget));
    if (others.length < budget) return undefined;
    const story = `${others.length + 1} nodes have ${candidate} and have not proven it, the budget is ${budget}`;
    return violationAt(rule, fact, node, story);
  }

  /** A command that was under way may still arrive; nobody new is asked. */
  function givenInSpite(fact: Extract<Fact, { kind: "configuration" }>, since: Turned) {
    const late = fact.at - Math.max(since.at, waiting.until);
    const wasAsked = since.members.has(fact.node);
    if (wasAsked && late <= timeToAct) return undefined;
    const who = wasAsked ? "still" : "newly asked, and";
    return violationAt(rule, fact, fact.node, `${who} given it ${inSeconds(late)} after: ${since.because}`);
  }

  const isWellWith = (digest: string, node: string): boolean =>
    members.isServing(node) && current.get(node)?.digest === digest && wellWith.get(node) === digest;

  /** It was what this node had to be at some time since it was launched. */
  const wasLastGood = (digest: string, node: string): boolean =>
    (seenSince.get(node) ?? 0) <= (lastGoodUntil.get(digest) ?? Number.NEGATIVE_INFINITY);

  /** The most since the first of them was chosen: a group that shrinks takes nothing back. */
  function mostDesired(others: readonly string[], at: number): number {
    const since = Math.min(at, ...others.map((node) => has.get(node) ?? at)) - timeToAct;
    const before = desires.findLast((each) => each.at <= since);
    const later = desires.filter((each) => each.at > since);
    return Math.max(0, ...[before, ...later].map((each) => each?.desired ?? 0));
  }

  function overdue(at: number): Violation | undefined {
    if (turned === undefined || rollout === undefined || isConcluded(rollout)) return undefined;
    for (const [node, since] of has) {
      const from = Math.max(since, turned.at, waiting.until, members.reachedSince(node));
      if (!members.isReached(node) || at - from <= wayBack || at - from <= wayBack + sweeps.delay(from, at)) continue;
      has.delete(node);
      const detail = `still has ${rollout.candidate} ${inSeconds(at - from)} after: ${turned.because}`;
      return { rule, at, node, detail };
    }
    return undefined;
  }

  function noteWaiting(fact: Fact): void {
    if (waiting.stopped || waiting.silent || run.wardenIsDown(fact.at)) waiting = { ...waiting, until: fact.at };
    if (fact.kind === "switch") waiting = { ...waiting, stopped: fact.stopped };
    if (fact.kind === "agents") waiting = { ...waiting, silent: fact.silent };
  }

  return {
    rule,
    says: "a new configuration reaches one node first, then no more at once than the budget allows, no node that launches, and returns to the last good by itself where it is bad",
    see(fact) {
      noteWaiting(fact);
      const late = overdue(fact.at);
      sweeps.see(fact);
      members.see(fact);
      if (turned?.by !== undefined && !members.isReached(turned.by)) turned = undefined;
      if ("node" in fact && fact.node !== undefined && !seenSince.has(fact.node)) seenSince.set(fact.node, fact.at);
      if (fact.kind === "capacity") desires.push(fact);
      if (fact.kind === "push") truth.set(fact.digest, fact.is);
      const found =
        fact.kind === "rollout" ? wroteDown(fact) : fact.kind === "configuration" ? configured(fact) : undefined;
      return found ?? late;
    },
    end(at) {
      const late: Violation[] = [];
      for (let each = overdue(at); each !== undefined; each = overdue(at)) late.push(each);
      if (rollout === undefined || isOver(rollout) || waiting.stopped || waiting.silent) return late;
      const detail = `a rollout is still ${rollout.phase} when all has been quiet: ${rollout.why}`;
      return [...late, { rule, at, node: undefined, detail }];
    },
  };
};

const isOver = ({ phase }: Rollout): boolean => phase === "done" || phase === "returned";

const isConcluded = ({ phase }: Rollout): boolean => phase === "concluding" || phase === "done";
