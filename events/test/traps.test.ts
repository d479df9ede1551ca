/** Where AWS's messages differ from what one expects. Each test names the section of the list of facts behind it. */
import { describe, expect, it } from "vitest";
import type { Notice, Pointer } from "../event.ts";
import { parse } from "../parse.ts";
import { readTime } from "../shapes/time.ts";
import { changed, sample } from "./samples.ts";

function pointers(body: string): readonly Pointer[] {
  const parsed = parse(body);
  return parsed.kind === "event" ? parsed.pointers : [];
}

function notice(body: string): Notice | undefined {
  const [pointer] = pointers(body);
  return pointer?.kind === "instance" ? pointer.notice : undefined;
}

describe("lifecycle actions", () => {
  it("reads a lifecycle action without origin and destination, as groups without a warm pool sent it (aws-semantics 3.2)", () => {
    const body = changed("terminate-lifecycle-action", {}, { Origin: undefined, Destination: undefined });
    expect(notice(body)).toStrictEqual({
      kind: "lifecycle-action",
      transition: "terminating",
      hook: "warden-terminate",
      token: "c2f0a9d4-3e61-4b7a-8f15-6d9e0b2a7c31",
      at: "2026-03-02T08:15:30.214Z",
    });
  });

  it("reads origin and destination on a group without a warm pool, as real traffic has them (aws-semantics 3.2)", () => {
    expect(notice(sample("terminate-lifecycle-action"))).toMatchObject({
      origin: "AutoScalingGroup",
      destination: "EC2",
    });
  });

  it("tells a terminate action into the warm pool from a real one (aws-semantics 3.2)", () => {
    expect(notice(sample("terminate-lifecycle-action.into-the-warm-pool"))).toMatchObject({ destination: "WarmPool" });
  });

  it("tells a terminate action that only replaces the root volume from a real one (Auto Scaling guide, replace-root-volume)", () => {
    expect(notice(sample("terminate-lifecycle-action.replace-root-volume"))).toMatchObject({
      action: "ReplaceRootVolume",
    });
  });

  it("gives both passages of a pooled instance through the launch hook (aws-semantics 3.2)", () => {
    expect(notice(sample("launch-lifecycle-action.into-the-warm-pool"))).toMatchObject({ destination: "WarmPool" });
    expect(notice(sample("launch-lifecycle-action.out-of-the-warm-pool"))).toMatchObject({ origin: "WarmPool" });
  });

  it("reads an action whose token is missing, for the instance id names it as well (aws-semantics 3.1)", () => {
    expect(notice(changed("launch-lifecycle-action", {}, { LifecycleActionToken: undefined }))).toMatchObject({
      hook: "warden-launch",
    });
  });

  it("does not keep the notification metadata, which is free text (aws-semantics 3.4)", () => {
    const body = changed("launch-lifecycle-action", {}, { NotificationMetadata: "<script>" });
    expect(JSON.stringify(parse(body))).not.toContain("script");
  });

  it("reads a flat notification, delivered to a queue or raw by a topic (aws-semantics 3.1)", () => {
    expect(pointers(sample("lifecycle-notification.terminating"))).toHaveLength(1);
  });

  it("reads the same from a topic that wraps it in Message (aws-semantics 3.1)", () => {
    expect(parse(sample("lifecycle-notification.through-a-topic"))).toEqual(
      parse(sample("lifecycle-notification.terminating")),
    );
  });

  it("knows the test notification of a new hook, and looks nowhere (aws-semantics 3.1)", () => {
    expect(parse(sample("test-notification"))).toMatchObject({ kind: "nothing-to-do" });
    expect(parse(sample("test-notification.through-a-topic"))).toMatchObject({ kind: "nothing-to-do" });
  });
});

describe("replay", () => {
  it("marks a replayed event and drops its notice, because the token is dead (aws-semantics 3.8)", () => {
    expect(parse(changed("launch-lifecycle-action", { "replay-name": "after-the-outage" }))).toMatchObject({
      kind: "event",
      replayed: true,
      pointers: [{ kind: "instance", instanceId: "i-0a1b2c3d4e5f60718", group: "moodle" }],
    });
    expect(notice(changed("launch-lifecycle-action", { "replay-name": "after-the-outage" }))).toBeUndefined();
  });
});

describe("fields", () => {
  it("keeps fields out of the way that AWS may add (aws-semantics 3.4)", () => {
    const body = changed("launch-lifecycle-action", { "trace-header": "Root=1" }, { NewField: { nested: [1] } });
    expect(parse(body)).toEqual(parse(sample("launch-lifecycle-action")));
  });

  it.each(["50", 50])("reads a checkpoint percentage of %j, text or number (aws-semantics 3.4)", (percentage) => {
    const body = changed("instance-refresh.checkpoint-reached", {}, { CheckpointPercentage: percentage });
    expect(pointers(body)).toEqual([{ kind: "group", group: "moodle" }]);
  });

  it("reads every rollback of an instance refresh (aws-semantics 3.4)", () => {
    for (const step of ["started", "succeeded", "failed"])
      expect(pointers(sample(`instance-refresh.rollback-${step}`))).toEqual([{ kind: "group", group: "moodle" }]);
  });

  it.each([{ EC2InstanceId: "" }, { EC2InstanceId: undefined }])(
    "points to the group when a launch failed before there was an instance: %j (aws-semantics 3.4)",
    (detail) => {
      expect(pointers(changed("launch-unsuccessful", {}, detail))).toEqual([{ kind: "group", group: "moodle" }]);
    },
  );

  it("trusts the detail of a command's status, not its resources (aws-semantics 3.4)", () => {
    expect(pointers(sample("command-invocation"))).toEqual([
      { kind: "command", commandId: "5e8f1a2b-9c3d-4e7f-a6b5-0d1c2e3f4a5b", instanceId: "i-0a1b2c3d4e5f60718" },
    ]);
  });

  it("looks when a command has a status that nobody knows (aws-semantics 3.6)", () => {
    expect(pointers(changed("command-invocation", {}, { status: "Undeliverable" }))).toHaveLength(1);
  });

  it("leaves commands on machines outside EC2 alone (aws-semantics 3.6)", () => {
    expect(parse(changed("command-invocation", {}, { "instance-id": "mi-0123456789abcdef0" }))).toMatchObject({
      kind: "nothing-to-do",
    });
  });

  it("reads a spot warning whose ARN has the zone in the place of the Region (aws-semantics 3.4)", () => {
    expect(sample("spot-interruption")).toContain("arn:aws:ec2:eu-west-1b:instance/");
    expect(pointers(sample("spot-interruption"))).toHaveLength(1);
  });

  it("hands on that a hibernating spot instance has no two minutes (aws-semantics 3.4)", () => {
    expect(notice(sample("spot-interruption.hibernate"))).toMatchObject({ action: "hibernate" });
  });

  it("reads instance ids of 8 digits and of 17 (aws-semantics 3.4)", () => {
    expect(pointers(changed("spot-interruption", {}, { "instance-id": "i-9bb89e2b" }))).toHaveLength(1);
    expect(pointers(changed("spot-interruption", {}, { "instance-id": "i-9bb89e2" }))).toHaveLength(0);
  });
});

describe("AWS Health", () => {
  it("reads a start whose day has one digit (aws-semantics 3.4)", () => {
    expect(sample("health-scheduled-change")).toContain("Sun, 1 Mar 2026 22:00:00 GMT");
    expect(notice(sample("health-scheduled-change"))).toMatchObject({ notBefore: "2026-03-01T22:00:00.000Z" });
  });

  it("still looks when the start cannot be read (aws-semantics 3.4)", () => {
    const body = changed("health-scheduled-change", {}, { startTime: "in two weeks" });
    expect(notice(body)).toMatchObject({ status: "open" });
    expect(notice(body)).not.toHaveProperty("notBefore");
  });

  it("takes bare ids in resources when no entities are listed (aws-semantics 3.4)", () => {
    const body = changed("health-scheduled-change", {}, { affectedEntities: undefined });
    expect(pointers(body)).toMatchObject([{ instanceId: "i-0a1b2c3d4e5f60718" }]);
  });

  it("takes ARNs as well as bare ids, and leaves volumes out (aws-semantics 3.4)", () => {
    expect(pointers(sample("health-scheduled-change.page-2-delivered-elsewhere"))).toMatchObject([
      { instanceId: "i-00000000000000003" },
      { instanceId: "i-00000000000000004" },
    ]);
  });

  it("names an instance once that stands in resources and entities (aws-semantics 3.4)", () => {
    expect(pointers(sample("health-scheduled-change"))).toHaveLength(1);
  });

  it("says in which Region the instances are, not where the event was delivered (aws-semantics 3.4)", () => {
    const body = sample("health-scheduled-change.page-2-delivered-elsewhere");
    expect(JSON.parse(body)).toMatchObject({ region: "us-west-2" });
    expect(pointers(body)).toMatchObject([{ region: "eu-west-1" }, { region: "eu-west-1" }]);
  });

  it("reads the second page without the first (aws-semantics 3.4)", () => {
    expect(pointers(sample("health-scheduled-change.page-2-delivered-elsewhere"))).toHaveLength(2);
  });

  it("counts an event without a status code as upcoming until its start (aws-semantics 3.4)", () => {
    expect(notice(sample("health-scheduled-change"))).toMatchObject({ status: "upcoming" });
    const later = changed("health-scheduled-change", { time: "2026-03-01T22:00:01Z" });
    expect(notice(later)).toMatchObject({ status: "open" });
  });

  it("counts an instance as closed that is resolved while the event is open (AWS Health guide, event schema)", () => {
    const entities = [{ entityValue: "i-0a1b2c3d4e5f60718", status: "RESOLVED" }];
    const body = changed("health-scheduled-change.closed", {}, { statusCode: "open", affectedEntities: entities });
    expect(notice(body)).toMatchObject({ status: "closed" });
  });

  it("does not take an ARN of another service for an instance (aws-semantics 3.4)", () => {
    const entities = [{ entityValue: "arn:aws:s3:::bucket/i-0a1b2c3d4e5f60718" }];
    const body = changed("health-scheduled-change", { resources: [] }, { affectedEntities: entities });
    expect(parse(body)).toMatchObject({ kind: "nothing-to-do", why: "the event names no instance" });
  });
});

describe("times", () => {
  it.each([
    ["milliseconds, as in lifecycle events", "2021-01-19T00:35:52.359Z", "2021-01-19T00:35:52.359Z"],
    ["seconds, as in other events", "2021-01-19T00:35:52Z", "2021-01-19T00:35:52.000Z"],
    ["a zone without colon", "2019-10-02T17:04:40.989+0000", "2019-10-02T17:04:40.989Z"],
    ["a zone with colon", "2026-03-02T09:15:30+01:00", "2026-03-02T08:15:30.000Z"],
    ["a zone west of Greenwich", "2026-03-01T20:15:30-0530", "2026-03-02T01:45:30.000Z"],
    ["no zone, which is not local time", "2026-03-02T08:15:30", "2026-03-02T08:15:30.000Z"],
    ["nanoseconds", "2026-03-02T08:15:30.123456789Z", "2026-03-02T08:15:30.123Z"],
    ["RFC 1123 with two digits", "Thu, 01 Nov 2018 22:00:00 GMT", "2018-11-01T22:00:00.000Z"],
    ["RFC 1123 with one digit", "Thu, 1 Nov 2018 22:00:00 GMT", "2018-11-01T22:00:00.000Z"],
  ])("reads %s (aws-semantics 3.4)", (_, text, instant) => {
    expect(readTime(text)).toBe(instant);
  });

  it.each([
    "",
    "now",
    "1772439330",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02",
    "Thu, 1 Foo 2018 22:00:00 GMT",
    "Thu, 31 Feb 2018 22:00:00 GMT",
    "2026-03-02T08:15:30Z\n",
    `2026-03-02T08:15:30.${"9".repeat(100_000)}Z`,
  ])("refuses %.30j", (text) => {
    expect(readTime(text)).toBeUndefined();
  });
});
