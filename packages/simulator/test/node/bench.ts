/** One or more modelled Moodle nodes of a site, without a region around them. */
import { type VirtualClock, virtualClock } from "@warden/aws-local/clock";
import { createMachine, type Machine } from "@warden/aws-local/hosts/machine";
import { awsProfile } from "@warden/aws-local/hosts/profile";
import { seededRandom } from "@warden/aws-local/random";
import type { DocumentResult, Instance } from "@warden/aws-local/region";
import { type DocumentName, documentNamed } from "@warden/moodle";
import {
  awsNode,
  healthySharedParts,
  type MoodleNode,
  moodleNode,
  type NodeCalls,
  type NodeTelling,
  type NodeTold,
  type SharedParts,
} from "../../src/index.ts";

export const startAt = Date.parse("2026-03-02T08:00:00Z");
export const desired = { release: "4.5.2-1", digest: "0123456789abcdef" };

export interface NodeBench {
  readonly clock: VirtualClock;
  readonly shared: SharedParts;
  readonly machine: Machine<MoodleNode>;
  readonly node: MoodleNode;
  /** What the node told Warden and asked of AWS. */
  readonly told: unknown[];
  readonly calls: {
    completed: number;
    lastGood: typeof desired | undefined | Promise<typeof desired>;
    failing: boolean;
  };
  /** What became of the configuration on its disk: `put 0123`. */
  readonly configurations: string[];
  /** All that the node told of itself. */
  readonly tellings: NodeTelling[];
  /** Requests in flight while the node serves. */
  traffic: number;
  boot(): Promise<void>;
  /** Runs one of Warden's documents to its end and gives what it printed last. */
  run(document: DocumentName, parameters?: Record<string, string>): Promise<Answer>;
  /** The same, without waiting. */
  start(document: DocumentName, parameters?: Record<string, string>): { result?: DocumentResult };
  ready(): Promise<{ status: number; body: unknown }>;
  /** Bootstrapped and verified. */
  serve(): Promise<void>;
}

export interface Answer {
  readonly exitCode: number;
  readonly line: unknown;
}

export const instance: Instance = {
  instanceId: "i-0123456789abcdef0",
  privateIp: "10.0.1.7",
  launchedAt: startAt,
  state: "running",
  launchTemplate: undefined,
  imageId: "ami-0123456789abcdef0",
  instanceType: "t3.small",
  availabilityZone: "eu-west-1a",
  subnetId: "subnet-1",
  tags: {},
  userData: undefined,
  roleName: "moodle-node",
  spot: false,
};

interface BenchOptions {
  readonly cronProcesses?: number;
  /** Another node of the same site. */
  readonly beside?: NodeBench;
  readonly onTold?: NodeTold;
}

export function nodeBench({ beside, onTold, ...options }: BenchOptions = {}): NodeBench {
  const clock = beside?.clock ?? virtualClock({ startAt });
  const shared = beside?.shared ?? healthySharedParts(desired.release);
  const told: unknown[] = [];
  const configurations: string[] = [];
  const calls: NodeBench["calls"] = { completed: 0, lastGood: desired, failing: false };
  const machine = createMachine({
    clock,
    random: seededRandom(3),
    instance,
    agents: { ping() {}, silence() {} },
    profile: { ...awsProfile, boot: { low: 20_000, high: 20_000 }, agentStart: { low: 10_000, high: 10_000 } },
    install: moodleNode({
      ...{ shared, timings: awsNode, calls: nodeCalls(), traffic: () => bench.traffic },
      onTold(telling) {
        bench.tellings.push(telling);
        onTold?.(telling);
        if (telling.kind === "configuration") configurations.push(`${telling.event} ${telling.digest.slice(0, 4)}`);
      },
      ...options,
    }),
  });
  let batches = 0;

  function nodeCalls(): NodeCalls {
    const orFail = async (): Promise<void> => {
      if (calls.failing) throw new Error("unreachable");
    };
    return {
      async tell(message) {
        await orFail();
        told.push(message);
      },
      async lastGood() {
        await orFail();
        return calls.lastGood;
      },
      async completeLaunch() {
        await orFail();
        calls.completed += 1;
      },
    };
  }

  function start(name: DocumentName, given: Record<string, string> = {}): { result?: DocumentResult } {
    const document = documentNamed(name);
    const all = { BatchId: `batch-${++batches}`, Release: desired.release, Digest: desired.digest, ...given };
    const run = machine.run({
      commandId: `command-${batches}`,
      documentName: name,
      documentVersion: "1",
      parameters: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, [value]])),
      content: document.content,
      executionTimeout: document.executionTimeout,
    });
    const running: { result?: DocumentResult } = {};
    void run?.finished.then((result) => {
      running.result = result;
    });
    return running;
  }

  const bench: NodeBench = {
    clock,
    shared,
    machine,
    node: machine.software,
    told,
    configurations,
    tellings: [],
    calls,
    traffic: 0,
    async boot() {
      machine.powerOn();
      await clock.advance(30_000);
    },
    async run(name, given) {
      const running = start(name, given);
      await clock.advanceUntil(() => running.result !== undefined, 700_000);
      return answer(running.result);
    },
    start,
    async ready() {
      const got = await machine.request(80, "/warden/ready");
      if (typeof got === "string") throw new Error(got);
      return { status: got.status, body: JSON.parse(got.body) };
    },
    async serve() {
      await bench.boot();
      await bench.run("Warden-Bootstrap");
      await bench.run("Warden-Verify");
    },
  };
  return bench;
}

export function answer(result: DocumentResult | undefined): Answer {
  if (result === undefined) throw new Error("the document has not ended");
  return { exitCode: result.exitCode, line: JSON.parse(result.stdout.trimEnd().split("\n").at(-1) ?? "") };
}
