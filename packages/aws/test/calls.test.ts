/** What an AWS error means, and how calls are paced. */
import { SSMClient } from "@aws-sdk/client-ssm";
import { type HttpRequest, HttpResponse } from "@smithy/core/protocols";
import { Fault, type FaultKind } from "@warden/control";
import { documentNames } from "@warden/moodle";
import { registeredDocumentsSchema } from "@warden/worlds/deployment";
import { describe, expect, it } from "vitest";
import { asFault, commandsPort, paced, unpaced } from "../src/index.ts";
import { limits } from "../src/pacing.ts";

function awsError(name: string, message = "", httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

describe("an error of AWS", () => {
  it.each<[FaultKind, Error]>([
    ["retry", awsError("Throttling", "Rate exceeded")],
    ["retry", awsError("ThrottlingException")],
    ["retry", awsError("RequestLimitExceeded", "", 503)],
    ["retry", awsError("TransactionConflictException")],
    ["retry", awsError("ResourceContention")],
    ["retry", awsError("InternalFailure", "", 500)],
    [
      "retry",
      awsError("TransactionCanceledException", "Transaction cancelled … specific reasons [None, ThrottlingError]"),
    ],
    ["retry", Object.assign(new Error("read ECONNRESET"), { $metadata: { attempts: 3 } })],
    ["retry", Object.assign(new Error("timed out"), { name: "TimeoutError" })],
    ["denied", awsError("AccessDeniedException")],
    ["denied", awsError("SomethingElse", "", 403)],
    ["gone", awsError("InvalidInstanceId")],
    ["gone", awsError("ValidationError", "Instance Id not found - No managed instance found for instance ID: i-1")],
    ["gone", awsError("ResourceNotFoundException")],
    ["wrong", awsError("ValidationError", "1 validation error detected")],
    ["wrong", awsError("TransactionCanceledException", "specific reasons [ValidationError]")],
    ["ours", new TypeError("x is undefined")],
  ])("is %s: %s", (kind, error) => {
    expect(asFault("service:Action", error)).toMatchObject({
      kind,
      code: error.name,
      action: "service:Action",
      cause: error,
    });
  });

  it("keeps its first meaning, and what is thrown without being an error is ours", () => {
    const fault = new Fault("gone", "a:B", "C", "d", undefined);
    expect(asFault("x:Y", fault)).toBe(fault);
    expect(asFault("x:Y", "text")).toMatchObject({ kind: "ours", code: "Unknown" });
  });
});

describe("pacing", () => {
  /** Sleeping moves the time, as it does for one caller after the other. */
  function watch() {
    let now = 0;
    const slept: number[] = [];
    return {
      slept,
      pass(ms: number): void {
        now += ms;
      },
      clock: {
        now: () => now,
        sleep: async (ms: number) => {
          slept.push(ms);
          now += ms;
        },
      },
    };
  }
  const { perSecond, burst } = limits.sendCommand;

  it("lets a share of the burst through at once, then goes at its share of the rate", async () => {
    const { clock, slept } = watch();
    const pace = paced(0.5, clock);
    for (let call = 0; call < burst * 0.5; call++) await pace.take("sendCommand");
    expect(slept).toEqual([]);
    await pace.take("sendCommand");
    expect(slept).toEqual([1000 / (perSecond * 0.5)]);
  });

  it("fills up again, but never beyond its burst", async () => {
    const { clock, slept, pass } = watch();
    const pace = paced(0.5, clock);
    for (let call = 0; call < burst * 0.5; call++) await pace.take("sendCommand");
    pass(3_600_000);
    for (let call = 0; call < burst * 0.5 + 1; call++) await pace.take("sendCommand");
    expect(slept).toHaveLength(1);
  });

  it("lets those who come together go one after the other", async () => {
    const slept: number[] = [];
    const pace = paced(0.1, { now: () => 0, sleep: async (ms) => void slept.push(ms) });
    await Promise.all([1, 2, 3].map(() => pace.take("sendCommand")));
    expect(slept).toEqual([2000, 4000]);
  });

  it("lets the two environments of a lane complete launches at nine tenths of the bucket's rate", async () => {
    const { clock, slept } = watch();
    const pace = paced(0.1, clock);
    const { perSecond, burst } = limits.completions;
    for (let call = 0; call < burst * 0.35 + 1; call++) await pace.take("completions");
    expect(slept).toEqual([expect.closeTo(1000 / (perSecond * 0.35))]);
  });

  it("has one bucket for each kind of call", async () => {
    const { clock, slept } = watch();
    const pace = paced(0.1, clock);
    await pace.take("sendCommand");
    await pace.take("registerTargets");
    expect(slept).toEqual([]);
  });
});

describe("commands", () => {
  const registered = registeredDocumentsSchema().parse({
    prefix: "warden-try-",
    versions: Object.fromEntries(documentNames.map((name) => [name, "7"])),
  });
  /** SSM that answers everything alike, and what it was asked. */
  function ssm(statusCode: number, answer: object) {
    const asked: unknown[] = [];
    const client = new SSMClient({
      ...{ region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 },
      requestHandler: {
        async handle({ body }: HttpRequest) {
          asked.push(JSON.parse(String(body)));
          const headers = { "content-type": "application/x-amz-json-1.1" };
          const text = new TextEncoder().encode(JSON.stringify(answer));
          return { response: new HttpResponse({ statusCode, headers, body: text }) };
        },
      },
    });
    return { port: commandsPort(client, unpaced, registered), asked };
  }

  it("are of the documents as this stage registered them, when they are sent and when they are looked for", async () => {
    const { port, asked } = ssm(200, { Command: { CommandId: "c" }, Commands: [] });
    const parameters = { BatchId: "b" };
    await port.send({ document: "Warden-PushConfig", instances: [], parameters, batch: "b", delivery: 60_000 });
    await port.find("Warden-PushConfig", "b", 0);
    expect(asked).toMatchObject([
      { DocumentName: "warden-try-PushConfig", DocumentVersion: "7" },
      { Filters: [{ key: "DocumentName", value: "warden-try-PushConfig" }, { key: "InvokedAfter" }] },
    ]);
  });

  it("that the lists do not know yet have no invocations", async () => {
    const { port } = ssm(400, { __type: "InvalidCommandId" });
    expect(await port.invocations("c", [])).toEqual(new Map());
  });
});
