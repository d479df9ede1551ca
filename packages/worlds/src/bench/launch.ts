/** How fast and with how many calls Warden launches: its own share of the time, one node and a thousand at once. */
import { readScenario, type Scenario } from "@warden/simulator";
import { type Ran, run } from "../simulate/run.ts";
import { type Measure, percentile } from "./measure.ts";

export async function launch(): Promise<readonly Measure[]> {
  const shares: number[] = [];
  for (let seed = 1; seed <= 20; seed++) shares.push(...(await simulated(oneNode, seed)).ownShare.seconds);
  const many = await simulated(thousand, 1);
  const took = percentile(serviceTimes(many), 1);
  return [
    {
      name: "own share, one node, p99",
      value: percentile(shares, 0.99),
      unit: "s",
      bar: { most: 2 },
      note: `${shares.length} calls in 20 seeds; events arrive and reads show at once, so that what is left is Warden's`,
    },
    {
      name: "own share, 1,000 nodes, p99",
      value: percentile(many.ownShare.seconds, 0.99),
      unit: "s",
      bar: { most: many.ownShare.lowerBound * 1.1 + 10 },
      note: `the request buckets allow ${many.ownShare.lowerBound.toFixed(1)} s at best; the bar is 1.10 times that and 10 s`,
    },
    { name: "1,000 nodes in service after", value: took, unit: "s", note: "with AWS's request limits, simulated" },
    ...callsPerNode(many, 1_000),
  ];
}

const atOnce = "events: { delay: 0s }\napi: { stale: 0s }";
const oneNode = scenario(
  `for: 10m\nfleet: { min: 0, max: 10, desired: 1 }\n${atOnce}\ntimeline: [{ at: 30s, scale: 2 }]`,
);
/** Until all serve, and before the first of them is verified again. */
const thousand = scenario("for: 17m\nfleet: { min: 0, max: 1000, desired: 1 }\ntimeline: [{ at: 30s, scale: 1000 }]");

export function scenario(text: string): Scenario {
  const read = readScenario(text, { name: "bench" });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

export async function simulated(of: Scenario, seed: number): Promise<Ran> {
  const ran = await run({ scenario: of, seed, transport: "typed" });
  if (ran.defects.length > 0) throw new Error("the embedded AWS failed in this run", { cause: ran.defects[0] });
  return ran;
}

/** Seconds from the start of an instance to its service, for those that began in the story. */
function serviceTimes({ recording, startedAt }: Ran): number[] {
  const began = new Map<string, number>();
  const times: number[] = [];
  for (const fact of recording.facts) {
    if (fact.at < startedAt || fact.kind !== "lifecycle") continue;
    if (fact.state === "Pending") began.set(fact.node, fact.at);
    const from = began.get(fact.node);
    if (fact.state === "InService" && from !== undefined) times.push((fact.at - from) / 1000);
  }
  return times;
}

const services = {
  "Auto Scaling, SSM, EC2, ELBv2": { prefixes: ["autoscaling", "ssm", "ec2", "elasticloadbalancing"], most: 6 },
  "DynamoDB, SQS": { prefixes: ["dynamodb", "sqs"], most: 12 },
} as const;

function callsPerNode({ calls }: Ran, nodes: number): Measure[] {
  return Object.entries(services).map(([name, { prefixes, most }]) => {
    const total = [...calls].reduce(
      (sum, [operation, count]) => sum + (prefixes.some((prefix) => operation.startsWith(`${prefix}:`)) ? count : 0),
      0,
    );
    return { name: `calls per launched node: ${name}`, value: total / nodes, unit: "calls", bar: { most } };
  });
}
