/** PutEvents: each entry stands or falls by itself. */
import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { type BusEvent, busEvent } from "./event.ts";
import { type Bus, busName, type Registry } from "./registry.ts";
import { notModelled, validationException } from "./validation.ts";

const mostEntries = 10;
/** AWS's pages name 256 KB and 1 MB; the smaller one is safe on both. */
const mostBytes = 262_144;

type Entry = Validated<sdk.PutEventsRequestEntry>;

export function putEventsOperation(
  surroundings: Surroundings,
  registry: Registry,
  put: (bus: Bus, event: BusEvent, traceHeader?: string) => void,
) {
  function accept(entry: Entry): sdk.PutEventsResultEntry {
    const detail = readDetail(entry.Detail);
    const refusal = refusalOf(entry, detail);
    if (refusal !== undefined) return refusal;
    // Not known of AWS: a bus that does not exist would rather be heard of here than swallow events.
    const bus = registry.buses.get(busName(entry.EventBusName ?? "default"));
    if (bus === undefined) return invalid("EventBusName", `Event bus ${entry.EventBusName} does not exist.`);
    const event = busEvent(surroundings, {
      source: entry.Source ?? "",
      detailType: entry.DetailType ?? "",
      resources: entry.Resources ?? [],
      detail,
      time: entry.Time?.getTime() ?? surroundings.clock.now(),
    });
    put(bus, event, entry.TraceHeader);
    return { EventId: event.id };
  }

  return {
    PutEvents({ Entries, EndpointId }) {
      notModelled("EndpointId", EndpointId);
      if (Entries.length > mostEntries)
        throw validationException(
          `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${mostEntries}`,
        );
      if (Entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > mostBytes)
        throw validationException("Total size of the entries in the request is over the limit.");
      const results = Entries.map(accept);
      return {
        FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
        Entries: results,
      };
    },
  } satisfies Operations<typeof sdk>;
}

function refusalOf(entry: Entry, detail: unknown): sdk.PutEventsResultEntry | undefined {
  if (!entry.Source) return invalid("Source", "Source is a required argument.");
  if (!entry.DetailType) return invalid("DetailType", "DetailType is a required argument.");
  if (!entry.Detail) return invalid("Detail", "Detail is a required argument.");
  if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  if (entry.Source.startsWith("aws."))
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  return undefined;
}

const invalid = (parameter: string, reason: string): sdk.PutEventsResultEntry => ({
  ErrorCode: "InvalidArgument",
  ErrorMessage: `Parameter ${parameter} is not valid. Reason: ${reason}`,
});

/** Undefined where it is no JSON object. */
function readDetail(text: string | undefined): object | undefined {
  try {
    const detail: unknown = JSON.parse(text ?? "");
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

/** As the EventBridge guide counts it: 14 bytes for a time, and the UTF-8 length of every text. */
function sizeOf(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ""), entry.Time === undefined ? 0 : 14);
}
