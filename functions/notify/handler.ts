/** Tells people what Warden said on its own bus. */
import { incidentSchema, peakNoticeSchema, wantedSchema } from "@warden/control";
import { approvalNotification, type Notification, notificationOf, peakNotification } from "@warden/remediation";
import type { Notifier } from "@warden/worlds/loop";
import type { EventBridgeEvent } from "aws-lambda";
import * as z from "zod/mini";
import { chain } from "../chain.ts";

/** An event that fails is tried twice more by Lambda, and lies with the dead letters then. */
export function notifyHandler(notifier: Notifier) {
  return chain<EventBridgeEvent<string, unknown>, void>(notifier).handler(async (event) => {
    await notifier.notifications.tell(notificationFor(event.detail, notifier.stage));
    notifier.metrics.addMetric("NotificationsSent", "Count", 1);
  });
}

function notificationFor(said: unknown, stage: string): Notification {
  const detail = saidDetail.parse(said);
  const whose = { site: detail.site, stage };
  if ("wants" in detail) return approvalNotification({ ...detail.wants, key: detail.key }, whose);
  if ("notice" in detail) return peakNotification(detail.notice, whose);
  return notificationOf({ is: detail.phase, incident: detail.incident }, whose);
}

const saidDetail = z.union([
  z.object({ phase: z.enum(["opened", "closed"]), site: z.string(), incident: incidentSchema }),
  z.object({ site: z.string(), notice: peakNoticeSchema }),
  z.object({ site: z.string(), key: z.string(), wants: wantedSchema }),
]);
