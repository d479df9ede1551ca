/** The graphs that the tests ask, one for each kind of stage, and how they are asked. */
import { beforeAll, vi } from "vitest";
import type { Stage } from "../../stacks/stage.ts";
import { type Graph, graphOf, type Inputs, type Resource } from "./graph.ts";

export const stages = ["dev", "staging", "production"] as const;

export type Graphs = (stage: string) => Graph;

/** @returns the graph of a stage, once the file's tests run */
export function graphs(): Graphs {
  const made = new Map<string, Graph>();
  beforeAll(async () => {
    for (const stage of stages) {
      // What SST makes once for an app, it keeps in its modules: each stage gets modules of its own.
      vi.resetModules();
      made.set(stage, await graphOf(stage));
    }
  });
  return (stage) => {
    const graph = made.get(stage);
    if (graph === undefined) throw new Error(`no test made the graph of ${stage}`);
    return graph;
  };
}

/** @returns the graph of a stage that nobody deploys by its name, once the file's tests run */
export function made(name: string, stage: Stage): () => Graph {
  let graph: Graph | undefined;
  beforeAll(async () => {
    vi.resetModules();
    graph = await graphOf(name, { whole: stage });
  });
  return () => {
    if (graph === undefined) throw new Error(`the graph of ${name} is not made yet`);
    return graph;
  };
}

/** Of a type that this app must have: a test over none would show nothing. */
export function all(graph: Graph, type: string): readonly Resource[] {
  const found = graph.resources.filter((each) => each.type === type);
  if (found.length === 0) throw new Error(`${graph.stage} has no ${type}`);
  return found;
}

export function one(graph: Graph, type: string, name: string): Resource {
  const found = all(graph, type).find((each) => each.name === name);
  if (found === undefined) throw new Error(`${graph.stage} has no ${type} ${name}`);
  return found;
}

export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly effect?: string;
  readonly principals?: readonly { readonly type: string; readonly identifiers: readonly string[] }[];
  readonly conditions?: readonly Inputs[];
}

export const statementsIn = (policy: string): readonly Statement[] => JSON.parse(policy);
