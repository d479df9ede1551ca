import { gzipSync } from "node:zlib";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { embeddedService } from "../../src/service.ts";
import type { WireRequest } from "../../src/wire/index.ts";
import { harness, signedFor } from "./harness.ts";

const callerIdentity = { Account: "000000000000", Arn: "arn:aws:iam::000000000000:user/local", UserId: "AIDA" };

function everything() {
  const metrics: unknown[] = [];
  const region = harness([
    embeddedService(sts, "sts", { GetCallerIdentity: () => callerIdentity }),
    embeddedService(sqs, "sqs", { ListQueues: () => ({ QueueUrls: ["http://127.0.0.1/000000000000/urgent"] }) }),
    embeddedService(cloudwatch, "cloudwatch", {
      PutMetricData: ({ MetricData }) => {
        metrics.push(MetricData);
        return {};
      },
    }),
    embeddedService(lambda, "lambda", {
      Invoke: ({ FunctionName }) => ({ StatusCode: 200, ExecutedVersion: FunctionName }),
    }),
    embeddedService(s3, "s3", { ListBuckets: () => ({ Buckets: [{ Name: "warden" }] }) }),
  ]);
  return { ...region, metrics };
}

const request = (parts: Partial<WireRequest>): WireRequest => ({
  method: "POST",
  path: "/",
  query: new URLSearchParams(),
  headers: {},
  body: new Uint8Array(),
  ...parts,
});

const form = "application/x-www-form-urlencoded; charset=utf-8";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the service of a request", () => {
  it("comes from the scope of its signature", async () => {
    const { router } = everything();
    const headers = { authorization: signedFor("sts"), "content-type": form };
    const answer = await router.route(request({ headers, body: bytes("Action=GetCallerIdentity&Version=2011-06-15") }));
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain(`<Arn>${callerIdentity.Arn}</Arn>`);
  });

  it("comes from X-Amz-Target, the version of a form, or the path, where there is no signature", async () => {
    const { router } = everything();
    const refusals = await Promise.all([
      router.route(request({ headers: { "x-amz-target": "AmazonSQS.ListQueues" }, body: bytes("{}") })),
      router.route(
        request({ headers: { "content-type": form }, body: bytes("Action=GetCallerIdentity&Version=2011-06-15") }),
      ),
      router.route(request({ path: "/2015-03-31/functions/f/invocations" })),
      router.route(request({ method: "GET", headers: {} })),
    ]);
    expect(refusals.map(({ body }) => String(body))).toEqual([
      '{"__type":"MissingAuthenticationToken","message":"Request is missing Authentication Token"}',
      expect.stringContaining("<Code>MissingAuthenticationToken</Code>"),
      expect.stringContaining("Request is missing Authentication Token"),
      expect.stringContaining("<Code>MissingAuthenticationToken</Code>"),
    ]);
  });

  it("may be signed in the query, as presigned URLs are", async () => {
    const { router } = everything();
    const query = new URLSearchParams({
      "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1/s3/aws4_request",
    });
    const answer = await router.route(request({ method: "GET", query }));
    expect(answer.body).toContain("<Name>warden</Name>");
  });

  it("that is not embedded is named in a 501", async () => {
    const { router } = everything();
    const headers = { authorization: signedFor("kms"), "x-amz-target": "TrentService.Decrypt" };
    const answer = await router.route(request({ headers, body: bytes("{}") }));
    expect(answer.statusCode).toBe(501);
    expect(answer.body).toContain("kms");
  });
});

describe("the protocol of a request", () => {
  it("is query for SQS when an older client writes a form", async () => {
    const { router } = everything();
    const headers = { authorization: signedFor("sqs"), "content-type": form };
    const answer = await router.route(request({ headers, body: bytes("Action=ListQueues&Version=2012-11-05") }));
    expect(answer.headers["content-type"]).toBe("text/xml;charset=UTF-8");
    expect(answer.body).toContain("<QueueUrl>http://127.0.0.1/000000000000/urgent</QueueUrl>");
  });

  it("keeps the version of JSON that the client chose", async () => {
    const { router } = everything();
    const contentType = "application/x-amz-json-1.0";
    const headers = {
      authorization: signedFor("sqs"),
      "content-type": contentType,
      "x-amz-target": "AmazonSQS.ListQueues",
    };
    const answer = await router.route(request({ headers, body: bytes("{}") }));
    expect(answer.headers["content-type"]).toBe(contentType);
  });

  it("may be compressed, as large PutMetricData requests are", async () => {
    const { router, metrics } = everything();
    const headers = {
      authorization: signedFor("monitoring"),
      "content-encoding": "gzip",
      "x-amz-target": "GraniteServiceVersion20100801.PutMetricData",
    };
    const MetricData = [{ MetricName: "Nodes", Value: 3 }];
    const body = gzipSync(JSON.stringify({ Namespace: "Warden", MetricData }));
    expect((await router.route(request({ headers, body }))).statusCode).toBe(200);
    expect(metrics).toEqual([MetricData]);
  });
});

describe("a request that cannot be understood", () => {
  it("names the action that the service does not have", async () => {
    const { router } = everything();
    const headers = { authorization: signedFor("sts"), "content-type": form };
    const answer = await router.route(request({ headers, body: bytes("Action=GetRich&Version=2011-06-15") }));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain("<Code>InvalidAction</Code><Message>The action GetRich is not valid");
  });

  it("is refused in XML when it was a form", async () => {
    const { router } = everything();
    const headers = { authorization: signedFor("rds"), "content-type": form };
    const answer = await router.route(
      request({ headers, body: bytes("Action=DescribeDBInstances&Version=2014-10-31") }),
    );
    expect(answer.statusCode).toBe(501);
    expect(answer.body).toContain("<Code>NotImplemented</Code><Message>The service rds is not modelled here");
  });

  it("is no defect when its compression or its path is broken", async () => {
    const { router, defects } = everything();
    const target = { authorization: signedFor("sqs"), "x-amz-target": "AmazonSQS.ListQueues" };
    const broken = [
      request({ headers: { ...target, "content-encoding": "gzip" }, body: bytes("not gzip") }),
      request({ headers: { authorization: signedFor("lambda") }, path: "/2015-03-31/functions/%E0%A4%A/invocations" }),
    ];
    const answers = await Promise.all(broken.map((one) => router.route(one)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 400]);
    expect(defects).toEqual([]);
  });

  it("is a SerializationException when its JSON is broken, and no defect", async () => {
    const { router, defects } = everything();
    const headers = { authorization: signedFor("sqs"), "x-amz-target": "AmazonSQS.ListQueues" };
    const answer = await router.route(request({ headers, body: bytes("{") }));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain("SerializationException");
    expect(defects).toEqual([]);
  });
});
