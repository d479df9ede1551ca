/**
 * What people are told of what nodes share: one incident at a time for each part, of a part that was in trouble, and its end when
 * it is well again. Of an upgrade that waits for a person a site is closed, and no node of it may be well.
 */
import type { Fact } from "../facts/fact.ts";
import type { Violation } from "./checker.ts";
import { type CreateChecker, violationAt } from "./grace.ts";

const rule = "incidents";

type Incident = Extract<Fact, { kind: "incident" }>;
type Shared = Extract<Fact, { kind: "shared" }>;

/** A node says what it saw when it was asked, and its answer may be found by a sweep much later. */
const stale = 600_000;
/** Nobody complains for so long before an incident closes: who was well before the part broke may have said it late. */
const quiet = 120_000;

export const incidents: CreateChecker = () => {
  const open = new Map<string, Incident>();
  const moved = new Map<string, Shared>();
  let isStuck = false;

  function opened(fact: Incident): string | undefined {
    const other = open.get(fact.part);
    open.set(fact.part, fact);
    if (other !== undefined) return `a second incident of ${fact.part} is opened while one is open`;
    const last = moved.get(fact.part);
    const isWell = last === undefined || (last.up && fact.at - last.at > stale);
    return isWell ? `an incident is opened of ${fact.part}, which is well` : undefined;
  }

  function closed(fact: Incident): string | undefined {
    const wasOpen = open.delete(fact.part);
    if (!wasOpen) return `an incident of ${fact.part} is closed, and none was open`;
    const last = moved.get(fact.part);
    const isDown = last !== undefined && !last.up && fact.at - last.at > quiet;
    return isDown ? `the incident of ${fact.part} is closed, which is still down` : undefined;
  }

  return {
    rule,
    says: "what all nodes share has one incident at a time, opened when it is in trouble, closed when it is well again",
    see(fact): Violation | undefined {
      if (fact.kind === "shared") moved.set(fact.part, fact);
      if (fact.kind === "upgrade" && (fact.phase === "stuck" || fact.phase === "done"))
        isStuck = fact.phase === "stuck";
      if (fact.kind !== "incident") return undefined;
      const detail = fact.is === "opened" ? opened(fact) : closed(fact);
      return detail === undefined ? undefined : violationAt(rule, fact, undefined, detail);
    },
    end(at) {
      if (isStuck) return [];
      return [...open.keys()].map((part) => ({
        ...{ rule, at, node: undefined },
        detail: `the incident of ${part} is still open when all has been quiet`,
      }));
    },
  };
};
