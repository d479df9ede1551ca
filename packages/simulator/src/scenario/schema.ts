/** What a scenario may say. Everything but its name and length has a default: it names only what it is about. */

import { choice, duration, limit, mapping, oneOf, share, span, whole } from "@warden/yaml";
import * as z from "zod";

const text = z.string({ error: "a text" });
const flag = z.boolean({ error: "true or false" });
const some = whole(1);

const fleet = mapping({
  min: whole().default(2),
  max: whole(1).default(10),
  desired: whole().default(2),
  zones: whole(1, 3).default(3),
  hookTimeout: duration.prefault("15m"),
  deregistrationDelay: duration.prefault("300s"),
  /** Part of the desired capacity that Warden may take out of service at a time. */
  budget: share.prefault("20%"),
  /** `settled`: all nodes are in service when the story begins. */
  start: choice(["settled", "empty"]).default("settled"),
  /** `empty`: its database is, so that the first nodes have to install the site. */
  site: choice(["installed", "empty"]).default("installed"),
  /** For the bill only: a bigger machine is not modelled as a faster one. */
  instanceType: text.default("t4g.small"),
});

const hosts = mapping({
  boot: span.prefault("20s..60s"),
  agent: span.prefault("5s..25s"),
  bootstrap: span.prefault("30s..90s"),
  verify: span.prefault("1s..5s"),
  /** Chances, per bootstrap. */
  failBootstrap: share.prefault("0%"),
  /** The agent falls silent in the middle of it. */
  hang: share.prefault("0%"),
  /** Chance, per machine, that somebody changes a file of its configuration while it serves. */
  drift: share.prefault("0%"),
});

/** What befalls AWS's events on their way. */
const events = mapping({
  lose: share.prefault("0%"),
  duplicate: share.prefault("0%"),
  delay: span.prefault("0s..3s"),
  reorder: flag.default(false),
});

/** What befalls Warden's calls to AWS. */
const api = mapping({
  throttle: share.prefault("0%"),
  error: share.prefault("0%"),
  /** The call takes effect, its answer does not arrive. */
  answerLost: share.prefault("0%"),
  /** How old a describe may be. */
  stale: span.prefault("0s..2s"),
});

const functions = mapping({
  /** Chance, per call that leaves a function, that the function dies just before or just after it. */
  crash: share.prefault("0%"),
  coldStart: duration.prefault("300ms"),
});

export const curves = ["flat", "school-day", "exam", "tutoring-week"] as const;
export type Curve = (typeof curves)[number];

/** Users over time: a file with the columns `at,users`, or a built-in curve with its peak. */
const traffic = oneOf("users over time", {
  trace: mapping({ trace: text }),
  curve: mapping({ curve: choice(curves), peak: whole().default(100) }),
});

/** Everything that can be broken for a while. */
export const breakable = [
  "database",
  "sessions",
  "cache",
  "files",
  /** One zone: its machines lose power and nothing launches there. */
  "zone",
  /** Every agent: commands are not answered. */
  "agent",
  /** Every event of AWS is lost. */
  "events",
  /** Warden's functions do not run, and so neither does its sweep or its heartbeat. */
  "functions",
  "sweep",
] as const;
export type Breakable = (typeof breakable)[number];

export const releaseKinds = ["same", "upgrade", "upgrade-open", "broken", "unparsable"] as const;
export type ReleaseKind = (typeof releaseKinds)[number];

const at = duration;
const someNodes = mapping({ nodes: some.default(1) });
const version = choice(["previous", "current"]);
const nodeOrder = choice(["any"]);

export const momentKinds = {
  /** Desired capacity, set by a person or a policy. */
  scale: mapping({ at, scale: whole() }),
  /** Two minutes' warning, then the power goes. */
  spot: mapping({ at, spot: someNodes }),
  rebalance: mapping({ at, rebalance: someNodes }),
  maintenance: mapping({ at, maintenance: mapping({ nodes: some.default(1), in: duration.prefault("1h") }) }),
  /** Power lost without any warning. */
  kill: mapping({ at, kill: someNodes }),
  /** Their mount of the shared files answers no more, for good. */
  hang: mapping({ at, hang: someNodes }),
  break: mapping({ at, break: mapping({ what: choice(breakable), for: duration }) }),
  alarm: mapping({ at, alarm: mapping({ name: text, state: choice(["OK", "ALARM", "INSUFFICIENT_DATA"]) }) }),
  refresh: mapping({ at, refresh: mapping({ minHealthy: share.prefault("90%") }) }),
  operator: mapping({
    at,
    operator: oneOf("an order", {
      drain: mapping({ drain: nodeOrder }),
      replace: mapping({ replace: nodeOrder }),
      /** Warden is stopped for so long, then resumed. */
      stop: mapping({ stop: duration }),
      /** The site is frozen from now on for so long, as `warden freeze add` does. */
      freeze: mapping({ freeze: duration }),
    }),
  }),
  /** A new configuration for all nodes, begun as `warden config push` does; `any`: the seed draws what it is. */
  push: mapping({ at, push: choice(["good", "bad", "any"]) }),
  /** The last one is taken back, as `warden config rollback` does. */
  withdraw: mapping({ at, withdraw: mapping({}) }),
  /**
   * Another release of Moodle, begun as `warden moodle deploy` (`same`: of the same versions) and `warden moodle upgrade`
   * do: `upgrade` closes the site, `upgrade-open` does not; `broken` fails in the middle, `unparsable` is no PHP.
   * With a `chance`, the seed draws whether it happens at all.
   */
  release: mapping({
    at,
    release: mapping({ kind: choice([...releaseKinds, "any"]).default("any"), chance: share.prefault("100%") }),
  }),
  /** The upgrade that goes on is taken back, as `warden moodle upgrade abort` does. */
  abort: mapping({ at, abort: mapping({}) }),
  /** Warden itself is deployed, whatever it is in the middle of. */
  deploy: mapping({ at, deploy: mapping({ from: version, to: version }) }),
  /** So many of the latest events arrive once more. */
  replay: mapping({ at, replay: mapping({ events: some }) }),
  /** Somebody changes a hook's time-out, or deletes the hook and puts it back after a while. */
  hook: mapping({
    at,
    hook: oneOf("a change of a hook", {
      timeout: mapping({ which: choice(["launch", "terminate"]), timeout: duration }),
      deletedFor: mapping({ which: choice(["launch", "terminate"]), deletedFor: duration }),
    }),
  }),
  /** Somebody suspends one of the group's processes for a while. */
  suspend: mapping({ at, suspend: mapping({ process: choice(["Launch", "Terminate"]), for: duration }) }),
} as const;

const moment = oneOf("a moment of the timeline", momentKinds);
export type Moment = z.output<typeof moment>;

export const expectationKinds = {
  /** At that moment at least so many are in service. */
  by: mapping({ by: duration, inService: whole() }),
  /** Nodes that can serve: in service, powered, not being drained. Counted once the fleet has reached the value. */
  never: mapping({ never: choice(["capacityBelow"]), value: whole() }),
  /** A figure of the report, at the end: `timeToService.p99` and the like. */
  max: mapping({ max: text, value: limit }),
  min: mapping({ min: text, value: limit }),
} as const;

const expectation = oneOf("an expectation", expectationKinds);
export type Expectation = z.output<typeof expectation>;

const name = z
  .string({ error: "a name" })
  .regex(/^[a-z0-9-]{1,60}$/, "a name of lower-case letters, digits and dashes, 60 at most");

export const scenarioSchema = mapping({
  name,
  /** What it is there to show. */
  about: text.optional(),
  for: duration,
  fleet: fleet.prefault({}),
  hosts: hosts.prefault({}),
  events: events.prefault({}),
  api: api.prefault({}),
  functions: functions.prefault({}),
  traffic: traffic.prefault({ curve: "flat" }),
  timeline: z.array(moment, { error: "a list of moments" }).default([]),
  expect: z.array(expectation, { error: "a list of expectations" }).default([]),
});

export type Scenario = z.output<typeof scenarioSchema>;
