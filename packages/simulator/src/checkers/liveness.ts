/** In the end all is well: after the last fault and some quiet, the fleet is what it should be. */
import type { Fact, FinalNode } from "../facts/fact.ts";
import type { Violation } from "./checker.ts";
import { type CreateChecker, inWriting, isGone, isProven } from "./grace.ts";

const rule = "liveness";

export const liveness: CreateChecker = () => {
  let final: Extract<Fact, { kind: "final" }> | undefined;
  /** An upgrade failed when the schema had moved: until a person begins another, nothing can be well. */
  let isStuck = false;
  return {
    rule,
    says: "after the last fault every node comes into service, proven, or goes, and the desired capacity is reached",
    see(fact) {
      if (fact.kind === "final") final = fact;
      if (fact.kind === "upgrade" && (fact.phase === "stuck" || fact.phase === "done"))
        isStuck = fact.phase === "stuck";
      return undefined;
    },
    end(at) {
      if (final === undefined)
        return [{ rule, at, node: undefined, detail: "nobody looked at the fleet when the run was over" }];
      if (isStuck) return [];
      return [...wrongNodes(final.nodes, at), ...wrongSize(final, at)];
    },
  };
};

function* wrongNodes(nodes: readonly FinalNode[], at: number): Iterable<Violation> {
  for (const each of nodes) {
    const detail = complaint(each);
    if (detail !== undefined) yield { rule, at, node: each.node, detail };
  }
}

function complaint(node: FinalNode): string | undefined {
  if (isGone(node.state) || isKeptAside(node.state)) return undefined;
  if (node.state !== "InService") return `still ${node.state} when all has been quiet`;
  if (!isProven(node))
    return `in service, proven to be ${inWriting(node.proven)}; assigned is ${inWriting(node.assigned)}`;
  if (node.drifted === true) return "in service, with files that are not those of its configuration";
  return node.ready ? undefined : "in service, but its readiness does not answer 200";
}

/** By somebody's own decision. */
const isKeptAside = (state: string): boolean =>
  state === "Standby" || /^Warmed:(Running|Stopped|Hibernated)$/.test(state);

function* wrongSize({ group }: Extract<Fact, { kind: "final" }>, at: number): Iterable<Violation> {
  const { length } = group.inService;
  if (length === group.desired) return;
  yield {
    rule,
    at,
    node: undefined,
    detail: `${length} in service when all has been quiet, desired are ${group.desired}`,
  };
}
