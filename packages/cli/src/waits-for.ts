/** What a node waits for now, as one sentence. */
import type { Command } from "@warden/fleet";
import type { FoundNode } from "./choose.ts";
import { instant, relative } from "./render/time.ts";

export function waitsFor({ stored, order, newer }: FoundNode, now: number): string {
  if (newer) return "a newer Warden, which wrote its record: this one leaves it alone";
  if (stored === undefined) return "Warden's first look at it";
  const { record, dueAt } = stored;
  const { phase } = record;
  const next = dueAt === undefined ? "an event or the sweep" : `the next look, ${relative(dueAt, now)}`;
  switch (phase.name) {
    case "arriving":
      return `Auto Scaling, which starts it (${record.lifecycleState})`;
    case "waiting-for-agent":
      return `its agent, until ${instant(phase.launch.deadline)} at the latest (attempt ${phase.launch.attempt})`;
    case "bootstrapping":
      return `${answerTo(phase.command)} (attempt ${phase.launch.attempt})`;
    case "verifying":
    case "installing":
      return answerTo(phase.command);
    case "on-hold":
      return `the end of this: ${phase.reason} (looked at again ${relative(phase.recheckAt, now)})`;
    case "refused":
      return phase.command === undefined ? next : `${answerTo(phase.command)}, then it is given up`;
    case "joining":
      return "Auto Scaling, which registers it with the load balancer";
    case "in-service":
      if (order !== undefined && order.verb !== "hold") return `the order to ${order.verb} it, and the guards`;
      return phase.command === undefined
        ? `nothing; it is verified again ${relative(phase.nextVerifyAt, now)}`
        : answerTo(phase.command);
    case "found":
      if (order !== undefined && order.verb !== "hold") return `the order to ${order.verb} it, and the guards`;
      return phase.command === undefined ? "somebody to replace it" : answerTo(phase.command);
    case "leaving":
      return `${phase.command === undefined ? "its work to end" : answerTo(phase.command)}, until ${instant(phase.leave.deadline)} at the latest`;
    case "released":
      return "Auto Scaling or another hook, which has the next word";
    case "aside":
      return `its return to service; it is only observed while ${record.lifecycleState}`;
    case "gone":
      return "nothing; it is gone";
  }
}

const answerTo = (command: Command): string => `the answer to ${command.step}, sent ${instant(command.intendedAt)}`;
