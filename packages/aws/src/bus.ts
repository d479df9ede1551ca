/** Warden's own events, for whoever listens. */
import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { type BusPort, Fault, type LedgerEntry } from "@warden/control";
import { calling } from "./classify.ts";

export function busPort(client: EventBridgeClient, busName: string): BusPort {
  return {
    async publish(entries) {
      const answer = await calling("events:PutEvents", () =>
        client.send(new PutEventsCommand({ Entries: entries.map((entry) => eventOf(entry, busName)) })),
      );
      const refused = answer.Entries?.find((each) => each.ErrorCode !== undefined);
      if (refused !== undefined) {
        throw new Fault("retry", "events:PutEvents", refused.ErrorCode ?? "", refused.ErrorMessage ?? "", answer);
      }
    },
  };
}

function eventOf(entry: LedgerEntry, busName: string) {
  return {
    EventBusName: busName,
    Source: "warden",
    DetailType: detailTypeOf(entry),
    Time: new Date(entry.at),
    Detail: JSON.stringify({
      v: 1,
      id: entry.id,
      site: entry.key.split("/")[0],
      key: entry.key,
      phase: entry.phase,
      phaseBefore: entry.phaseBefore,
      why: entry.why,
      actions: entry.actions,
      ...(entry.wants !== undefined && { wants: entry.wants }),
      ...(entry.kind === "incident" && { incident: entry.evidence["incident"] }),
      ...(entry.kind === "peak" && { notice: entry.evidence["notice"] }),
    }),
  };
}

function detailTypeOf({ kind, phase, phaseBefore, wants }: LedgerEntry): string {
  if (wants !== undefined) return "Approval Wanted";
  if (kind === "rollout") return "Rollout Progressed";
  if (kind === "incident") return phase === "opened" ? "Incident Opened" : "Incident Closed";
  if (kind === "upgrade") return "Upgrade Progressed";
  if (kind === "freeze") return "Freeze Changed";
  if (kind === "peak") return phase === "ready" ? "Peak Ready" : "Peak Not Ready";
  return phase !== undefined && phase !== phaseBefore ? "Node Phase Changed" : "Decision Recorded";
}
