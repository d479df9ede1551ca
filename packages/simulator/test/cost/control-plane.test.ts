import { aMonthLike, byService, type CostLine, priceBook, sumOf } from "@warden/cost";
import { describe, expect, it } from "vitest";
import {
  type ControlPlaneUsage,
  controlPlaneCost,
  logBytesOf,
  loopServices,
  noUnits,
  standingParts,
  unpricedCalls,
} from "../../src/cost/control-plane.ts";

const prices = priceBook("us-east-1");

/** The worked month: 3,000 scaling events, three queues, list prices of us-east-1. */
const events = 3_000;
const workedMonth: ControlPlaneUsage = {
  hours: 730,
  calls: { "kms:Decrypt": 30_000 },
  functions: { all: { invocations: 12 * events, gbSeconds: 12 * events * 0.5 } },
  units: {
    tableWrites: 40 * events,
    tableReads: 60 * events,
    queueRequests: 20 * events,
    events: 8 * events,
    scheduleInvocations: 4 * events,
    logBytes: 1_000_000_000,
  },
};

describe("the worked month of 100 scaling events a day", () => {
  const lines = controlPlaneCost(workedMonth, prices, { ...standingParts, polledQueues: 3 });

  it.each([
    ["functions", 0.25],
    ["events", 0.02],
    ["schedules", 0.01],
    ["queues", 0.81],
    ["table", 0.35],
    ["monitoring", 8],
    ["keys and secrets", 1.89],
  ])("%s cost %f USD", (service, usd) => {
    expect(byService(lines)[service]).toBeCloseTo(usd, 2);
  });

  it("comes to 11.33 USD in all", () => {
    expect(sumOf(lines)).toBeCloseTo(11.33, 2);
  });

  it("is dearer in Ireland, where writing to a table and to a log costs more", () => {
    const irish = controlPlaneCost(workedMonth, priceBook("eu-west-1"), { ...standingParts, polledQueues: 3 });
    expect(sumOf(irish) - sumOf(lines)).toBeCloseTo(0.12 * 0.08 + 0.18 * 0.0165 + 0.033 + 0.07, 4);
  });
});

describe("the bill of the control plane", () => {
  it("stays within 1.20 USD a month for the loop, with Warden's two lanes (design, 11)", () => {
    const lines = controlPlaneCost(workedMonth, prices).filter(({ service }) => loopServices.includes(service));
    expect(sumOf(lines)).toBeLessThanOrEqual(1.2);
  });

  it("has idle pollers of each queue even when nothing happens", () => {
    const idle = controlPlaneCost({ hours: 1, calls: {}, functions: {}, units: noUnits }, prices);
    expect(lineOf(idle, "idle polling").quantity).toBeCloseTo((2 * 5 * 180) / 1_000_000, 12);
    expect(lineOf(idle, "requests with messages").usd).toBe(0);
  });

  it("is quantity times price, line by line", () => {
    for (const line of controlPlaneCost(workedMonth, prices)) expect(line.usd).toBe(line.quantity * line.price.usd);
  });

  it("marks what was assumed and what was counted", () => {
    const lines = controlPlaneCost(workedMonth, prices);
    expect(lineOf(lines, "write units").basis).toBe("counted");
    expect(lineOf(lines, "alarms").basis).toBe("assumed");
    expect(lineOf(lines, "idle polling").basis).toBe("assumed");
  });

  it("of an hour, scaled to a month, is that of a month", () => {
    const part = 1 / 730;
    const units = Object.fromEntries(Object.entries(workedMonth.units).map(([name, value]) => [name, value * part]));
    const hour: ControlPlaneUsage = {
      hours: 1,
      calls: { "kms:Decrypt": 30_000 * part },
      functions: { all: { invocations: 36_000 * part, gbSeconds: 18_000 * part } },
      units: { ...noUnits, ...units },
    };
    expect(sumOf(aMonthLike(controlPlaneCost(hour, prices), 1))).toBeCloseTo(
      sumOf(controlPlaneCost(workedMonth, prices)),
      6,
    );
  });

  it("leaves no unknown service out in silence", () => {
    expect(
      unpricedCalls({ "s3:GetObject": 1, "autoscaling:DescribeAutoScalingGroups": 9, "sqs:SendMessage": 2 }),
    ).toEqual(["s3:GetObject"]);
  });

  it("counts what Lambda writes to the log around each invocation", () => {
    expect(logBytesOf(1_000, 10)).toBe(5_000);
  });
});

function lineOf(lines: readonly CostLine[], item: string): CostLine {
  const found = lines.find((each) => each.item === item);
  if (found === undefined) throw new Error(`no line ${item}`);
  return found;
}
