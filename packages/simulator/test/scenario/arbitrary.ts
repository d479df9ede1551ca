/** Scenarios of all shapes, for properties. */
import * as fc from "fast-check";
import { breakable, curves, type Moment, releaseKinds, type Scenario } from "../../src/scenario/schema.ts";

const minute = 60_000;
const length = 60 * minute;

const time = (high: number) => fc.integer({ min: 0, max: high / 1_000 }).map((seconds) => seconds * 1_000);
const span = fc.tuple(time(120_000), time(120_000)).map(([low, more]) => ({ low, high: low + more }));
const share = fc.integer({ min: 0, max: 1_000 }).map((tenths) => Number((tenths / 1_000).toPrecision(12)));

const at = time(length - 30 * minute);
const nodes = fc.integer({ min: 1, max: 3 }).map((count) => ({ nodes: count }));
const version = fc.constantFrom("previous", "current");
const which = fc.constantFrom("launch", "terminate");
const lasting = time(30 * minute);

const moment: fc.Arbitrary<Moment> = fc.oneof(
  fc.record({ at, scale: fc.integer({ min: 4, max: 16 }) }),
  fc.record({ at, spot: nodes }),
  fc.record({ at, rebalance: nodes }),
  fc.record({ at, maintenance: fc.record({ nodes: fc.integer({ min: 1, max: 3 }), in: time(length) }) }),
  fc.record({ at, kill: nodes }),
  fc.record({ at, hang: nodes }),
  fc.record({ at, break: fc.record({ what: fc.constantFrom(...breakable), for: lasting }) }),
  fc.record({
    at,
    alarm: fc.record({ name: fc.string(), state: fc.constantFrom("OK", "ALARM", "INSUFFICIENT_DATA") }),
  }),
  fc.record({ at, refresh: fc.record({ minHealthy: share }) }),
  fc.record({ at, operator: fc.oneof(fc.constant({ drain: "any" as const }), fc.record({ stop: lasting })) }),
  fc.record({ at, push: fc.constantFrom("good", "bad", "any") }),
  fc.record({ at, withdraw: fc.constant({}) }),
  fc.record({ at, release: fc.record({ kind: fc.constantFrom(...releaseKinds, "any"), chance: share }) }),
  fc.record({ at, abort: fc.constant({}) }),
  fc.record({ at, deploy: fc.record({ from: version, to: version }) }),
  fc.record({ at, replay: fc.record({ events: fc.integer({ min: 1, max: 300 }) }) }),
  fc.record({
    at,
    hook: fc.oneof(fc.record({ which, deletedFor: lasting }), fc.record({ which, timeout: fc.constant(200_000) })),
  }),
  fc.record({ at, suspend: fc.record({ process: fc.constantFrom("Launch", "Terminate"), for: lasting }) }),
);

const fleet = fc.record({
  min: fc.integer({ min: 0, max: 4 }),
  desired: fc.integer({ min: 4, max: 16 }),
  max: fc.integer({ min: 16, max: 50 }),
  zones: fc.integer({ min: 1, max: 3 }),
  hookTimeout: time(3_000_000).map((more) => 180_000 + more),
  deregistrationDelay: time(3_600_000),
  budget: share,
  start: fc.constantFrom("settled", "empty"),
  instanceType: fc.constantFrom("t4g.small", "t4g.medium"),
  site: fc.constantFrom("installed", "empty"),
});

export const scenarios: fc.Arbitrary<Scenario> = fc.record(
  {
    name: fc.stringMatching(/^[a-z0-9-]{1,60}$/),
    about: fc.string(),
    for: fc.constant(length),
    fleet: fleet.map((each) => (each.site === "empty" ? { ...each, start: "empty" as const } : each)),
    hosts: fc.record({
      boot: span,
      agent: span,
      bootstrap: span,
      verify: span,
      failBootstrap: share,
      hang: share,
      drift: share,
    }),
    events: fc.record({ lose: share, duplicate: share, delay: span, reorder: fc.boolean() }),
    api: fc.record({ throttle: share, error: share, answerLost: share, stale: span }),
    functions: fc.record({ crash: share, coldStart: time(5_000) }),
    traffic: fc.oneof(
      fc.record({ trace: fc.string() }),
      fc.record({ curve: fc.constantFrom(...curves), peak: fc.nat(5_000) }),
    ),
    timeline: fc.array(moment, { maxLength: 6 }),
    expect: fc.array(
      fc.oneof(
        fc.record({ by: time(length), inService: fc.integer({ min: 0, max: 16 }) }),
        fc.record({ never: fc.constant("capacityBelow" as const), value: fc.integer({ min: 0, max: 16 }) }),
        fc.record({
          max: fc.constantFrom("timeToService.p99", "calls.total", "cost.computeUSD"),
          value: fc.nat(10_000),
        }),
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ["name", "for", "fleet", "hosts", "events", "api", "functions", "traffic", "timeline", "expect"] },
);
