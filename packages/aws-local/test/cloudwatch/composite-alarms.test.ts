import { describe, expect, it } from "vitest";
import { readAlarmRule } from "../../src/services/cloudwatch/alarm-rule.ts";
import { policyArn, topicArn, world } from "./world.ts";

describe("the rule of a composite alarm", () => {
  const states: Record<string, "ALARM" | "OK" | "INSUFFICIENT_DATA"> = { a: "ALARM", b: "OK", c: "INSUFFICIENT_DATA" };

  it.each([
    ["ALARM(a)", true],
    ['ALARM("a")', true],
    ["ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a)", true],
    ["ALARM(b)", false],
    ["OK(b) AND INSUFFICIENT_DATA(c)", true],
    ["ALARM(a) AND ALARM(b)", false],
    ["ALARM(b) OR ALARM(a)", true],
    ["NOT ALARM(b)", true],
    ["NOT (ALARM(a) OR ALARM(b))", false],
    ["ALARM(a) OR ALARM(b) AND ALARM(c)", true],
    ["(ALARM(a) OR ALARM(b)) AND ALARM(c)", false],
    ["TRUE AND NOT FALSE", true],
    ["ALARM(missing)", false],
  ])("%s is %s", (text, holds) => {
    expect(readAlarmRule(text).holds((name) => states[name])).toBe(holds);
  });

  it.each(["", "ALARM", "ALARM(a", "ALARM(a) AND", "ALARM(a) ALARM(b)", "BROKEN(a)", ")"])("%j is refused", (text) => {
    expect(() => readAlarmRule(text)).toThrow("AlarmRule must not contain syntax errors");
  });
});

/** Two children in OK, and a composite alarm over them. */
async function pair(options: object = {}) {
  const made = world();
  for (const name of ["a", "b", "maintenance"]) {
    // Without data, and staying as it was set.
    await made.alarm(name, { Namespace: "None", TreatMissingData: "ignore" });
    await made.set(name, "OK");
  }
  await made.cloudwatch.PutCompositeAlarm({
    AlarmName: "both",
    AlarmRule: "ALARM(a) AND ALARM(b)",
    AlarmActions: [topicArn],
    OKActions: [topicArn],
    ...options,
  });
  await made.clock.advance(0);
  made.emitted.length = 0;
  made.published.length = 0;
  return {
    ...made,
    both: async () =>
      (await made.cloudwatch.DescribeAlarms({ AlarmNames: ["both"], AlarmTypes: ["CompositeAlarm"] }))
        .CompositeAlarms?.[0],
  };
}

describe("a composite alarm", () => {
  it("follows its children at once", async () => {
    const { set, both, published, changes } = await pair();
    expect((await both())?.StateValue).toBe("OK");
    await set("a", "ALARM");
    expect((await both())?.StateValue).toBe("OK");
    await set("b", "ALARM");
    expect(await both()).toMatchObject({
      StateValue: "ALARM",
      StateReason:
        "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:b transitioned to ALARM at Monday 05 January, 2026 12:00:00 UTC",
    });
    expect(changes().at(-1)).toBe("both: OK -> ALARM");
    expect(published).toHaveLength(1);
  });

  it("has a rule and no metrics in its event, and names the triggering alarms (aws-semantics 3.4)", async () => {
    const { set, emitted } = await pair();
    await set("a", "ALARM");
    await set("b", "ALARM");
    const detail = emitted.at(-1)?.detail;
    expect(detail).toMatchObject({ alarmName: "both", configuration: { alarmRule: "ALARM(a) AND ALARM(b)" } });
    expect(detail?.["configuration"]).not.toHaveProperty("metrics");
    expect(JSON.parse(String(Object(detail?.["state"]).reasonData))).toEqual({
      triggeringAlarms: [
        {
          arn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:b",
          state: { value: "ALARM", timestamp: "2026-01-05T12:00:00.000+0000" },
        },
      ],
    });
  });

  it("is listed only when asked for (API reference, DescribeAlarms)", async () => {
    const { cloudwatch } = await pair();
    expect((await cloudwatch.DescribeAlarms({})).CompositeAlarms).toEqual([]);
    const children = await cloudwatch.DescribeAlarms({ ChildrenOfAlarmName: "both" });
    expect(children.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(["a", "b"]);
  });

  it("can watch another composite alarm, and is not evaluated in a cycle (aws-semantics 3.5)", async () => {
    const { cloudwatch, clock, set, state } = await pair();
    await cloudwatch.PutCompositeAlarm({ AlarmName: "top", AlarmRule: "ALARM(both)" });
    await clock.advance(0);
    await set("a", "ALARM");
    await set("b", "ALARM");
    expect(await state("top")).toBe("ALARM");
    await cloudwatch.PutCompositeAlarm({ AlarmName: "both", AlarmRule: "ALARM(a) AND ALARM(top)" });
    await set("a", "OK");
    expect(await state("both")).toBe("ALARM");
  });

  it("needs its children, and keeps them from deletion", async () => {
    const { cloudwatch } = await pair();
    await expect(cloudwatch.PutCompositeAlarm({ AlarmName: "x", AlarmRule: "ALARM(none)" })).rejects.toThrow(
      "Could not save the composite alarm as alarms [none] in the alarm rule do not exist",
    );
    await expect(cloudwatch.DeleteAlarms({ AlarmNames: ["a"] })).rejects.toThrow(
      "as there are composite alarms depending on it",
    );
    await cloudwatch.DeleteAlarms({ AlarmNames: ["a", "both"] });
  });

  it("runs no scaling policies", async () => {
    const { cloudwatch } = await pair();
    await expect(
      cloudwatch.PutCompositeAlarm({ AlarmName: "x", AlarmRule: "TRUE", AlarmActions: [policyArn] }),
    ).rejects.toThrow("Composite alarms cannot run scaling policies");
  });
});

describe("suppression (aws-semantics 3.5)", () => {
  const suppressor = {
    ActionsSuppressor: "maintenance",
    ActionsSuppressorWaitPeriod: 120,
    ActionsSuppressorExtensionPeriod: 180,
  };

  it("waits for the suppressor, sends the event at once with WaitPeriod, and acts when it does not come", async () => {
    const { set, both, clock, emitted, published } = await pair(suppressor);
    await clock.advance(120_000);
    published.length = 0;
    await set("a", "ALARM");
    await set("b", "ALARM");
    expect(emitted.at(-1)?.detail).toMatchObject({
      state: {
        value: "ALARM",
        actionsSuppressedBy: "WaitPeriod",
        actionsSuppressedReason: "Actions suppressed by WaitPeriod",
      },
      configuration: {
        actionsSuppressor: "maintenance",
        actionsSuppressorWaitPeriod: 120,
        actionsSuppressorExtensionPeriod: 180,
      },
    });
    expect((await both())?.ActionsSuppressedBy).toBe("WaitPeriod");
    await clock.advance(119_000);
    expect(published).toHaveLength(0);
    await clock.advance(1000);
    expect(published).toHaveLength(1);
    expect((await both())?.ActionsSuppressedBy).toBeUndefined();
  });

  it("holds the actions while the suppressor is in ALARM, and for the extension after it", async () => {
    const { set, both, clock, published } = await pair(suppressor);
    await clock.advance(120_000);
    published.length = 0;
    await set("a", "ALARM");
    await set("b", "ALARM");
    await clock.advance(59_000);
    await set("maintenance", "ALARM");
    expect((await both())?.ActionsSuppressedBy).toBe("Alarm");
    await clock.advance(0.5 * 60_000 - 1);
    await set("maintenance", "OK");
    expect((await both())?.ActionsSuppressedBy).toBe("ExtensionPeriod");
    await clock.advance(179_000);
    expect(published).toHaveLength(0);
    await clock.advance(1000);
    expect(published).toHaveLength(1);
  });

  it("suppresses at once with Alarm when the suppressor is already in ALARM", async () => {
    const { set, emitted, published, clock } = await pair(suppressor);
    await clock.advance(120_000);
    published.length = 0;
    await set("maintenance", "ALARM");
    await set("a", "ALARM");
    await set("b", "ALARM");
    expect(emitted.at(-1)?.detail).toMatchObject({ state: { actionsSuppressedBy: "Alarm" } });
    expect(published).toHaveLength(0);
  });

  it("extends the suppression over a transition soon after the suppressor", async () => {
    const { set, emitted, published, clock } = await pair(suppressor);
    await clock.advance(120_000);
    await set("maintenance", "ALARM");
    await set("maintenance", "OK");
    published.length = 0;
    await clock.advance(60_000);
    await set("a", "ALARM");
    await set("b", "ALARM");
    expect(emitted.at(-1)?.detail).toMatchObject({ state: { actionsSuppressedBy: "ExtensionPeriod" } });
    await clock.advance(119_000);
    expect(published).toHaveLength(0);
    await clock.advance(1000);
    expect(published).toHaveLength(1);
  });

  it("needs both periods", async () => {
    const { cloudwatch } = await pair();
    await expect(
      cloudwatch.PutCompositeAlarm({ AlarmName: "x", AlarmRule: "TRUE", ActionsSuppressor: "maintenance" }),
    ).rejects.toThrow("must be specified with ActionsSuppressor");
  });
});
