/** A scenario back as text: what differs from the defaults and nothing else, so that a shrunk one fits the eye. */

import { writeDuration, writeShare, writeSpan } from "@warden/yaml";
import { stringify } from "yaml";
import { unitOf } from "./figures.ts";
import { type Expectation, type Moment, type Scenario, scenarioSchema } from "./schema.ts";

export function writeScenario(scenario: Scenario): string {
  const { name, about, timeline, expect } = scenario;
  const written = {
    name,
    ...(about !== undefined && { about }),
    for: writeDuration(scenario.for),
    ...sectionsOf(scenario),
    ...(timeline.length > 0 && { timeline: timeline.map(momentOf) }),
    ...(expect.length > 0 && { expect: expect.map(expectationOf) }),
  };
  return [
    ...lines(written, ["name", "about", "for"]),
    ...lines(written, ["fleet", "hosts", "events", "api", "functions", "traffic"], true),
    ...entries("timeline", written.timeline),
    ...entries("expect", written.expect),
  ].join("");
}

type Fields = Readonly<Record<string, unknown>>;

const lines = (written: Fields, keys: readonly string[], flow = false): string[] =>
  keys.filter((key) => written[key] !== undefined).map((key) => `${key}: ${inFlow(written[key], flow)}\n`);

const entries = (key: string, list: readonly Fields[] | undefined): string[] =>
  list === undefined ? [] : [`${key}:\n`, ...list.map((entry) => `  - ${inFlow(entry, true)}\n`)];

const inFlow = (value: unknown, flow: boolean): string =>
  stringify(value, { collectionStyle: flow ? "flow" : "any", lineWidth: 0 }).trimEnd();

const defaults = scenarioSchema.parse({ name: "defaults", for: "1h" });

function sectionsOf(scenario: Scenario): Fields {
  const { fleet, hosts, events, api, functions, traffic } = scenario;
  const sections = {
    fleet: different(inWriting(fleet), inWriting(defaults.fleet)),
    hosts: different(inWriting(hosts), inWriting(defaults.hosts)),
    events: different(inWriting(events), inWriting(defaults.events)),
    api: different(inWriting(api), inWriting(defaults.api)),
    functions: different(inWriting(functions), inWriting(defaults.functions)),
    // Not key by key: `curve` says which kind it is.
    traffic: JSON.stringify(traffic) === JSON.stringify(defaults.traffic) ? undefined : traffic,
  };
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => section !== undefined));
}

function different(section: Fields, standard: Fields): Fields | undefined {
  const kept = Object.entries(section).filter(([key, value]) => value !== standard[key]);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** Each number in the words of its kind; by its key, since a number alone does not say what it counts. */
function inWriting(section: Fields): Fields {
  return Object.fromEntries(Object.entries(section).map(([key, value]) => [key, quantityOf(key, value)]));
}

const durations = new Set([
  "at",
  "by",
  "for",
  "in",
  "stop",
  "freeze",
  "hookTimeout",
  "deregistrationDelay",
  "coldStart",
  "timeout",
  "deletedFor",
]);
const shares = new Set([
  "budget",
  "failBootstrap",
  "hang",
  "drift",
  "lose",
  "duplicate",
  "throttle",
  "error",
  "answerLost",
  "crash",
  "minHealthy",
  "chance",
]);

function quantityOf(key: string, value: unknown): unknown {
  if (typeof value === "number" && durations.has(key)) return writeDuration(value);
  if (typeof value === "number" && shares.has(key)) return writeShare(value);
  if (isSpan(value)) return writeSpan(value);
  return isFields(value) ? inWriting(value) : value;
}

const momentOf = (moment: Moment): Fields => inWriting(moment);

function expectationOf(expected: Expectation): Fields {
  if (!("max" in expected || "min" in expected)) return inWriting(expected);
  const figure = "max" in expected ? expected.max : expected.min;
  const isTime = unitOf(figure) === "seconds" && Number.isSafeInteger(expected.value * 1_000) && expected.value >= 0;
  return isTime ? { ...expected, value: writeDuration(expected.value * 1_000) } : { ...expected };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSpan = (value: unknown): value is { low: number; high: number } =>
  isFields(value) && typeof value["low"] === "number" && typeof value["high"] === "number";
