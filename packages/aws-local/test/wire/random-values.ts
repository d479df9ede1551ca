/** Random values of any shape, and a form of them in which what was sent and what arrived can be compared. */
import type { Random } from "../../src/random.ts";
import { requiredMembers, type Shape } from "../../src/wire/schema.ts";

const texts = ["a", "web-1", "x y&z", "<é>", '"q"', "10.0", "a=b+c%20", " lead", "trail ", "naïve 日本"];
const deepest = 5;

/** Undefined where nothing travels: structures without members, streams. */
export function randomValue(random: Random, shape: Shape, depth = 0): unknown {
  if (shape.isStreaming()) return undefined;
  if (shape.isUnionSchema()) return randomUnion(random, shape, depth);
  if (shape.isStructSchema()) return randomStructure(random, shape, depth);
  if (shape.isListSchema()) return randomList(random, shape, depth);
  if (shape.isMapSchema()) return randomMap(random, shape, depth);
  if (shape.isTimestampSchema()) return new Date((1_700_000_000 + random.integer(0, 100_000_000)) * 1000);
  if (shape.isBlobSchema()) return new Uint8Array([1, 2, 250]);
  if (shape.isBooleanSchema()) return random.chance(0.5);
  if (shape.isNumericSchema()) return random.integer(1, 100);
  if (shape.isDocumentSchema()) return { a: 1 };
  return shape.isStringSchema() ? randomText(random, shape) : undefined;
}

function randomText(random: Random, shape: Shape): string {
  const { mediaType, httpLabel, httpHeader } = shape.getMergedTraits();
  if (mediaType !== undefined) return '{"a":1}';
  return httpLabel || httpHeader !== undefined ? "label-1" : random.pick(texts);
}

function randomUnion(random: Random, shape: Shape, depth: number): object | undefined {
  const [name, member] = random.pick([...shape.structIterator()]);
  const value = randomValue(random, member, depth + 1);
  return value === undefined ? undefined : { [name]: value };
}

function randomStructure(random: Random, shape: Shape, depth: number): object | undefined {
  const required = requiredMembers(shape);
  const wanted = (name: string): boolean =>
    required.includes(name) || (depth <= deepest && random.chance(depth === 0 ? 0.85 : 0.4));
  const some = randomMembers(random, shape, depth, wanted);
  if (some.length > 0 || depth === 0) return Object.fromEntries(some);
  // An empty structure does not travel in query, so it gets one member, where it can have one.
  const first = randomMembers(random, shape, depth + 1, () => depth <= 2 * deepest).slice(0, 1);
  return first.length > 0 ? Object.fromEntries(first) : undefined;
}

function randomMembers(random: Random, shape: Shape, depth: number, wanted: (name: string) => boolean) {
  return [...shape.structIterator()]
    .filter(([name, member]) => wanted(name) && !member.isIdempotencyToken())
    .map(([name, member]) => [name, randomValue(random, member, depth + 1)] as const)
    .filter(([, value]) => value !== undefined);
}

function randomList(random: Random, shape: Shape, depth: number): unknown[] | undefined {
  const length = depth > deepest ? 1 : random.integer(1, 2);
  // Blanks at the ends of a header's values do not travel.
  const inHeader = shape.getMergedTraits().httpHeader !== undefined;
  const items = Array.from({ length }, () =>
    inHeader ? "label-1" : randomValue(random, shape.getValueSchema(), depth + 1),
  );
  const present = items.filter((item) => item !== undefined);
  return present.length > 0 ? present : undefined;
}

function randomMap(random: Random, shape: Shape, depth: number): object | undefined {
  const value = randomValue(random, shape.getValueSchema(), depth + 1);
  return value === undefined ? undefined : { [`key-${random.integer(0, 9)}`]: value };
}

/** Dates, bytes and the SDK's own text and byte classes as plain data; what is undefined is left out. */
export function plain(value: unknown): unknown {
  if (value instanceof Date) return { date: value.toISOString() };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (value instanceof String) return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name, member]) => member != null && name !== "$metadata");
  return Object.fromEntries(members.sort(byName).map(([name, member]) => [name, plain(member)]));
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

/** Bodies that stream are tested by themselves. */
export function withoutStreams(shape: Shape, value: unknown): unknown {
  if (!shape.isStructSchema() || typeof value !== "object" || value === null) return value;
  const streams = [...shape.structIterator()].filter(([, member]) => member.isStreaming()).map(([name]) => name);
  return Object.fromEntries(Object.entries(value).filter(([name]) => !streams.includes(name)));
}

/** Without the tokens that the SDK adds to requests that have none. */
export function withoutIdempotencyTokens(shape: Shape, value: unknown): unknown {
  if (!shape.isStructSchema() || typeof value !== "object" || value === null) return value;
  const members = Object.entries(value)
    .filter(([name]) => !shape.getMemberSchema(name).isIdempotencyToken())
    .map(([name, member]) => [name, withoutIdempotencyTokens(shape.getMemberSchema(name), member)]);
  return Object.fromEntries(members);
}
