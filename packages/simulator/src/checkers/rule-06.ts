/**
 * Rule 6: nobody ends a node for what is not its fault. Judged when the taking begins or ABANDON was decided; meant are
 * neither nodes with a fault of their own, nor what AWS announced or an operator ordered, nor scaling in.
 */
import type { Fact } from "../facts/fact.ts";
import { type CreateChecker, inSeconds, oneObservation, violationAt } from "./grace.ts";

const rule = "rule-06";

export const rule06: CreateChecker = () => {
  const outages: { readonly part: string; readonly from: number; to?: number }[] = [];
  const decidedAt = new Map<string, number>();
  const launching = new Set<string>();
  /** For a reason that has nothing to do with the outage. */
  const meant = new Set<string>();
  const begun = new Set<string>();

  /** A shared part that was down then, for long enough to be known. */
  const downThen = (at: number) =>
    outages.find(({ from, to }) => from + oneObservation <= at && (to === undefined || at < to));

  function judge(fact: Extract<Fact, { readonly node: string }>, what: string) {
    const decided = Math.min(decidedAt.get(fact.node) ?? fact.at, fact.at);
    const outage = downThen(decided);
    if (outage === undefined) return undefined;
    const detail = `${what}, decided ${inSeconds(decided - outage.from)} after a shared part went down: ${outage.part}`;
    return violationAt(rule, fact, fact.node, detail);
  }

  function partMoved({ part, up, at }: Extract<Fact, { kind: "shared" }>): void {
    const open = outages.find((each) => each.part === part && each.to === undefined);
    if (up && open !== undefined) open.to = at;
    if (!up && open === undefined) outages.push({ part, from: at });
  }

  return {
    rule,
    says: "no node is terminated, drained or abandoned, by Warden or by Auto Scaling under Warden's settings, while the evidence points at a shared dependency",
    see(fact) {
      switch (fact.kind) {
        case "shared":
          partMoved(fact);
          return undefined;
        case "phase":
          if (fact.phase === "leaving" || fact.phase === "refused") decidedAt.set(fact.node, fact.at);
          else if (fact.phase !== "released") decidedAt.delete(fact.node);
          return undefined;
        case "order":
        case "notice":
        case "power-off":
          meant.add(fact.node);
          return undefined;
        case "action-began":
          if (fact.action.transition === "launching") launching.add(keyOf(fact.node, fact.action.hook));
          else launching.delete(keyOf(fact.node, fact.action.hook));
          return undefined;
        case "answer":
          if (fact.result === "CONTINUE" || fact.by === "somebody else" || fact.ownFault === true) return undefined;
          if (!launching.has(keyOf(fact.node, fact.hook)) || meant.has(fact.node)) return undefined;
          return judge(fact, `${fact.by} answered ABANDON to a launch`);
        case "taken": {
          const continues = begun.has(fact.node);
          begun.add(fact.node);
          if (continues || fact.by !== "warden" || fact.announced || fact.ownFault === true || meant.has(fact.node))
            return undefined;
          return judge(fact, `Warden began to take it: ${fact.how}`);
        }
        case "leaving":
          // Replacing a machine that is dead already takes nothing away; other checks blame the node for what it shares.
          if (!/an ELB system health check|a user health-check/.test(fact.cause) || meant.has(fact.node))
            return undefined;
          return judge(fact, `Auto Scaling replaces it: ${fact.cause}`);
        default:
          return undefined;
      }
    },
    end: () => [],
  };
};

const keyOf = (node: string, hook: string): string => `${node} ${hook}`;
