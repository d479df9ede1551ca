/** awsJson1_0 and awsJson1_1: DynamoDB, SQS, CloudWatch; SSM, EventBridge, Secrets Manager. */
import { json, utf8 } from "../codecs.ts";
import type { Conversation, Failure, WireRequest } from "../message.ts";
import type { ServiceModel } from "../schema.ts";

export function jsonConversation(service: ServiceModel, request: WireRequest): Conversation {
  const operationName = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  const contentType = request.headers["content-type"] ?? "application/x-amz-json-1.1";
  const headers = (requestId: string) => ({ "content-type": contentType, "x-amzn-requestid": requestId });
  return {
    operation: service.operation(operationName),
    operationName,
    malformed: "SerializationException",
    unknown: "UnknownOperationException",
    decode: ({ input }) => (input.isUnitSchema() || request.body.length === 0 ? {} : json.read(input, request.body)),
    encode: ({ output: shape }, output, requestId) => ({
      statusCode: 200,
      headers: headers(requestId),
      body: shape.isUnitSchema() ? "{}" : json.write(shape, output),
    }),
    encodeError: (failure, requestId) => ({
      statusCode: failure.status,
      headers: { ...headers(requestId), ...(service.queryCompatible ? queryErrorHeader(failure) : {}) },
      body: JSON.stringify({ __type: typeOf(failure), ...members(failure), message: failure.message }),
    }),
  };
}

/** Tells clients that were written for query which error it would have been. */
export function queryErrorHeader({ queryCode, fault }: Failure): Record<string, string> {
  return { "x-amzn-query-error": `${queryCode};${fault === "client" ? "Sender" : "Receiver"}` };
}

export const typeOf = ({ code, modelled }: Failure): string =>
  modelled === undefined ? code : `${modelled.namespace}#${code}`;

function members({ modelled }: Failure): object {
  if (modelled === undefined) return {};
  const written: unknown = JSON.parse(text(json.write(modelled.shape, modelled.value)));
  return typeof written === "object" && written !== null ? written : {};
}

const text = (body: Uint8Array | string): string => (typeof body === "string" ? body : utf8(body));
