/** Bundle sizes and cold starts of the functions, against an empty handler with the same SDK clients and bundler. */

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { functions } from "@warden/functions/catalogue";
import { documentNames, documentPrefix } from "@warden/moodle";
import { build } from "esbuild";
import { bundleFunctions, bundling } from "../bundles.ts";
import { type Measure, median } from "./measure.ts";

/** How often each is started, taking turns. */
const rounds = 15;

const emptyHandler = `
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient, BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { ElasticLoadBalancingV2Client, DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { SQSClient, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { SSMClient, SendCommandCommand } from "@aws-sdk/client-ssm";
export const clients = [new AutoScalingClient(), new DynamoDBClient(), new ElasticLoadBalancingV2Client(), new EventBridgeClient(), new SQSClient(), new SSMClient()];
export const commands = [DescribeAutoScalingGroupsCommand, BatchGetItemCommand, DescribeTargetHealthCommand, PutEventsCommand, SendMessageBatchCommand, SendCommandCommand];
export const handler = async () => {};
`;

export async function bundles(): Promise<readonly Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), "warden-bench-"));
  const built = await bundleFunctions();
  try {
    const baseline = join(folder, "index.mjs");
    const stdin = { contents: emptyHandler, resolveDir: import.meta.dirname, loader: "ts" as const };
    await build({ ...bundling, minify: true, stdin, outfile: baseline });
    const entries = [...new Set(functions.map((each) => each.entry))];
    const times = new Map<string, number[]>([
      ["baseline", []],
      ...entries.map((entry): [string, number[]] => [entry, []]),
    ]);
    for (let round = 0; round < rounds; round++) {
      times.get("baseline")?.push(importTime(baseline));
      for (const entry of entries) times.get(entry)?.push(importTime(join(built.folderOf(entry), "index.mjs")));
    }
    const empty = median(times.get("baseline") ?? []);
    return entries.flatMap((entry): Measure[] => [
      { name: `bundle ${entry}`, value: (built.sizes[entry] ?? 0) / 1000, unit: "kB", bar: { most: 600 } },
      {
        name: `cold start ${entry}`,
        value: median(times.get(entry) ?? []) / empty,
        unit: "× empty",
        bar: { most: 1.3 },
        note: `empty handler with the same clients: ${empty.toFixed(0)} ms, median of ${rounds}`,
      },
    ]);
  } finally {
    await built.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds to import a bundle in a fresh process. */
function importTime(file: string): number {
  const program = "const t = performance.now(); await import(process.argv[1]); console.log(performance.now() - t);";
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", program, file], {
    encoding: "utf8",
    env: environment,
  });
  const time = Number(ran.stdout.trim());
  if (ran.status !== 0 || Number.isNaN(time)) throw new Error(`the bundle ${file} does not start: ${ran.stderr}`);
  return time;
}

const environment = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "x",
  AWS_SECRET_ACCESS_KEY: "x",
  AWS_LAMBDA_FUNCTION_NAME: "bench",
  WARDEN_TABLE: "t",
  WARDEN_BUS: "b",
  WARDEN_URGENT_QUEUE: "u",
  WARDEN_NORMAL_QUEUE: "n",
  WARDEN_LANE: "normal",
  WARDEN_SHARE: "0.3",
  WARDEN_STAGE: "bench",
  WARDEN_TOPIC: "t",
  WARDEN_DOCUMENTS: JSON.stringify({
    prefix: documentPrefix,
    versions: Object.fromEntries(documentNames.map((name) => [name, "1"])),
  }),
};
