import { byService, priceBook, sumOf } from "@warden/cost";
import { describe, expect, it } from "vitest";
import { computeCost } from "../../src/cost/compute.ts";
import { controlPlaneCost, noUnits } from "../../src/cost/control-plane.ts";
import { type TutoringWeek, tutoringBills } from "../../src/cost/tutoring-week.ts";

const prices = priceBook("us-east-1");

describe("the cost of nodes", () => {
  it.each([
    ["three", 3, "t4g.medium", 73.58, 4.8],
    ["six", 6, "t4g.medium", 147.17, 9.6],
    ["twenty", 20, "t4g.medium", 490.56, 32],
    ["twenty without burst credits", 20, "m7g.large", 1_191.36, 32],
  ])("is that of the worked month with %s nodes", (_, nodes, instanceType, usd, disks) => {
    const lines = byService(computeCost({ instanceType, hours: nodes * 730 }, prices));
    expect(lines["nodes"]).toBeCloseTo(usd, 1);
    expect(lines["node disks"]).toBeCloseTo(disks, 6);
  });

  it("is unknown for an instance type without a price", () => {
    expect(() => computeCost({ instanceType: "z9.huge", hours: 1 }, prices)).toThrow("ec2.z9.huge");
  });
});

describe("the tutoring site's week as two monthly bills", () => {
  const week = (nodeHours: number): TutoringWeek => ({
    hours: 168,
    nodeHours,
    instanceType: "t4g.medium",
    controlPlane: controlPlaneCost({ hours: 168, calls: {}, functions: {}, units: noUnits }, prices),
  });
  const bills = tutoringBills(week(168 * 1.5), prices);

  it("has one big instance with everything on it on the one side", () => {
    expect(bills.single.usd).toBeCloseTo(0.29 * 730 + 100 * 0.08 + 0.005 * 730, 6);
  });

  it("is the sum of what scaling can touch and of a floor that it cannot", () => {
    expect(bills.scalable).toBeCloseTo(730 * 1.5 * (0.0336 + 0.005) + 1.5 * 20 * 0.08, 6);
    expect(bills.scalable + bills.floor).toBeCloseTo(bills.scaled.usd, 9);
    expect(bills.says).toContain(`${bills.scalable.toFixed(2)} USD of ${bills.scaled.usd.toFixed(2)} USD`);
    expect(bills.says).toContain(`the floor of ${bills.floor.toFixed(2)} USD`);
  });

  it("has the same floor whatever the number of nodes", () => {
    const twice = tutoringBills(week(168 * 3), prices);
    expect(twice.floor).toBeCloseTo(bills.floor, 9);
    expect(twice.scalable).toBeCloseTo(2 * bills.scalable, 9);
  });

  it("holds load balancer, shared files, caches, database and Warden in its floor", () => {
    const services = new Set(bills.scaled.lines.map(({ service }) => service));
    for (const service of ["load balancer", "shared files", "caches", "database", "Warden"])
      expect(services).toContain(service);
    expect(sumOf(bills.scaled.lines.filter(({ service }) => service === "caches"))).toBeCloseTo(2 * 0.0128 * 730, 9);
  });

  it("shows the write-up's figures as those of 2015, and the instances that they may stand for", () => {
    expect(bills.writeUp).toEqual({ year: 2015, singleUSD: 300, scaledUSD: 50 });
    expect(new Set(bills.candidatesOf2015.map(({ instanceType }) => instanceType))).toEqual(
      new Set(["m3.2xlarge", "c3.2xlarge", "c4.2xlarge", "m4.2xlarge"]),
    );
  });

  it("can be reckoned for Ireland too", () => {
    expect(tutoringBills(week(168), priceBook("eu-west-1")).scaled.usd).toBeGreaterThan(bills.floor);
  });
});
