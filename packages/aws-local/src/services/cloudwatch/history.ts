/** What happened to alarms. CloudWatch keeps it for 30 days; here the newest entries are kept. */
import type { AlarmHistoryItem, HistoryItemType } from "@aws-sdk/client-cloudwatch";
import type { Clock } from "../../clock.ts";
import type { Alarm } from "./alarm.ts";

export interface History {
  record(alarm: Alarm, type: HistoryItemType, summary: string, data: object): void;
  /** Newest first. */
  items(): AlarmHistoryItem[];
}

const mostItems = 10_000;
const days30 = 30 * 86_400_000;

export function history(clock: Clock): History {
  let kept: { readonly at: number; readonly item: AlarmHistoryItem }[] = [];
  return {
    record(alarm, type, summary, data) {
      if (kept.length >= mostItems) kept = kept.slice(mostItems / 2);
      kept.push({
        at: clock.now(),
        item: {
          AlarmName: alarm.name,
          AlarmType: alarm.kind,
          Timestamp: new Date(clock.now()),
          HistoryItemType: type,
          HistorySummary: summary,
          HistoryData: JSON.stringify(data),
        },
      });
    },
    items: () =>
      kept
        .filter(({ at }) => at > clock.now() - days30)
        .map(({ item }) => item)
        .reverse(),
  };
}
