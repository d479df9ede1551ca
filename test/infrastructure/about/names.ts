/** AWS's limits on names, which the mocks do not know, and Warden's own habit that each carries its stage. */
import { describe, expect, it, vi } from "vitest";
import { graphOf } from "../graph.ts";
import { all, type Graphs, stages } from "../stages.ts";

/** The longest that each may be, and what it may be made of (the services' API references). */
const limits: readonly (readonly [type: string, field: string, form: RegExp])[] = [
  ["aws:sqs/queue:Queue", "name", /^[A-Za-z0-9_-]{1,80}$/],
  ["aws:cloudwatch/eventRule:EventRule", "name", /^[A-Za-z0-9._-]{1,64}$/],
  ["aws:cloudwatch/eventBus:EventBus", "name", /^[A-Za-z0-9._/-]{1,256}$/],
  ["aws:lambda/function:Function", "name", /^[A-Za-z0-9_-]{1,64}$/],
  ["aws:dynamodb/table:Table", "name", /^[A-Za-z0-9._-]{3,255}$/],
  ["aws:s3/bucket:Bucket", "bucket", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/],
  ["aws:lb/targetGroup:TargetGroup", "name", /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/],
  ["aws:lb/loadBalancer:LoadBalancer", "name", /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/],
  ["aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId", /^[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$/],
  ["aws:rds/instance:Instance", "identifier", /^[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]$/],
  ["aws:autoscaling/group:Group", "name", /^[\x20-\x39\x3b-\x7e]{1,255}$/],
  ["aws:ec2/launchTemplate:LaunchTemplate", "name", /^[A-Za-z0-9().\-/_]{3,128}$/],
  ["aws:sns/topic:Topic", "name", /^[A-Za-z0-9_-]{1,256}$/],
  ["aws:iam/role:Role", "name", /^[\w+=,.@-]{1,64}$/],
];

export function names(graph: Graphs): void {
  it("refuses a stage whose name would be too long for a load balancer's", async () => {
    vi.resetModules();
    await expect(graphOf("eighteen-character")).rejects.toThrow("take 1 to 17 of a-z");
  });

  describe.each(stages)("%s", (stage) => {
    it.each(limits)("each %s has a name that AWS takes, with the stage in it", (type, field, form) => {
      for (const { inputs } of all(graph(stage), type)) {
        expect(inputs[field]).toMatch(form);
        expect(inputs[field]).toContain(`warden-${stage}-`);
      }
    });
  });
}
