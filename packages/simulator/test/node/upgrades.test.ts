/** A whole upgrade on modelled nodes, step by step as Warden would take it; and what rule 16 says when a step is wrong. */
import type { DocumentName } from "@warden/moodle";
import { describe, expect, it } from "vitest";
import { rule16 } from "../../src/checkers/rule-16.ts";
import { createRecording, follow } from "../../src/index.ts";
import { quietRun } from "../checkers/story.ts";
import { answer, desired, type NodeBench, nodeBench } from "./bench.ts";

const closing = { Maintenance: "maintenance" };
const digest = "fedcba9876543210";

async function site(next = "5.0.0-1") {
  let now = () => 0;
  const recording = createRecording(() => now());
  const checked = follow(recording, [rule16({ ...quietRun, schema: desired.release })]);
  const add = (name: string, beside?: NodeBench): NodeBench =>
    nodeBench({
      ...(beside !== undefined && { beside }),
      onTold: (telling) => recording.add({ node: name, ...telling }),
    });
  const first = add("i-1");
  now = first.clock.now;
  const nodes = [first, add("i-2", first), add("i-3", first)] as const;
  for (const node of nodes) await node.serve();

  const candidate = { Release: next, Digest: digest };
  const wrote = (phase: string) => recording.add({ kind: "upgrade", phase, why: phase });
  wrote("preflight");
  recording.add({ kind: "release", release: next, digest, is: "upgrade" });

  async function all(document: DocumentName, of: readonly NodeBench[], more: Record<string, string>): Promise<void> {
    const running = of.map((node) => node.start(document, more));
    await first.clock.advanceUntil(() => running.every(({ result }) => result !== undefined), 3_600_000);
    for (const { result } of running) answer(result);
  }
  return {
    nodes,
    add: (name: string) => add(name, first),
    wrote,
    preflight: () => all("Warden-Preflight", nodes, candidate),
    close: (of: readonly NodeBench[] = nodes) => all("Warden-Maintenance", of, closing),
    push: (of: readonly NodeBench[]) => all("Warden-PushConfig", of, { ...candidate, ...closing, Upgrade: "expected" }),
    upgrade: (of: readonly NodeBench[]) => all("Warden-Upgrade", of, { ...candidate, ...closing }),
    open: (of: readonly NodeBench[] = nodes) => all("Warden-Maintenance", of, { Maintenance: "open" }),
    verdict: () => checked.end(now()).map(({ detail }) => detail),
  };
}

describe("an upgrade of a closed site", () => {
  it("breaks nothing in its right order, nor while all are at it", async () => {
    const its = await site();
    await its.preflight();
    await its.close();
    await its.push(its.nodes);
    await its.upgrade(its.nodes);
    await its.open();
    its.wrote("done");
    for (const { node } of its.nodes) {
      expect(node.isReady()).toBe(true);
      expect(node.load.startTask("\\core\\task\\backup", 60_000)).toBe(true);
    }
    expect(its.verdict()).toEqual([]);
  });

  it("is caught when the site was not closed", async () => {
    const its = await site();
    await its.push(its.nodes.slice(0, 1));
    await its.upgrade(its.nodes.slice(0, 1));
    its.wrote("stuck");
    expect(its.verdict()[0]).toMatch(/^serves openly with 4.5.2-1 on a schema on its way from 4.5.2-1/);
  });

  it("is caught when it did not wait for a task", async () => {
    const its = await site();
    its.nodes[2].node.load.startTask("\\core\\task\\backup", 600_000);
    await its.close();
    await its.push(its.nodes);
    await its.upgrade(its.nodes);
    await its.open();
    its.wrote("done");
    expect(its.verdict()[0]).toMatch(/^runs a task of 4.5.2-1 on a schema on its way/);
  });

  it("is caught when it opens the site to a node that it forgot", async () => {
    const its = await site();
    await its.close();
    await its.push(its.nodes.slice(0, 2));
    await its.upgrade(its.nodes.slice(0, 2));
    await its.open();
    its.wrote("done");
    expect(its.verdict()).toEqual([
      "serves openly with 4.5.2-1 on a schema of 5.0.0-1",
      "an upgrade to 5.0.0-1 is done, and i-3 serves with 4.5.2-1",
    ]);
  });

  it("is caught when it ends with the site closed", async () => {
    const its = await site();
    await its.close();
    await its.push(its.nodes);
    await its.upgrade(its.nodes.slice(0, 1));
    its.wrote("done");
    expect(its.verdict()[0]).toBe("an upgrade is done, and the site is closed");
  });

  it("does not wait for a node without power", async () => {
    const its = await site();
    its.nodes[2].machine.powerOff("kill");
    await its.close(its.nodes.slice(0, 2));
    await its.push(its.nodes.slice(0, 2));
    await its.upgrade(its.nodes.slice(0, 1));
    await its.open(its.nodes.slice(0, 2));
    its.wrote("done");
    expect(its.verdict()).toEqual([]);
  });

  it("leaves a node that comes with old code out, closed or open", async () => {
    const its = await site();
    await its.close();
    await its.push(its.nodes);
    await its.upgrade(its.nodes);
    const late = its.add("i-4");
    await late.serve();
    expect(late.node.isReady()).toBe(false);
    await its.open();
    its.wrote("done");
    expect(its.verdict()).toEqual([]);
  });
});

it("an upgrade of an open site goes on under old code, which is told afterwards", async () => {
  const its = await site("5.0.0-1+open-1");
  const [upgrader, ...others] = its.nodes;
  others[0]?.node.load.startTask("\\core\\task\\backup", 600_000);
  const candidate = { Release: "5.0.0-1+open-1", Digest: digest };
  await upgrader.run("Warden-PushConfig", { ...candidate, Upgrade: "expected" });
  expect(upgrader.node.isReady()).toBe(false);
  await its.upgrade([upgrader]);
  await upgrader.run("Warden-Verify", candidate);
  for (const node of others) await node.run("Warden-PushConfig", candidate);
  its.wrote("done");
  expect(its.nodes.map(({ node }) => node.isReady())).toEqual([true, true, true]);
  expect(its.verdict()).toEqual([]);
});
