/** Rule 1: only what is proven goes into service. */
import { type CreateChecker, inWriting, isProven, violationAt } from "./grace.ts";

const rule = "rule-01";

export const rule01: CreateChecker = () => {
  /** By node and hook. */
  const transitions = new Map<string, "launching" | "terminating">();
  /** A node that lost its power forgot what it was proven to be: the answer was right when it was decided. */
  const withoutPower = new Set<string>();

  return {
    rule,
    says: "Warden never answers CONTINUE to a launch before that node verified for the release and digest assigned to it; a node that came in by another door answers 503 until it verified",
    see(fact) {
      switch (fact.kind) {
        case "action-began":
          transitions.set(`${fact.node} ${fact.action.hook}`, fact.action.transition);
          return undefined;
        case "power-off":
          withoutPower.add(fact.node);
          return undefined;
        case "instance":
          if (fact.state === "running") withoutPower.delete(fact.node);
          return undefined;
        case "answer": {
          if (fact.result !== "CONTINUE" || fact.by === "somebody else" || withoutPower.has(fact.node))
            return undefined;
          if (transitions.get(`${fact.node} ${fact.hook}`) !== "launching" || isProven(fact)) return undefined;
          const detail = `${fact.by} answered CONTINUE to ${fact.hook} of a node that is proven to be ${inWriting(fact.proven)}; assigned is ${inWriting(fact.assigned)}`;
          return violationAt(rule, fact, fact.node, detail);
        }
        case "target":
          if (fact.state !== "healthy" || fact.verified !== false || withoutPower.has(fact.node)) return undefined;
          return violationAt(rule, fact, fact.node, "the load balancer finds a node healthy that never verified");
        default:
          return undefined;
      }
    },
    end: () => [],
  };
};
