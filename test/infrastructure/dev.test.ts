/** `sst dev`: the functions run on the developer's machine, and may stand at a breakpoint there. */
import { beforeAll, describe, expect, it } from "vitest";
import { type Graph, graphOf, type Inputs } from "./graph.ts";
import { all, one } from "./stages.ts";

let graph: Graph;
beforeAll(async () => {
  graph = await graphOf("ann", { dev: true });
});

describe("a stage under `sst dev`", () => {
  it("has in place of each function the bridge to the developer's machine", () => {
    const functions = all(graph, "aws:lambda/function:Function").map(({ inputs }) => inputs);
    expect(functions).toHaveLength(5);
    for (const { runtime, environment } of functions) {
      expect(runtime).toBe("provided.al2023");
      expect(environment.variables).toHaveProperty("SST_FUNCTION_ID");
    }
    expect(graph.built).toEqual([]);
  });

  it("lets a function stand at a breakpoint for a quarter of an hour, and gives its messages to nobody else", () => {
    for (const { inputs } of all(graph, "aws:lambda/function:Function")) expect(inputs["timeout"]).toBe(900);
    const lanes = all(graph, "aws:sqs/queue:Queue").filter(({ name }) => !name.includes("DeadLetters"));
    expect(lanes.map(({ inputs }) => inputs["visibilityTimeoutSeconds"])).toEqual([900, 900]);
  });

  it("lets an instance wait at its hook for an hour without a heartbeat", () => {
    const { initialLifecycleHooks } = one(graph, "aws:autoscaling/group:Group", "MoodleNodes").inputs;
    expect(initialLifecycleHooks.map((hook: Inputs) => hook["heartbeatTimeout"])).toEqual([3_600, 3_600]);
  });
});
