/** More nodes and fewer, asked for with the AWS CLI as on AWS, and what can be seen on the way. */
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { members, nodesInService } from "./support/fleet.ts";
import { awsJudge, debianBoto3, judgedBy } from "./support/judges.ts";
import { type Sampler, sample } from "./support/sampler.ts";
import { startWorld, type World } from "./support/world.ts";

/** EC2 Auto Scaling User Guide, "lifecycle": those in brackets there last too short to be seen each time. */
const launch = ["Pending", "Pending:Wait", "Pending:Proceed", "InService"];
const end = ["Terminating", "Terminating:Wait", "Terminating:Proceed"];
const passing = new Set(["Pending:Proceed", "Terminating:Proceed"]);

judgedBy({ ...awsJudge, missing: awsJudge.missing ?? debianBoto3.missing }, "set-desired-capacity", () => {
  let world: World;
  let sampler: Sampler;
  let first: string[];
  let added: string[];
  let left: string;

  beforeAll(async () => {
    world = await startWorld();
    sampler = sample(world);
    first = await nodesInService(world, 2);
  });
  afterAll(async () => {
    await sampler?.stop();
    await world?.stop();
  });

  it("2 → 4 ends with four nodes, verified and healthy", async () => {
    const from = Date.now();
    await world.aws(
      ..."autoscaling set-desired-capacity --auto-scaling-group-name moodle --desired-capacity 4".split(" "),
    );
    added = (await nodesInService(world, 4)).filter((id) => !first.includes(id));
    console.info(`2 → 4 took ${Date.now() - from} ms`);
    await sampler.caughtUp();
    expect(added).toHaveLength(2);
  });

  it("shows every documented state of a launch, in order", () => {
    for (const id of added) expectPath(sampler.states.get(id), launch);
  });

  it("shows new targets as initial, then healthy", () => {
    for (const id of added) expect(sampler.targets.get(id)).toEqual(["initial", "healthy"]);
  });

  it("4 → 1 ends with one node, verified and healthy", async () => {
    const from = Date.now();
    await world.aws(
      ..."autoscaling set-desired-capacity --auto-scaling-group-name moodle --desired-capacity 1".split(" "),
    );
    [left = ""] = await nodesInService(world, 1, 120_000);
    await eventually("the group has one instance", 60_000, async () => (await members(world)).size === 1);
    console.info(`4 → 1 took ${Date.now() - from} ms`);
    await sampler.caughtUp();
  });

  it("shows every documented state of an end, in order, after that of the launch", () => {
    const ended = [...first, ...added].filter((id) => id !== left);
    expect(ended).toHaveLength(3);
    for (const id of ended) {
      // Whoever begins to look when the first two are starting may have missed how they began.
      const begun = first.includes(id) ? launch.indexOf(sampler.states.get(id)?.[0] ?? "") : 0;
      expectPath(sampler.states.get(id), [...launch.slice(begun), ...end]);
    }
  });

  it("shows targets that leave as draining before they are gone", () => {
    const ended = [...first, ...added].filter((id) => id !== left);
    for (const id of ended) expect(sampler.targets.get(id)?.slice(-2)).toEqual(["healthy", "draining"]);
  });

  it("leaves the node that stays in service and healthy", () => {
    expect(sampler.states.get(left)?.at(-1)).toBe("InService");
    expect(sampler.targets.get(left)?.at(-1)).toBe("healthy");
    expect(sampler.targets.get(left)).not.toContain("draining");
  });

  it("reads well in describe-scaling-activities", async () => {
    const activities = activitiesSchema.parse(
      await world.aws("autoscaling", "describe-scaling-activities", "--auto-scaling-group-name", "moodle"),
    ).Activities;
    expect(activities.map((each) => [each.StatusCode, each.Progress])).toEqual(Array(7).fill(["Successful", 100]));
    const about = (id: string, verb: string) =>
      activities.find((each) => each.Description === `${verb} EC2 instance: ${id}`);
    const at = "At \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ ";
    const byRequest = (before: number, after: number) =>
      `^${at}a user request update of AutoScalingGroup constraints to min: 1, max: 10, desired: ${after} changing the desired capacity from ${before} to ${after}\\.|^${at}a user request explicitly set group desired capacity changing the desired capacity from ${before} to ${after}\\.`;
    for (const id of added) {
      const cause = about(id, "Launching a new")?.Cause ?? "";
      expect(cause).toMatch(new RegExp(byRequest(2, 4)));
      expect(cause).toMatch(
        new RegExp(
          `${at}an instance was started in response to a difference between desired and actual capacity, increasing the capacity from \\d to 4\\.$`,
        ),
      );
    }
    for (const id of [...first, ...added].filter((each) => each !== left)) {
      const cause = about(id, "Terminating")?.Cause ?? "";
      expect(cause).toMatch(new RegExp(byRequest(4, 1)));
      expect(cause).toMatch(new RegExp(`${at}instance ${id} was selected for termination\\.$`));
    }
  });

  it("refuses what lies outside of the group's bounds, in AWS's words", async () => {
    const { status, stderr } = await world.awsEnded(
      ..."autoscaling set-desired-capacity --auto-scaling-group-name moodle --desired-capacity 11".split(" "),
    );
    expect(status).toBe(254);
    expect(stderr.trim()).toBe(
      "An error occurred (ValidationError) when calling the SetDesiredCapacity operation: New SetDesiredCapacity value 11 is above max value 10 for the AutoScalingGroup.",
    );
  });
});

/** Each state but the passing ones, in this order, and none besides. */
function expectPath(path: readonly string[] | undefined, documented: readonly string[]): void {
  expect(path?.filter((state) => !passing.has(state))).toEqual(documented.filter((state) => !passing.has(state)));
  expect(documented.filter((state) => path?.includes(state))).toEqual(path);
}

const activitiesSchema = z.object({
  Activities: z.array(
    z.object({ Description: z.string(), Cause: z.string(), StatusCode: z.string(), Progress: z.number() }),
  ),
});
