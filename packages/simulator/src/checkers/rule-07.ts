/** Rule 7: in a freeze Warden sets out to take no node of its own accord, but for one that is bad by its own fault. */
import { type CreateChecker, inSeconds, violationAt } from "./grace.ts";

const rule = "rule-07";
/** A pass that looked before the freeze was written down may end its calls. */
const allowed = 5_000;

export const rule07: CreateChecker = () => {
  let freeze: { readonly from: number; readonly until: number } | undefined;
  /** When each node set out to leave: what was begun before goes on. */
  const leavingSince = new Map<string, number>();
  return {
    rule,
    says: "in a freeze nothing voluntary happens; the group still grows, and the dead are replaced",
    see(fact) {
      if (fact.kind === "freeze") freeze = { from: fact.at, until: fact.until };
      if (fact.kind === "phase" && fact.phase === "leaving" && !leavingSince.has(fact.node))
        leavingSince.set(fact.node, fact.at);
      if (fact.kind !== "taken" || fact.by !== "warden" || fact.announced || fact.ownFault === true) return undefined;
      if (freeze === undefined || fact.at >= freeze.until) return undefined;
      const since = (leavingSince.get(fact.node) ?? fact.at) - freeze.from;
      if (since <= allowed) return undefined;
      return violationAt(
        rule,
        fact,
        fact.node,
        `${fact.how} was called, decided ${inSeconds(since)} after the freeze began`,
      );
    },
    end: () => [],
  };
};
