/** Whatever arrives: no exception, no id of a wrong shape, no text from outside that could become something else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Notice, Pointer } from "../event.ts";
import { type Parsed, parse } from "../parse.ts";
import { changed, sample, samples } from "./samples.ts";

const anySample = fc.constantFrom(...samples).map(({ body }) => body);
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const uuid = /^[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}$/;
const shapes: Readonly<Record<string, RegExp>> = {
  kind: /^[a-z-]+$/,
  instanceId: /^i-[0-9a-f]{8,17}$/,
  group: /^[\x20-\x7e]{1,255}$/,
  region: /^[a-z]{2}-[a-z-]+-\d{1,2}$/,
  commandId: uuid,
  token: uuid,
  hook: /^[A-Za-z0-9_/-]{1,255}$/,
  transition: /^(launching|terminating)$/,
  origin: /^[A-Za-z0-9_ -]+$/,
  destination: /^[A-Za-z0-9_ -]+$/,
  action: /^[A-Za-z0-9_ -]+$/,
  code: /^[A-Za-z0-9_ -]+$/,
  status: /^(open|upcoming|closed)$/,
  service: /^(elasticache|rds|secretsmanager)$/,
  name: /^[^\p{Cc}]{1,2048}$/u,
  reason: /^[^\p{Cc}]{0,1023}$/u,
  what: /^[A-Za-z0-9_ -]+$/,
  notice: /^(spot|rebalance|maintenance)$/,
  notBefore: instant,
  at: instant,
};

/** Every value of a pointer and its notice has the shape that its field promises. */
function expectSound(parsed: Parsed): void {
  if ("why" in parsed) expect(parsed.why).toMatch(/^[\x20-\x7e]{1,300}$/);
  if (parsed.kind === "wake") expect(parsed.key).toMatch(/^[\x20-\x7e]{1,512}$/);
  if (parsed.kind !== "event") return;
  if (parsed.id !== undefined) expect(parsed.id).toMatch(/^[0-9A-Za-z-]{1,64}$/);
  for (const pointer of parsed.pointers) {
    expectShapes(pointer);
    if (pointer.kind === "instance" && pointer.notice !== undefined) expectShapes(pointer.notice);
  }
}

function expectShapes(fields: Pointer | Notice): void {
  for (const [field, value] of Object.entries(fields)) {
    if (typeof value === "object") continue;
    const shape = shapes[field];
    if (shape === undefined) throw new Error(`no shape is known for ${field}`);
    expect(value).toMatch(shape);
  }
}

describe("parse", () => {
  it("calls every sample that is cut off unparsable", () => {
    const cutOff = fc
      .tuple(anySample, fc.nat())
      .map(([body, length]) => body.trimEnd().slice(0, length % (body.trimEnd().length - 1)));
    fc.assert(
      fc.property(cutOff, (body) => parse(body).kind === "unparsable"),
      { numRuns: 2_000 },
    );
  });

  it("survives samples with characters changed", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 3 })), { minLength: 1, maxLength: 4 });
    const scratched = fc
      .tuple(anySample, changes)
      .map(([body, list]) =>
        list.reduce(
          (text, [place, put]) => text.slice(0, place % text.length) + put + text.slice((place % text.length) + 1),
          body,
        ),
      );
    fc.assert(
      fc.property(scratched, (body) => expectSound(parse(body))),
      { numRuns: 5_000 },
    );
  });

  it("survives samples with any value in the place of any other", () => {
    const outside = fc.oneof(fc.jsonValue(), fc.string({ unit: "grapheme" }), fc.constantFrom(...nasty));
    const mutated = fc
      .tuple(anySample, fc.nat(), outside)
      .map(([body, place, value]) => JSON.stringify(replaced(JSON.parse(body), place, value)));
    fc.assert(
      fc.property(mutated, (body) => expectSound(parse(body))),
      { numRuns: 5_000 },
    );
  });

  it("survives any text and any JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => expectSound(parse(body))),
      { numRuns: 2_000 },
    );
  });

  it.each(nastyFields())("refuses %s = %j", (name, field, value) => {
    expect(parse(changed(name, {}, { [field]: value })).kind).toBe("unparsable");
  });

  it("lets no prototype be set by a message", () => {
    const body = sample("launch-lifecycle-action").replace(
      '"detail": {',
      '"__proto__": {"replay-name": "x"}, "detail": {',
    );
    expect(parse(body)).toEqual(parse(sample("launch-lifecycle-action")));
  });

  it("reads a message that names 20,000 instances", () => {
    const entities = Array.from({ length: 20_000 }, (_, index) => ({
      entityValue: `i-${index.toString(16).padStart(17, "0")}`,
    }));
    const parsed = parse(changed("health-scheduled-change", { resources: [] }, { affectedEntities: entities }));
    expect(parsed.kind === "event" && parsed.pointers.length).toBe(20_000);
  });
});

const nasty = [
  "i-0a1b2c3d; reboot",
  "i-0a1b2c3d\n",
  "I-0A1B2C3D",
  "i-0a1b2c3d4e5f607180",
  "$(id)",
  "' OR 1=1 --",
  "<img src=x>",
  "../../etc",
  "moodle:1",
  "möödle",
  "a".repeat(100_000),
  "",
  "\u0000",
  "\u202e",
];

function nastyFields(): [string, string, string][] {
  const fields: [string, string][] = [
    ["launch-lifecycle-action", "LifecycleActionToken"],
    ["command-invocation", "command-id"],
    ["spot-interruption", "instance-id"],
    ["node-started", "instance-id"],
  ];
  return [
    ...fields.flatMap(([name, field]) => nasty.map((value): [string, string, string] => [name, field, value])),
    ...["moodle:1", "möödle", "moodle\n", "", "a".repeat(256)].map((value): [string, string, string] => [
      "instance-refresh.started",
      "AutoScalingGroupName",
      value,
    ]),
    ...["hook name", "hook;", "", "a".repeat(256)].map((value): [string, string, string] => [
      "launch-lifecycle-action",
      "LifecycleHookName",
      value,
    ]),
  ];
}

/** The same JSON with another value at the leaf or branch that `place` falls on. */
function replaced(json: unknown, place: number, value: unknown): unknown {
  const places = paths(json);
  const path = places[place % places.length] ?? [];
  return withValueAt(json, path, value);
}

function paths(json: unknown): readonly (readonly string[])[] {
  if (typeof json !== "object" || json === null) return [[]];
  return [[], ...Object.entries(json).flatMap(([key, child]) => paths(child).map((path) => [key, ...path]))];
}

function withValueAt(json: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = structuredClone(json);
  if (typeof copy === "object" && copy !== null)
    Object.assign(copy, { [key]: withValueAt(Reflect.get(copy, key), rest, value) });
  return copy;
}
