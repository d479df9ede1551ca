/** What an administrator does by hand, between Warden and AWS: all of it is harmless, and what AWS refuses is refused. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { members, nodesInService, wardenNodes } from "./support/fleet.ts";
import { awsJudge, judgedBy } from "./support/judges.ts";
import { refusalOf } from "./support/refusal.ts";
import { startWorld, type World } from "./support/world.ts";

judgedBy(awsJudge, "by hand, with the AWS CLI", () => {
  let world: World;
  let nodes: string[];

  beforeAll(async () => {
    world = await startWorld();
    nodes = await nodesInService(world, 2);
  });
  afterAll(async () => {
    await world?.stop();
  });

  const aws = (command: string, ...more: string[]) => world.aws(...command.split(" "), ...more);
  const refusal = (command: string, ...more: string[]) => refusalOf(world, ...command.split(" "), ...more);

  describe("a lifecycle action completed before Warden", () => {
    it("puts no node to work that has not been verified, and the node still ends verified", async () => {
      await aws("autoscaling set-desired-capacity --auto-scaling-group-name moodle --desired-capacity 3");
      const id = await eventually(
        "a third node waits at its hook",
        20_000,
        async () =>
          [...(await members(world))].find(([each, state]) => !nodes.includes(each) && state === "Pending:Wait")?.[0],
      );
      await aws(
        "autoscaling complete-lifecycle-action --auto-scaling-group-name moodle --lifecycle-hook-name warden-launch --lifecycle-action-result CONTINUE --instance-id",
        id,
      );

      const targetGroup = await world.awsText(
        ..."elbv2 describe-target-groups --names moodle --query TargetGroups[0].TargetGroupArn".split(" "),
      );
      await eventually("it is healthy", 60_000, async () => {
        const health = await world.awsText(
          "elbv2",
          "describe-target-health",
          "--target-group-arn",
          targetGroup,
          "--targets",
          `Id=${id}`,
          "--query",
          "TargetHealthDescriptions[0].TargetHealth.State",
        );
        return health === "healthy";
      });
      // The readiness path answers 503 until the node verified, so whoever is healthy is verified.
      const story = await world.warden("explain", id, "--json");
      expect(story.stdout).toMatch(/verified for release/);
      const [node] = (await wardenNodes(world)).filter((each) => each.instance === id);
      expect(node?.lifecycleState).toBe("InService");
      expect(node?.release).toBe("moodle-local-1");
      nodes = await nodesInService(world, 3);
    });

    it("is refused when there is none, as AWS does", async () => {
      expect(
        await refusal(
          "autoscaling complete-lifecycle-action --auto-scaling-group-name moodle --lifecycle-hook-name warden-launch --lifecycle-action-result CONTINUE --instance-id",
          nodes[0] ?? "",
        ),
      ).toBe(
        `(ValidationError) when calling the CompleteLifecycleAction operation: No active Lifecycle Action found with instance ID ${nodes[0]}`,
      );
    });
  });

  it("an alarm that is set to ALARM is an incident, which names it, and which people see until it is over", async () => {
    const alarm = ["cloudwatch", "set-alarm-state", "--alarm-name", "moodle-pages", "--state-reason", "tried by hand"];
    await aws(
      "cloudwatch put-metric-alarm --alarm-name moodle-pages --namespace Tried --metric-name Hand --statistic Sum --period 60 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanThreshold --treat-missing-data ignore",
    );
    expect((await world.warden("incidents", "--json")).status).toBe(0);
    await world.aws(...alarm, "--state-value", "ALARM");
    const incidents = async () => {
      const { status, stdout } = await world.warden("incidents", "--json");
      return { status, ...JSON.parse(stdout) };
    };
    await eventually("it is open", 20_000, async () => (await incidents()).open.length > 0);
    expect(await incidents()).toMatchObject({
      ...{ status: 1, open: [{ part: "pages", alarms: ["moodle-pages"], message: "tried by hand" }] },
    });
    const ready = await world.warden("ready");
    expect(ready).toMatchObject({ status: 1, stdout: expect.stringMatching(/^NOT READY:\n +- the pages of the site/) });
    await world.aws(...alarm, "--state-value", "OK");
  });

  it("ec2 terminate-instances behind the group's back heals: the group starts another, and Warden verifies it", async () => {
    const [victim = ""] = nodes;
    await aws("ec2 terminate-instances --instance-ids", victim);
    await eventually("the victim has left the group", 60_000, async () => !(await members(world)).has(victim));
    nodes = await nodesInService(world, 3);
    expect(nodes).not.toContain(victim);
    const cause = await world.awsText(
      ..."autoscaling describe-scaling-activities --auto-scaling-group-name moodle".split(" "),
      "--query",
      `Activities[?Description=='Terminating EC2 instance: ${victim}'].Cause`,
    );
    expect(cause).toMatch(
      /an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped\.$/,
    );
  });

  it("elasticache test-failover ends with every node verified, and what went stale purged", async () => {
    await aws("elasticache test-failover --node-group-id 0001 --replication-group-id moodle-cache");
    await eventually("every node has purged", 60_000, async () => {
      const stories = await Promise.all(nodes.map((node) => world.warden("explain", node, "--json")));
      // Which of the cache's messages a node is verified for is not said: AWS promises no order between them.
      const purge = /purges what went stale: FailoverComplete of moodle-cache \(cache\)/;
      return stories.every(
        ({ stdout }) => purge.test(stdout) && /in service; (?:purged|nothing is left to purge)/.test(stdout),
      );
    });
  });

  describe("Run Command", () => {
    it("runs a shell command on a node, which both ways of asking show", async () => {
      const [node = ""] = nodes;
      const command = await world.awsText(
        "ssm",
        "send-command",
        "--instance-ids",
        node,
        "--document-name",
        "AWS-RunShellScript",
        "--parameters",
        "commands=hostname",
        "--query",
        "Command.CommandId",
      );
      const shown = await eventually("the command is done", 20_000, async () => {
        const answer = await aws(
          "ssm get-command-invocation",
          "--command-id",
          command,
          "--instance-id",
          node,
          "--query",
          "[Status,ResponseCode,StandardOutputContent,StandardErrorContent]",
        );
        return Array.isArray(answer) && answer[0] === "Success" && answer;
      });
      expect(shown).toEqual(["Success", 0, expect.stringMatching(/^ip-\d+-\d+-\d+-\d+\n$/), ""]);
      expect(
        await aws(
          "ssm list-command-invocations --details",
          "--command-id",
          command,
          "--query",
          "CommandInvocations[].[InstanceId,Status,CommandPlugins[0].Output]",
        ),
      ).toEqual([[node, "Success", Array.isArray(shown) ? shown[2] : ""]]);
    });

    it("refuses nodes and documents that do not exist", async () => {
      const send = "ssm send-command --parameters commands=hostname";
      expect(
        await refusal(send, "--document-name", "AWS-RunShellScript", "--instance-ids", "i-0123456789abcdef0"),
      ).toMatch(/^\(InvalidInstanceId\) when calling the SendCommand operation: /);
      expect(await refusal(send, "--document-name", "Nobody-Wrote-It", "--instance-ids", nodes[0] ?? "")).toMatch(
        /^\(InvalidDocument\) when calling the SendCommand operation: /,
      );
    });
  });
});
