/**
 * Every operation of every embedded service: random input through the real SDK client arrives as it was sent, random
 * output comes back as it was given. The alarm for an upgrade of the SDK.
 */
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import { describe, expect, it } from "vitest";
import { virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type { EmbeddedService } from "../../src/service.ts";
import { clientConfig, createRouter } from "../../src/wire/index.ts";
import { type OperationModel, type Shape, serviceModel } from "../../src/wire/schema.ts";
import { validate } from "../../src/wire/validate.ts";
import { plain, randomValue, withoutIdempotencyTokens, withoutStreams } from "./random-values.ts";

const services = {
  autoscaling: () => import("@aws-sdk/client-auto-scaling"),
  backup: () => import("@aws-sdk/client-backup"),
  cloudwatch: () => import("@aws-sdk/client-cloudwatch"),
  dynamodb: () => import("@aws-sdk/client-dynamodb"),
  ec2: () => import("@aws-sdk/client-ec2"),
  elasticache: () => import("@aws-sdk/client-elasticache"),
  elasticloadbalancing: () => import("@aws-sdk/client-elastic-load-balancing-v2"),
  events: () => import("@aws-sdk/client-eventbridge"),
  iam: () => import("@aws-sdk/client-iam"),
  lambda: () => import("@aws-sdk/client-lambda"),
  s3: () => import("@aws-sdk/client-s3"),
  secretsmanager: () => import("@aws-sdk/client-secrets-manager"),
  sns: () => import("@aws-sdk/client-sns"),
  sqs: () => import("@aws-sdk/client-sqs"),
  ssm: () => import("@aws-sdk/client-ssm"),
  sts: () => import("@aws-sdk/client-sts"),
} satisfies Record<string, () => Promise<object>>;

const rounds = 3;

/** Not compared, and why. */
const excluded: Readonly<Record<string, string>> = {
  "lambda:SendDurableExecutionCallbackFailure": "the client sends {} where there is no payload",
  "lambda:StopDurableExecution": "the client sends {} where there is no payload",
  "lambda:InvokeWithResponseStream": "answers with an event stream",
  "lambda:InvokeAsync": "requires a stream",
  "s3:PutObjectAnnotation": "requires a stream",
  "s3:SelectObjectContent": "answers with an event stream",
  "s3:ListDirectoryBuckets": "signed for S3 Express, a service of its own",
  "s3:CopyObject": "the client takes an answer without body for a broken one; tested in s3.test.ts",
  "s3:UploadPartCopy": "the client takes an answer without body for a broken one",
  "s3:WriteGetObjectResponse": "signed for S3 Object Lambda, a service of its own",
  "sqs in query:ReceiveMessage": "two of its members are called AttributeName; tested in query.test.ts",
  "sts:AssumeRoleWithSAML": "not signed, so it has no caller",
  "sts:AssumeRoleWithWebIdentity": "not signed, so it has no caller",
};

/** Members left out of the random messages, and why. */
const unsent: Readonly<Record<string, string>> = {
  "events:EndpointId": "becomes part of the host name",
  "s3:ChecksumAlgorithm": "makes the client compute one, which needs a real algorithm",
  "s3:ExpiresString": "is what the client read in the header Expires",
  "s3:ChecksumMode": "makes the client check the random checksums of the answer",
  "s3:SSECustomerKey": "the client replaces it with its Base64 and adds a digest",
  "s3:CopySourceSSECustomerKey": "the client replaces it with its Base64 and adds a digest",
};

/** Members that the SDK adds by itself. */
const added: Readonly<Record<string, RegExp>> = {
  lambda: /^StatusCode$/,
  s3: /^(Checksum.*|ContentMD5|ContentLength|ContentType|Metadata|CreateBucketConfiguration|ExpiresString)$/,
};

describe("every operation survives the wire in both directions", () => {
  it.each(Object.entries(services))("%s", async (service, load) => {
    // SQS's client checks the checksums in answers, which are random here.
    const overrides = service === "sqs" ? { md5: false } : {};
    expect(await roundTrips(service, await load(), overrides)).toEqual([]);
  });

  it("cloudwatch in CBOR", async () => {
    expect(
      await roundTrips("cloudwatch in CBOR", await services.cloudwatch(), { protocol: AwsSmithyRpcV2CborProtocol }),
    ).toEqual([]);
  });

  it.each(["sqs", "cloudwatch"] as const)("%s in query, as older clients speak it", async (service) => {
    const withoutChecks = service === "sqs" ? { md5: false } : {};
    expect(
      await roundTrips(`${service} in query`, await services[service](), {
        ...withoutChecks,
        protocol: AwsQueryProtocol,
      }),
    ).toEqual([]);
  });
});

/** What went wrong, one line a call. */
async function roundTrips(label: string, sdk: object, overrides: object = {}): Promise<string[]> {
  const random = seededRandom(7);
  const [service = ""] = label.split(" ");
  const model = serviceModel(sdk);
  const lane: { received: unknown; answer: unknown } = { received: undefined, answer: undefined };
  const router = createRouter({
    services: [echo(sdk, lane)],
    region: "eu-west-1",
    clock: virtualClock({ startAt: 0 }),
    random,
    onDefect: (error) => faults.push(`defect: ${error instanceof Error ? error.stack : error}`),
  });
  const exports: Readonly<Record<string, unknown>> = { ...sdk };
  const client = construct(exports[model.clientName], {
    ...clientConfig(router),
    ...overrides,
  });
  const faults: string[] = [];
  for (const operation of model.operations()) {
    const command = exports[`${operation.name}Command`];
    if (command === undefined || `${label}:${operation.name}` in excluded) continue;
    let calls = 0;
    for (let round = 0; round < rounds; round++) {
      const input = randomMessage(operation.input);
      if (!isComplete(operation.input, input)) continue;
      lane.answer = randomMessage(operation.output);
      lane.received = undefined;
      calls += 1;
      const found = await compare(operation, input, () => send(client, construct(command, structuredClone(input))));
      faults.push(...found.map((fault) => `${label}:${operation.name} ${fault}`));
    }
    if (calls === 0) faults.push(`${label}:${operation.name} was never sent`);
  }
  return faults;

  function randomMessage(shape: Shape): object {
    if (shape.isUnitSchema()) return {};
    const members = Object.entries(Object(randomValue(random, shape)));
    return Object.fromEntries(members.filter(([name]) => !(`${service}:${name}` in unsent)));
  }

  async function compare(operation: OperationModel, sent: object, call: () => Promise<unknown>): Promise<string[]> {
    try {
      const output = await call();
      const received = withoutIdempotencyTokens(operation.input, lane.received);
      return [
        ...differences("input", sent, received),
        ...differences("output", lane.answer, withoutStreams(operation.output, output)),
      ].flatMap(({ member, text }) => (isAdded(member) ? [] : [text]));
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  function isAdded(member: string): boolean {
    return added[service]?.test(member) ?? false;
  }
}

interface Difference {
  readonly member: string;
  readonly text: string;
}

/** Members that did not arrive as they left. */
function differences(what: "input" | "output", left: unknown, arrived: unknown): Difference[] {
  const before: Readonly<Record<string, unknown>> = Object(plain(left));
  const after: Readonly<Record<string, unknown>> = Object(plain(arrived));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((member) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
    .map((member) => ({
      member,
      text: `${what} ${member}: ${JSON.stringify(before[member])} arrived as ${JSON.stringify(after[member])}`,
    }));
}

/** Some required members cannot be made up: structures without members, streams. */
function isComplete(shape: Shape, value: unknown): boolean {
  try {
    const constraints = { ofOperation: () => undefined, shape: () => undefined };
    const style = { missing: "", invalid: "", sentence: "summary" } as const;
    validate(value, "", { input: shape, constraints, style, malformed: "" });
    return true;
  } catch {
    return false;
  }
}

/** A service that answers whatever lies on the lane. Under this name no constraints are known. */
function echo(sdk: object, lane: { received: unknown; answer: unknown }): EmbeddedService {
  const behaviour = (input: unknown): unknown => {
    lane.received = input;
    return lane.answer;
  };
  return { sdk, iamPrefix: "unconstrained", operations: new Proxy({}, { get: () => behaviour }) };
}

function construct(exported: unknown, argument: object): object {
  if (typeof exported !== "function") throw new Error("the client package does not export it");
  return Reflect.construct(exported, [argument]);
}

async function send(client: object, command: object): Promise<unknown> {
  const method: unknown = Reflect.get(client, "send");
  if (typeof method !== "function") throw new Error("a client sends");
  return Reflect.apply(method, client, [command]);
}
