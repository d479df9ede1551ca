/** What Auto Scaling and Warden say of the nodes of a running world. */
import { expect } from "vitest";
import * as z from "zod";
import { eventually } from "./eventually.ts";
import type { World } from "./world.ts";

const membersSchema = z.object({
  AutoScalingInstances: z.array(z.object({ InstanceId: z.string(), LifecycleState: z.string() })),
});

/** Every instance of the group `moodle`, with its lifecycle state. */
export async function members(world: World): Promise<Map<string, string>> {
  const answer = membersSchema.parse(await world.aws("autoscaling", "describe-auto-scaling-instances"));
  return new Map(answer.AutoScalingInstances.map((each) => [each.InstanceId, each.LifecycleState]));
}

const nodesSchema = z.object({
  nodes: z.array(
    z.object({
      instance: z.string(),
      phase: z.string().nullable(),
      lifecycleState: z.string(),
      target: z.string(),
      release: z.string().nullable(),
      why: z.string(),
    }),
  ),
});
export type WardenNode = z.infer<typeof nodesSchema>["nodes"][number];

/** What `warden nodes --json` says. */
export async function wardenNodes(world: World): Promise<WardenNode[]> {
  const { status, stdout, stderr } = await world.warden("nodes", "--json");
  expect(status, stderr).toBe(0);
  return nodesSchema.parse(JSON.parse(stdout)).nodes;
}

/** Waits until Warden has exactly `count` nodes, all verified, in service and healthy. @returns their ids */
export async function nodesInService(world: World, count: number, within = 60_000): Promise<string[]> {
  return eventually(`${count} nodes are verified, in service and healthy`, within, async () => {
    const nodes = await wardenNodes(world);
    const well = nodes.filter(
      (node) => node.phase === "in-service" && node.release !== null && node.target === "healthy",
    );
    return well.length === count && nodes.length === count && well.map((node) => node.instance);
  });
}
