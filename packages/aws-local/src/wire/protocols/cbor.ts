/** Smithy's rpcv2Cbor: newer clients may speak it to CloudWatch. */
import { cborBody } from "../codecs.ts";
import type { Conversation, Failure, WireRequest } from "../message.ts";
import type { ServiceModel } from "../schema.ts";
import { queryErrorHeader, typeOf } from "./json.ts";

/** `/service/GraniteServiceVersion20100801/operation/PutMetricData` */
const path = /^\/service\/([^/]+)\/operation\/([^/]+)$/;

export function cborTarget(request: WireRequest): { service: string; operation: string } | undefined {
  if (request.headers["smithy-protocol"] !== "rpc-v2-cbor") return undefined;
  const [, service, operation] = path.exec(request.path) ?? [];
  return service === undefined || operation === undefined ? undefined : { service, operation };
}

export function cborConversation(service: ServiceModel, request: WireRequest): Conversation {
  const operationName = cborTarget(request)?.operation ?? "";
  return {
    operation: service.operation(operationName),
    operationName,
    malformed: "SerializationException",
    unknown: "UnknownOperationException",
    decode: ({ input }) =>
      input.isUnitSchema() || request.body.length === 0 ? {} : cborBody.read(input, request.body),
    encode: ({ output: shape }, output, requestId) => ({
      statusCode: 200,
      headers: headers(requestId),
      body: shape.isUnitSchema() ? cborBody.plain({}) : cborBody.write(shape, output),
    }),
    encodeError: (failure, requestId) => ({
      statusCode: failure.status,
      headers: { ...headers(requestId), ...(service.queryCompatible ? queryErrorHeader(failure) : {}) },
      body: cborBody.plain({ __type: typeOf(failure), ...members(failure), message: failure.message }),
    }),
  };
}

function headers(requestId: string): Record<string, string> {
  return { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", "x-amzn-requestid": requestId };
}

function members({ modelled }: Failure): object {
  if (modelled === undefined) return {};
  const written = cborBody.write(modelled.shape, modelled.value);
  const parsed = typeof written === "string" ? {} : cborBody.parse(written);
  return typeof parsed === "object" && parsed !== null ? parsed : {};
}
