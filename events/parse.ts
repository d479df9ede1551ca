/**
 * Reads the body of any message in the lanes. Never throws, takes time in proportion to the length of the body, and
 * lets nothing through that is not an id or a name of the right shape.
 */
import { cacheSource } from "./cache-notification.ts";
import { kinds } from "./catalogue.ts";
import type { Lane, MessageKind, Pointer, WakeUp } from "./event.ts";
import { isOwnSource, knownVersion } from "./shapes/own.ts";

export type Parsed =
  | {
      readonly kind: "event";
      readonly name: string;
      readonly lane: Lane;
      /** The event's or the notification's own id, for the ledger. */
      readonly id?: string;
      /** From an EventBridge replay: hours may have passed, so its notices were dropped. */
      readonly replayed: boolean;
      readonly pointers: readonly Pointer[];
    }
  | ({ readonly kind: "wake" } & WakeUp)
  | { readonly kind: "nothing-to-do"; readonly name: string; readonly why: string }
  /** Well-formed, but not addressed to Warden. */
  | { readonly kind: "foreign"; readonly why: string }
  /** Broken, cut off, or with a value where it cannot be. */
  | { readonly kind: "unparsable"; readonly why: string }
  /** From a Warden newer than this one: leave it alone, it is for the newer one. */
  | { readonly kind: "newer"; readonly why: string };

type Fields = Readonly<Record<string, unknown>>;

export function parse(body: string): Parsed {
  const outer = readObject(body);
  if (outer === undefined) return { kind: "unparsable", why: "the body is not a JSON object" };
  if (!isFromTopic(outer)) return parseMessage(outer);
  const inner = readObject(outer["Message"]);
  if (inner === undefined) return { kind: "unparsable", why: "the SNS message is not a JSON object" };
  return parseMessage(inner);
}

/** SNS wraps what it delivers, unless the subscription has raw message delivery. */
function isFromTopic(fields: Fields): boolean {
  return fields["Type"] === "Notification" && "Message" in fields;
}

function parseMessage(fields: Fields): Parsed {
  const address = addressOf(fields);
  if ("kind" in address) return address;
  const { source, detailType } = address;
  if (isOwnSource(source) && isNewer(fields["v"]))
    return { kind: "newer", why: `the message has a version after ${knownVersion}` };
  const kind = registry.get(keyOf(source, detailType));
  if (kind === undefined) return { kind: "foreign", why: `nobody here reads ${shown(detailType)} of ${shown(source)}` };
  return result(kind, kind.read(fields), fields);
}

function result(kind: MessageKind, points: ReturnType<MessageKind["read"]>, fields: Fields): Parsed {
  const { name, lane } = kind;
  if ("wrong" in points) return { kind: "unparsable", why: `${name}: ${points.wrong}` };
  if ("nothingToDo" in points) return { kind: "nothing-to-do", name, why: points.nothingToDo };
  if ("hops" in points) return { kind: "wake", ...points };
  const id = idOf(fields);
  const replayed = "replay-name" in fields;
  const pointers = replayed ? points.map(withoutNotice) : points;
  return { kind: "event", name, lane, ...(id !== undefined && { id }), replayed, pointers };
}

/**
 * A replayed notice is stale: the token is dead, and an answer of "no active lifecycle action" would read as "already
 * done". Where to look is as good as ever.
 */
function withoutNotice(pointer: Pointer): Pointer {
  if (pointer.kind !== "instance") return pointer;
  const { notice: _, ...where } = pointer;
  return where;
}

// ---- Which kind it is --------------------------------------------------------------------------------------------

const keyOf = (source: string, detailType: string): string => `${source}\n${detailType}`;

const registry: ReadonlyMap<string, MessageKind> = new Map(
  kinds.flatMap((kind) => kind.detailTypes.map((detailType) => [keyOf(kind.source, detailType), kind] as const)),
);

interface Address {
  readonly source: string;
  readonly detailType: string;
}

/**
 * Events name source and detail type; Auto Scaling's notifications name the service and the transition or event;
 * ElastiCache's have the service and the event as a key.
 */
function addressOf(fields: Fields): Address | Parsed {
  const detailTypeOfCache = Object.keys(fields).find((key) => key.startsWith(`${cacheSource}:`));
  if (detailTypeOfCache !== undefined) return { source: cacheSource, detailType: detailTypeOfCache };
  const flat = !("source" in fields || "detail-type" in fields);
  const source = fields[flat ? "Service" : "source"];
  const detailType = flat ? (fields["LifecycleTransition"] ?? fields["Event"]) : fields["detail-type"];
  if (typeof source === "string" && typeof detailType === "string") return { source, detailType };
  if (flat && source === undefined) return { kind: "foreign", why: "neither an event nor a notification" };
  return { kind: "unparsable", why: "source and detail type are not both text" };
}

const isNewer = (version: unknown): boolean => Number.isInteger(version) && Number(version) > knownVersion;

// ---- Details -----------------------------------------------------------------------------------------------------

function idOf(fields: Fields): string | undefined {
  const id = fields["id"] ?? fields["RequestId"];
  return typeof id === "string" && /^[0-9A-Za-z-]{1,64}$/.test(id) ? id : undefined;
}

/** Text from outside, made harmless for a log or a page. */
const shown = (text: string): string => text.slice(0, 80).replace(/[^A-Za-z0-9 .:_-]/g, "?");

function readObject(text: unknown): Fields | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    // Not JSON, or nested deeper than the parser's stack.
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
