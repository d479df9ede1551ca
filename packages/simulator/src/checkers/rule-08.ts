/** Rule 8: who leaves in an orderly way cuts nobody off. A machine that dies, or that spot takes, is no orderly leave. */
import type { Fact } from "../facts/fact.ts";
import type { Violation } from "./checker.ts";
import { type CreateChecker, inSeconds, oneObservation, violationAt, wasDown } from "./grace.ts";

const rule = "rule-08";

export const rule08: CreateChecker = (run) => {
  const leavingSince = new Map<string, number>();
  /** When Warden began to look after the drain: its budget counts from here. */
  const drainingSince = new Map<string, number>();
  const states = new Map<string, string>();
  const listed = new Set<string>();

  function began(node: string, at: number): void {
    if (!leavingSince.has(node)) leavingSince.set(node, at);
  }

  function cutOff(fact: Extract<Fact, { kind: "power-off" }>): Violation | undefined {
    const { node, at, requestsCut, tasksCut, announced, died, silent } = fact;
    const since = leavingSince.get(node);
    if (since === undefined || announced || died === true || isCutShort(states.get(node))) return undefined;
    const took = at - (drainingSince.get(node) ?? since);
    const timeLeft = took < run.drainBudget - oneObservation;
    const story = `${inSeconds(took)} after its drain began, of ${inSeconds(run.drainBudget)}`;
    if (requestsCut > 0 && timeLeft) return violationAt(rule, fact, node, `${requestsCut} requests were cut ${story}`);
    // Without Warden nobody can wait for a task, or write it down.
    if (tasksCut === 0 || wasDown(run, since, at)) return undefined;
    // Who cannot be asked cannot be waited for either: its tasks are listed as what nobody knows.
    if (timeLeft && silent !== true) return violationAt(rule, fact, node, `${tasksCut} tasks were cut ${story}`);
    if (listed.has(node)) return undefined;
    return violationAt(rule, fact, node, `${tasksCut} tasks were cut and listed nowhere`);
  }

  return {
    rule,
    says: "a drain drops no request shorter than the deregistration delay; running tasks finish within the drain budget or are listed as abandoned",
    see(fact) {
      switch (fact.kind) {
        case "lifecycle":
          states.set(fact.node, fact.state);
          if (fact.state.startsWith("Terminating")) began(fact.node, fact.at);
          return undefined;
        case "taken":
          began(fact.node, fact.at);
          return undefined;
        case "phase":
          if (fact.phase === "leaving" && !drainingSince.has(fact.node)) drainingSince.set(fact.node, fact.at);
          if (/abandoning /.test(fact.why)) listed.add(fact.node);
          return undefined;
        case "power-off":
          return cutOff(fact);
        default:
          return undefined;
      }
    },
    end: () => [],
  };
};

/** Before Auto Scaling itself came to end it: something else took the machine. */
const isCutShort = (state: string | undefined): boolean =>
  state === undefined || !/^(Terminating|Terminating:Proceed|Terminated)$/.test(state);
