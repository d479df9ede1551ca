/**
 * AWS will retire, reboot or stop instances (AWS Health). Long events come as several pages in any order; every page
 * names instances of its own, so each is read by itself.
 */
import * as z from "zod/mini";
import { defineEvent, type Notice, type Pointer } from "./event.ts";
import { instanceIn, regionName, word } from "./shapes/names.ts";
import { hintedTime, time } from "./shapes/time.ts";

const schema = () =>
  z.object({
    time,
    /** Bare ids as often as ARNs; left out when nothing is named. */
    resources: z.optional(z.array(z.string())),
    detail: z.object({
      service: word,
      eventTypeCategory: word,
      eventTypeCode: word,
      /** Where the instances are. The event's own `region` is where it was delivered, which may be a backup Region. */
      eventRegion: z.optional(regionName),
      startTime: z.optional(hintedTime),
      statusCode: z.optional(word),
      affectedEntities: z.optional(z.array(z.object({ entityValue: z.string(), status: z.optional(z.string()) }))),
    }),
  });

type HealthEvent = z.output<ReturnType<typeof schema>>;
type Maintenance = Extract<Notice, { kind: "scheduled-maintenance" }>;

export const healthScheduledChange = defineEvent({
  name: "health-scheduled-change",
  lane: "normal",
  source: "aws.health",
  detailTypes: ["AWS Health Event"],
  detail: { service: ["EC2"], eventTypeCategory: ["scheduledChange"] },
  schema,
  points(event) {
    const { service, eventTypeCategory } = event.detail;
    if (service !== "EC2") return { nothingToDo: "the event is not about EC2" };
    if (eventTypeCategory !== "scheduledChange") return { nothingToDo: "the event is not a scheduled change" };
    const pointers = instancesOf(event);
    return pointers.length > 0 ? pointers : { nothingToDo: "the event names no instance" };
  },
});

/** Each instance once, though it usually stands both in `affectedEntities` and in `resources`. */
function instancesOf(event: HealthEvent): readonly Pointer[] {
  const named = [
    ...(event.resources ?? []).map((resource) => ({ entityValue: resource, status: undefined })),
    ...(event.detail.affectedEntities ?? []),
  ];
  const found = new Map<string, Pointer>();
  for (const { entityValue, status } of named) {
    const instanceId = instanceIn(entityValue);
    if (instanceId !== undefined) found.set(instanceId, pointer(event, instanceId, status));
  }
  return [...found.values()];
}

function pointer(event: HealthEvent, instanceId: string, entityStatus: string | undefined): Pointer {
  const { eventRegion: region, eventTypeCode: code, startTime: notBefore } = event.detail;
  const status = entityStatus === "RESOLVED" ? "closed" : statusOf(event);
  return {
    kind: "instance",
    instanceId,
    ...(region !== undefined && { region }),
    notice: {
      kind: "scheduled-maintenance",
      code,
      ...(notBefore !== undefined && { notBefore }),
      status,
      at: event.time,
    },
  };
}

/** Events from before 2023 have no status code. */
function statusOf({ time: at, detail: { statusCode, startTime } }: HealthEvent): Maintenance["status"] {
  if (statusCode === "open" || statusCode === "upcoming" || statusCode === "closed") return statusCode;
  return startTime !== undefined && startTime > at ? "upcoming" : "open";
}
