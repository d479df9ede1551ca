/** Rule 15: stopped means stopped, for whatever Warden does of its own accord. */
import { type CreateChecker, inSeconds, violationAt } from "./grace.ts";

const rule = "rule-15";
const allowed = 5_000;

export const rule15: CreateChecker = () => {
  let stoppedAt: number | undefined;
  return {
    rule,
    says: "`warden stop` halts every voluntary action within 5 s; heartbeats, completions and launches go on",
    see(fact) {
      if (fact.kind === "switch") stoppedAt = fact.stopped ? (stoppedAt ?? fact.at) : undefined;
      if (fact.kind !== "taken" || fact.by !== "warden" || fact.announced || stoppedAt === undefined) return undefined;
      const since = fact.at - stoppedAt;
      if (since <= allowed) return undefined;
      return violationAt(rule, fact, fact.node, `${fact.how} was called ${inSeconds(since)} after Warden was stopped`);
    },
    end: () => [],
  };
};
