/** Tells people what Warden said on its own bus. */
import { incidentSchema } from "@warden/control";
import { type IncidentNews, notificationOf } from "@warden/remediation";
import type { Notifier } from "@warden/worlds/loop";
import type { EventBridgeEvent } from "aws-lambda";
import * as z from "zod/mini";
import { chain } from "../chain.ts";

/** An event that fails is tried twice more by Lambda, and lies with the dead letters then. */
export function notifyHandler(notifier: Notifier) {
  return chain<EventBridgeEvent<string, unknown>, void>(notifier).handler(async (event) => {
    const { site, news } = saidIn(event);
    await notifier.notifications.tell(notificationOf(news, { site, stage: notifier.stage }));
    notifier.metrics.addMetric("NotificationsSent", "Count", 1);
  });
}

function saidIn(event: EventBridgeEvent<string, unknown>): { readonly site: string; readonly news: IncidentNews } {
  const { phase, site, incident } = incidentDetail.parse(event.detail);
  return { site, news: { is: phase, incident } };
}

const incidentDetail = z.object({ phase: z.enum(["opened", "closed"]), site: z.string(), incident: incidentSchema });
