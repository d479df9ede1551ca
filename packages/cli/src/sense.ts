/** Orders that make no sense for the node as it is, refused before anything is written. */
import type { FoundNode } from "./choose.ts";
import { Problem, status } from "./errors.ts";

/** @throws Problem for a node that is on its way out already, or that nobody may act on */
export function needStaying(found: FoundNode, verb: string): void {
  const { instance } = found.name;
  const cause = whyNot(found);
  if (cause === undefined) return;
  throw new Problem(
    status.refused,
    `Cannot ${verb} ${instance}: ${cause}`,
    found.newer ? "use the command of that version" : `\`warden explain ${instance}\` tells its story`,
  );
}

function whyNot({ newer, stored }: FoundNode): string | undefined {
  if (newer) return "a newer Warden wrote its record";
  const phase = stored?.record.phase;
  switch (phase?.name) {
    case "leaving":
      return `it is leaving already (${phase.leave.reason})`;
    case "refused":
      return `it is being given up already (${phase.reason})`;
    case "released":
      return "it is ending already";
    case "gone":
      return "it is gone";
    default:
      return undefined;
  }
}

/** A drain must not quietly replace the hold that someone put there. */
export function needUnheld({ order, name }: FoundNode, verb: string): void {
  if (order?.verb !== "hold") return;
  throw new Problem(
    status.refused,
    `The guard hold refuses to ${verb} ${name.instance}: ${order.by} holds it (${order.reason})`,
    `\`warden release ${name.instance}\` ends the hold`,
  );
}
