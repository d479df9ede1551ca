/**
 * A second judge: the same seeded corpus of writes, reads and queries goes to the embedded DynamoDB and to moto, and
 * the answers have to agree. Where moto is known to differ from AWS, `deviations.ts` says so by name.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/random.ts";
import { corpus, type Request } from "./corpus.ts";
import { type Answer, comparison } from "./deviations.ts";
import { createRegion, recordsTable } from "./region.ts";

const moto = spawnSync("python3", ["-c", "import moto.server"], { timeout: 20_000 });
const missing = moto.status === 0 ? "" : " (skipped: no Python with moto.server on this machine)";

describe.runIf(moto.status === 0)(`agrees with moto${missing}`, () => {
  let server: ChildProcess;
  let judge: DynamoDB;

  beforeAll(async () => {
    const port = await freePort();
    server = spawn("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    judge = new DynamoDB({
      region: "eu-west-1",
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example" },
      maxAttempts: 1,
    });
    await waitUntilItAnswers(port);
  }, 20_000);

  afterAll(() => {
    judge?.destroy();
    server?.kill();
  });

  it.each([1, 2])("on the corpus with seed %i", { timeout: 15_000 }, async (seed) => {
    const { client } = createRegion();
    const TableName = `records-${seed}`;
    for (const each of [client, judge]) await each.createTable({ ...recordsTable, TableName });

    const disagreements: unknown[] = [];
    for (const request of corpus(seededRandom(seed), TableName, 250)) {
      const answers = await Promise.all([answerOf(client, request), answerOf(judge, request)]);
      const { ours, theirs } = comparison(request, ...answers);
      if (!isDeepStrictEqual(ours, theirs)) disagreements.push({ request: request.input, ours, theirs });
    }
    expect(disagreements).toEqual([]);
  });
});

async function answerOf(client: DynamoDB, { send }: Request): Promise<Answer> {
  try {
    return Object.fromEntries(
      Object.entries(await send(client))
        .filter(isMember)
        .map(([name, member]) => [name, comparable(member)]),
    );
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error) };
  }
}

/** The members of sets in order, absent members gone, and no `1.0`, which moto's arithmetic leaves. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(isMember)
      .map(([name, member]) => [name, inOneForm(name, member)]),
  );
}

function inOneForm(name: string, member: unknown): unknown {
  if (name === "SS" && Array.isArray(member)) return member.toSorted();
  if (name === "N" && typeof member === "string") return String(Number(member));
  return comparable(member);
}

const isMember = ([name, member]: readonly [string, unknown]): boolean => name !== "$metadata" && member !== undefined;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function waitUntilItAnswers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answered = await fetch(`http://127.0.0.1:${port}/moto-api/data.json`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("moto did not start");
}
