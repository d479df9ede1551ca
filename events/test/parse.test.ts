/** Body in, parsed out: every sample once. */
import { describe, expect, it } from "vitest";
import { kinds } from "../catalogue.ts";
import type { LifecycleActionNotice, Pointer } from "../event.ts";
import { parse } from "../parse.ts";
import { wakeBody } from "../wake.ts";
import { changed, sample, samples } from "./samples.ts";

const instanceId = "i-0a1b2c3d4e5f60718";
const group = "moodle";
const id = expect.stringMatching(/^[0-9a-f-]{36}$/);

const event = (name: string, lane: "urgent" | "normal", pointers: readonly Pointer[]) => ({
  kind: "event",
  name,
  lane,
  id,
  replayed: false,
  pointers,
});

const launching = (origin: string, destination: string, at = "2026-03-02T08:15:30.359Z"): Pointer => ({
  kind: "instance",
  instanceId,
  group,
  notice: {
    kind: "lifecycle-action",
    transition: "launching",
    hook: "warden-launch",
    token: "c2f0a9d4-3e61-4b7a-8f15-6d9e0b2a7c31",
    origin,
    destination,
    at,
  },
});

const terminating = (more: Partial<LifecycleActionNotice>): Pointer => ({
  kind: "instance",
  instanceId,
  group,
  notice: {
    kind: "lifecycle-action",
    transition: "terminating",
    hook: "warden-terminate",
    token: "c2f0a9d4-3e61-4b7a-8f15-6d9e0b2a7c31",
    at: "2026-03-02T08:15:30.214Z",
    ...more,
  },
});

const instance: Pointer = { kind: "instance", instanceId, group };
const thing: Pointer = { kind: "instance", instanceId };
const wholeGroup: Pointer = { kind: "group", group };
const command: Pointer = { kind: "command", commandId: "5e8f1a2b-9c3d-4e7f-a6b5-0d1c2e3f4a5b", instanceId };

const spot = (action: string): Pointer => ({
  ...thing,
  notice: { kind: "spot-interruption", action, at: "2026-03-02T08:15:30.000Z" },
});

const maintenance = (instanceId: string, more: object): Pointer => ({
  kind: "instance",
  instanceId,
  ...("region" in more ? { region: "eu-west-1" } : {}),
  notice: {
    kind: "scheduled-maintenance",
    code: "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
    notBefore: "2026-03-02T22:00:00.000Z",
    status: "status" in more && more.status === "closed" ? "closed" : "upcoming",
    at: "2026-02-16T10:02:05.000Z",
    ...("notBefore" in more && { notBefore: String(more.notBefore) }),
  },
});

const nothing = (name: string, why: string) => ({ kind: "nothing-to-do", name, why });

const dependency = (service: "elasticache" | "rds" | "secretsmanager", name: string, what: string, at?: string) => ({
  kind: "dependency" as const,
  ...{ service, name, what },
  ...(at !== undefined && { at }),
});
const crossed = "Threshold Crossed: 3 out of the last 3 datapoints were greater than the threshold (90.0).";
const alarm = (name: string, reason = crossed) => ({ kind: "alarm" as const, name, reason });
const failedOver = dependency("rds", "school", "failover", "2026-03-02T08:15:29.292Z");
const secretArn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:school/database-Ab12Cd";
const noticed = (pointer: Pointer) => {
  const { id: _, ...rest } = event("cache-notification", "normal", [pointer]);
  return rest;
};

const notified = terminating({ at: "2026-03-02T08:15:30.533Z" });
const tried = nothing("test-notification", "Auto Scaling tried the notification target of a hook");

const expected: Record<string, object> = {
  "launch-lifecycle-action": event("launch-lifecycle-action", "urgent", [launching("EC2", "AutoScalingGroup")]),
  "launch-lifecycle-action.into-the-warm-pool": event("launch-lifecycle-action", "urgent", [
    launching("EC2", "WarmPool"),
  ]),
  "launch-lifecycle-action.out-of-the-warm-pool": event("launch-lifecycle-action", "urgent", [
    launching("WarmPool", "AutoScalingGroup"),
  ]),
  "terminate-lifecycle-action": event("terminate-lifecycle-action", "urgent", [
    terminating({ origin: "AutoScalingGroup", destination: "EC2" }),
  ]),
  "terminate-lifecycle-action.into-the-warm-pool": event("terminate-lifecycle-action", "urgent", [
    terminating({ origin: "AutoScalingGroup", destination: "WarmPool" }),
  ]),
  "terminate-lifecycle-action.replace-root-volume": event("terminate-lifecycle-action", "urgent", [
    terminating({
      token: "c2f0a9d4-3e61-4b7a-8f15-6d9e0EXAMPLE",
      origin: "AutoScalingGroup",
      destination: "AutoScalingGroup",
      action: "ReplaceRootVolume",
    }),
  ]),
  "launch-successful": event("launch-successful", "normal", [instance]),
  "launch-unsuccessful": event("launch-unsuccessful", "normal", [wholeGroup, instance]),
  "launch-unsuccessful.before-there-was-an-instance": event("launch-unsuccessful", "normal", [wholeGroup]),
  "terminate-successful": event("terminate-successful", "normal", [instance]),
  "terminate-unsuccessful": event("terminate-unsuccessful", "normal", [wholeGroup, instance]),
  "instance-refresh.started": event("instance-refresh", "normal", [wholeGroup]),
  "instance-refresh.checkpoint-reached": event("instance-refresh", "normal", [wholeGroup]),
  "instance-refresh.succeeded": event("instance-refresh", "normal", [wholeGroup]),
  "instance-refresh.failed": event("instance-refresh", "normal", [wholeGroup]),
  "instance-refresh.cancelled": event("instance-refresh", "normal", [wholeGroup]),
  "instance-refresh.rollback-started": event("instance-refresh", "normal", [wholeGroup]),
  "instance-refresh.rollback-succeeded": event("instance-refresh", "normal", [wholeGroup]),
  "instance-refresh.rollback-failed": event("instance-refresh", "normal", [wholeGroup]),
  "spot-interruption": event("spot-interruption", "urgent", [spot("terminate")]),
  "spot-interruption.hibernate": event("spot-interruption", "urgent", [spot("hibernate")]),
  "rebalance-recommendation": event("rebalance-recommendation", "normal", [
    { ...thing, notice: { kind: "rebalance-recommendation", at: "2026-03-02T08:15:30.000Z" } },
  ]),
  "instance-state-change.pending": { kind: "nothing-to-do", name: "instance-state-change", why: "it is pending" },
  "instance-state-change.running": { kind: "nothing-to-do", name: "instance-state-change", why: "it is running" },
  "instance-state-change.stopping": event("instance-state-change", "normal", [thing]),
  "instance-state-change.stopped": event("instance-state-change", "normal", [thing]),
  "instance-state-change.shutting-down": event("instance-state-change", "normal", [thing]),
  "instance-state-change.terminated": event("instance-state-change", "normal", [thing]),
  "command-invocation": event("command-invocation", "normal", [command]),
  "command-invocation.failed": event("command-invocation", "normal", [command]),
  "command-invocation.timed-out": event("command-invocation", "normal", [command]),
  "command-invocation.under-way": nothing("command-invocation", "the command has not ended"),
  "command-invocation.of-somebody-else": nothing("command-invocation", "the command is not one of Warden's"),
  "database-event": event("database-event", "normal", [failedOver]),
  "database-event.of-a-cluster": event("database-event", "normal", [failedOver]),
  "database-event.a-backup": nothing("database-event", "it disturbs nobody who uses the database"),
  "alarm-state-change": event("alarm-state-change", "normal", [alarm("school-database-cpu")]),
  "alarm-state-change.of-metrics-insights": event("alarm-state-change", "normal", [alarm("any-database-cpu")]),
  "alarm-state-change.composite": event("alarm-state-change", "normal", [
    alarm(
      "school-any",
      "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:school-database-cpu transitioned to ALARM at Monday 02 March, 2026 08:15:30 UTC",
    ),
  ]),
  "alarm-state-change.suppressed": nothing("alarm-state-change", "the alarm's actions are suppressed"),
  "alarm-state-change.off": nothing("alarm-state-change", "the alarm is not on"),
  "alarm-state-change.without-data": nothing("alarm-state-change", "the alarm is not on"),
  "secret-written": event("secret-written", "normal", [
    dependency("secretsmanager", "school/database", "UpdateSecretVersionStage", "2026-03-02T08:14:02.000Z"),
  ]),
  "secret-written.only-described": nothing("secret-written", "the call changed no secret"),
  "secret-rotated": event("secret-rotated", "normal", [
    dependency("secretsmanager", secretArn, "RotationSucceeded", "2026-03-02T08:14:05.000Z"),
  ]),
  "secret-rotated.only-started": nothing("secret-rotated", "the rotation has not succeeded"),
  "cache-notification": noticed(dependency("elasticache", "school-cache", "FailoverComplete")),
  "cache-notification.through-a-topic": noticed(
    dependency("elasticache", "school-cache-001", "CacheNodeReplaceComplete"),
  ),
  "health-scheduled-change": event("health-scheduled-change", "normal", [
    maintenance(instanceId, { notBefore: "2026-03-01T22:00:00.000Z" }),
  ]),
  "health-scheduled-change.page-2-delivered-elsewhere": event("health-scheduled-change", "normal", [
    maintenance("i-00000000000000003", { region: true }),
    maintenance("i-00000000000000004", { region: true }),
  ]),
  "health-scheduled-change.closed": event("health-scheduled-change", "normal", [
    maintenance(instanceId, { region: true, status: "closed" }),
  ]),
  "health-scheduled-change.about-rds": nothing("health-scheduled-change", "the event is not about EC2"),
  "health-scheduled-change.an-issue": nothing("health-scheduled-change", "the event is not a scheduled change"),
  "lifecycle-notification.launching": event("lifecycle-notification", "urgent", [
    launching("EC2", "AutoScalingGroup", "2026-03-02T08:15:30.533Z"),
  ]),
  "lifecycle-notification.terminating": event("lifecycle-notification", "urgent", [notified]),
  "lifecycle-notification.through-a-topic": event("lifecycle-notification", "urgent", [notified]),
  "test-notification": tried,
  "test-notification.through-a-topic": tried,
  "node-started": {
    kind: "event",
    name: "node-started",
    lane: "urgent",
    replayed: false,
    pointers: [{ ...instance, notice: { kind: "node-started", at: "2026-03-02T08:15:30.000Z" } }],
  },
  "node-notice": {
    kind: "event",
    name: "node-notice",
    lane: "urgent",
    replayed: false,
    pointers: [
      {
        ...instance,
        notice: { kind: "node-notice", notice: "maintenance", notBefore: "2026-03-09T22:00:00.000Z" },
      },
    ],
  },
  wake: { kind: "wake", key: `campus/moodle/${instanceId}`, hops: 3, version: 7, alone: false },
};

describe("every sample", () => {
  it.each(samples)("$name", ({ name, body }) => {
    expect(parse(body)).toStrictEqual(expected[name]);
  });

  it("is of a known kind, and no kind is without one", () => {
    expect(new Set(samples.map(({ kind }) => kind))).toEqual(new Set(kinds.map(({ name }) => name)));
  });
});

describe("messages of others", () => {
  it.each([
    ["an event of a source that nobody here reads", changed("spot-interruption", { source: "com.example" })],
    ["an event of a type that nobody here reads", changed("spot-interruption", { "detail-type": "EC2 Fleet Error" })],
    ["a type that is a property of every object", changed("spot-interruption", { "detail-type": "__proto__" })],
    ["a scaling notification that is not about a hook", changed("test-notification", { Event: "autoscaling:OTHER" })],
    ["an object without an address", '{"hello":"world"}'],
    ["the question of a topic whether we want its messages", '{"Type":"SubscriptionConfirmation","Message":"Visit …"}'],
  ])("%s", (_, body) => {
    expect(parse(body)).toEqual({ kind: "foreign", why: expect.any(String) });
  });
});

describe("broken messages", () => {
  it.each([
    ["nothing", ""],
    ["text", "hello"],
    ["a JSON text that is no object", '["EC2 Instance-launch Lifecycle Action"]'],
    ["null", "null"],
    ["a cut-off event", sample("launch-lifecycle-action").slice(0, 300)],
    ["nesting as deep as a message can be", "[".repeat(1_000_000)],
    ["a topic's message that is no JSON", '{"Type":"Notification","Message":"disk full"}'],
    ["a topic's message that is no text", '{"Type":"Notification","Message":{"Service":"AWS Auto Scaling"}}'],
    ["a source that is no text", changed("spot-interruption", { source: 7 })],
    ["a detail type that is missing", changed("spot-interruption", { "detail-type": undefined })],
    ["a detail that is missing", changed("spot-interruption", { detail: undefined })],
    ["a detail that is no object", changed("spot-interruption", { detail: "i-0a1b2c3d4e5f60718" })],
    ["a transition that contradicts the detail type", changed("launch-lifecycle-action", {}, terminatingTransition())],
    ["a time that is none", changed("launch-lifecycle-action", { time: "yesterday" })],
    ["a message of Warden's without its version", changed("wake", { v: undefined })],
    ["a message of Warden's with a version of the wrong type", changed("wake", { v: "2" })],
    ["a wake-up with an empty key", changed("wake", {}, { key: "" })],
    ["a wake-up whose hops are no whole number", changed("wake", {}, { hops: 1.5 })],
    ["a notice of a kind that nodes do not send", changed("node-notice", {}, { notice: "fire" })],
  ])("%s", (_, body) => {
    expect(parse(body)).toEqual({ kind: "unparsable", why: expect.any(String) });
  });

  it("says which field is wrong, and does not repeat what stood there", () => {
    const body = changed("spot-interruption", {}, { "instance-id": "$(reboot)" });
    expect(parse(body)).toEqual({
      kind: "unparsable",
      why: "spot-interruption: detail.instance-id: is not an instance id",
    });
  });

  it("says what a field should have been", () => {
    expect(parse(changed("spot-interruption", {}, { "instance-id": 7 }))).toEqual({
      kind: "unparsable",
      why: "spot-interruption: detail.instance-id: Invalid input: expected string, received number",
    });
  });
});

function terminatingTransition() {
  return { LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" };
}

describe("versions of Warden's own messages", () => {
  it.each([
    ["a newer wake-up", changed("wake", { v: 2, detail: { shards: 4 } })],
    ["a newer message of a node", changed("node-started", { v: 3 })],
    ["a newer message of a type that is not known yet", changed("wake", { v: 2, "detail-type": "Handover" })],
  ])("leaves %s to the newer Warden", (_, body) => {
    expect(parse(body)).toEqual({ kind: "newer", why: "the message has a version after 1" });
  });

  it("does not take a `v` in an event of AWS for a version", () => {
    expect(parse(changed("spot-interruption", { v: 2 }))).toMatchObject({ kind: "event", name: "spot-interruption" });
  });
});

it("reads the wake-up that it writes", () => {
  const wakeUp = { key: "campus/moodle/i-0123abcd", hops: 0, version: 2, alone: true };
  expect(parse(wakeBody(wakeUp))).toEqual({ kind: "wake", ...wakeUp });
});
