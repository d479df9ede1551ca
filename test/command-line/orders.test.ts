/** What an operator orders with `warden`, against a fleet that really runs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { members, nodesInService, wardenNodes } from "./support/fleet.ts";
import { awsJudge, judgedBy } from "./support/judges.ts";
import type { Ended } from "./support/run.ts";
import { startWorld, type World } from "./support/world.ts";

judgedBy(awsJudge, "orders", () => {
  let world: World;
  let nodes: string[];

  beforeAll(async () => {
    world = await startWorld({ flags: ["--desired", "3", "--speed", "3"] });
    nodes = await nodesInService(world, 3);
  });
  afterAll(async () => world?.stop());

  const json = ({ stdout }: Ended): unknown => JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  const error = ({ stderr }: Ended): unknown => JSON.parse(stderr);

  describe("warden drain --dry-run", () => {
    it("tells what would happen and changes nothing", async () => {
      const [node = ""] = nodes;
      const text = await world.warden("drain", node, "--dry-run");
      expect(text.status, text.stderr).toBe(0);
      expect(text.stdout).toContain(`${node} is in-service; its group moodle has 3 of 3 nodes in service.`);
      expect(text.stdout).toContain("Nothing was changed");
      const { status, stdout } = await world.warden("drain", node, "--dry-run", "--json");
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        dryRun: true,
        verb: "drain",
        instance: node,
        outcome: "now",
        guard: null,
        inService: 3,
        desired: 3,
      });
      expect(json(await world.warden("explain", node, "--json"))).toMatchObject({ phase: "in-service", order: null });
    });
  });

  describe("warden hold and release", () => {
    it("keep a node from being drained, by name and reason, until it is released", async () => {
      const [node = ""] = nodes;
      expect((await world.warden("hold", node, "--reason", "measuring", "--by", "ada")).status).toBe(0);
      expect(json(await world.warden("explain", node, "--json"))).toMatchObject({
        order: { verb: "hold", by: "ada", reason: "measuring" },
      });

      const refused = await world.warden("drain", node);
      expect([refused.status, refused.stdout]).toEqual([4, ""]);
      expect(refused.stderr).toBe(
        `The guard hold refuses to drain ${node}: ada holds it (measuring): \`warden release ${node}\` ends the hold.\n`,
      );
      expect(error(await world.warden("replace", node, "--json"))).toMatchObject({
        error: { status: 4, message: expect.stringContaining("ada holds it (measuring)") },
      });

      const dry = await world.warden("release", node, "--dry-run");
      expect(dry.stdout).toContain("Nothing was changed");
      expect(json(await world.warden("release", node, "--json"))).toMatchObject({
        verb: "release",
        instance: node,
        held: { by: "ada", reason: "measuring" },
      });
      const again = await world.warden("release", node);
      expect(again.status).toBe(2);
      expect(again.stderr).toContain(`${node} is not held`);
    });
  });

  describe("warden stop and resume", () => {
    it("stop refuses a drain by name, sites show it, and resume lets it go on", async () => {
      const [node = ""] = nodes;
      expect((await world.warden("stop", "--dry-run")).stdout).toContain("Nothing was changed");
      expect(json(await world.warden("stop", "--reason", "exam", "--by", "ada", "--json"))).toMatchObject({
        site: "moodle",
        stopped: true,
        changed: true,
        by: "ada",
        reason: "exam",
      });
      // The first stop stands.
      expect(json(await world.warden("stop", "--by", "bob", "--json"))).toMatchObject({
        stopped: true,
        changed: false,
        by: "ada",
      });
      expect(json(await world.warden("sites", "--json"))).toMatchObject({
        sites: [{ site: "moodle", stopped: { by: "ada", reason: "exam" } }],
      });

      const refused = await world.warden("drain", node);
      expect(refused.status).toBe(4);
      expect(refused.stderr).toMatch(/^The guard stop refuses to drain .*`warden resume` ends the stop\.\n$/);
      const dry = await world.warden("drain", node, "--dry-run", "--json");
      expect(dry.status).toBe(4);
      expect(json(dry)).toMatchObject({ outcome: "refused", guard: { name: "stop" } });

      expect(json(await world.warden("resume", "--json"))).toMatchObject({ stopped: false, changed: true });
      expect((await world.warden("resume")).stdout).toBe("Site moodle is not stopped.\n");
    });

    it("launches go on while it is stopped", async () => {
      await world.warden("stop", "--reason", "exam");
      await world.aws(
        ..."autoscaling set-desired-capacity --auto-scaling-group-name moodle --desired-capacity 4".split(" "),
      );
      nodes = await nodesInService(world, 4);
      expect((await world.warden("resume")).status).toBe(0);
    });
  });

  describe("warden drain --wait", () => {
    it("tells each step, ends with the node gone, and the group is one smaller", async () => {
      const [node = ""] = nodes;
      const from = Date.now();
      const ended = await world.warden("drain", node, "--wait", "--reason", "too many", "--by", "ada");
      console.info(`drain --wait took ${Date.now() - from} ms`);
      expect(ended.status, ended.stderr).toBe(0);
      expect(ended.stdout).toContain(`Ordered to drain ${node}`);
      expect(ended.stdout).toMatch(/in-service → leaving/);
      expect(ended.stdout).toMatch(new RegExp(`${node} is gone\\.\\n$`));
      nodes = await nodesInService(world, 3);
      // Auto Scaling may balance its zones afterwards, so the others need not be the same.
      expect(nodes).not.toContain(node);
      expect(
        await world.aws(
          ..."autoscaling describe-auto-scaling-groups --query AutoScalingGroups[0].DesiredCapacity".split(" "),
        ),
      ).toBe(3);
    });
  });

  describe("warden replace --wait --json", () => {
    it("prints JSON only, and ends with another node in its place", async () => {
      const [node = ""] = nodes;
      const ended = await world.warden("replace", node, "--wait", "--json", "--reason", "tired");
      expect(ended.status, ended.stderr).toBe(0);
      const lines = ended.stdout
        .trim()
        .split("\n")
        .map((line): unknown => JSON.parse(line));
      expect(lines.length).toBeGreaterThan(2);
      expect(lines.at(-1)).toMatchObject({ done: true, verb: "replace", instance: node });
      nodes = await nodesInService(world, 3);
      expect(nodes).not.toContain(node);
      expect(
        await world.aws(
          ..."autoscaling describe-auto-scaling-groups --query AutoScalingGroups[0].DesiredCapacity".split(" "),
        ),
      ).toBe(3);
    });
  });

  describe("warden drain without --wait", () => {
    it("comes back at once; a second order for a node that leaves is refused; explain tells the story afterwards", async () => {
      const [node = ""] = nodes;
      const from = Date.now();
      const ordered = await world.warden("drain", node, "--json", "--reason", "too many");
      expect(ordered.status, ordered.stderr).toBe(0);
      expect(json(ordered)).toMatchObject({
        dryRun: false,
        verb: "drain",
        instance: node,
        order: { reason: "too many" },
      });
      expect(Date.now() - from).toBeLessThan(10_000);
      await eventually(
        "it leaves",
        20_000,
        async () => (await wardenNodes(world)).find((each) => each.instance === node)?.phase === "leaving",
      );
      const again = await world.warden("drain", node);
      expect(again.status).toBe(4);
      expect(again.stderr).toContain(`Cannot drain ${node}: it is leaving already`);
      await eventually("it is gone", 60_000, async () => !(await members(world)).has(node));

      const { status, stdout } = await eventually("its story has an end", 20_000, async () => {
        const told = await world.warden("explain", node);
        return /→ gone/.test(told.stdout) && told;
      });
      expect(status).toBe(0);
      const at = (pattern: RegExp): number => stdout.search(pattern);
      const steps = [/→ bootstrapping/, /→ verifying/, /→ joining/, /→ in-service/, /→ leaving/, /→ gone/].map(at);
      expect(steps.every((step) => step > 0)).toBe(true);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
    });
  });

  describe("warden drain --wait --timeout", () => {
    it("ends with status 5 when time is up, and says that it goes on", async () => {
      const [node = ""] = await nodesInService(world, 2);
      const { status, stderr } = await world.warden("replace", node, "--wait", "--timeout", "1s");
      expect(status).toBe(5);
      expect(stderr).toMatch(
        new RegExp(
          `^After \\d+ s of waiting to replace it, .*it goes on by itself, and \`warden explain ${node}\` shows how far it is\\.\\n$`,
        ),
      );
      await eventually("it is gone all the same", 60_000, async () => !(await members(world)).has(node));
      await nodesInService(world, 2);
    });
  });
});
