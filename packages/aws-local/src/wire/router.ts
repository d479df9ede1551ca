/**
 * One address for all embedded services: finds out which service and operation a request means, in which protocol, and
 * answers it. Knows nothing of sockets.
 */
import { gunzipSync } from "node:zlib";
import type { EmbeddedService } from "../service.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import { createGate, type GateOptions } from "./gate.ts";
import type { Conversation, WireRequest, WireResponse } from "./message.ts";
import { cborConversation, cborTarget } from "./protocols/cbor.ts";
import { jsonConversation } from "./protocols/json.ts";
import { escapeXml, formOf, queryConversation } from "./protocols/query.ts";
import { restJsonConversation } from "./protocols/rest-json.ts";
import { matchRoute } from "./protocols/rest-routes.ts";
import { restXmlConversation } from "./protocols/rest-xml.ts";
import { createTypedCall, type TypedCall } from "./typed-call.ts";

export interface RouterOptions extends GateOptions {
  readonly services: readonly EmbeddedService[];
  readonly region: string;
}

export interface Router {
  readonly region: string;
  /** Milliseconds since the epoch, in the region's time. */
  now(): number;
  /** Never rejects: what goes wrong is a response. */
  route(request: WireRequest): Promise<WireResponse>;
  /** The same call without bytes: see `typedTransport`. */
  readonly call: TypedCall;
}

export function createRouter({ services, region, ...options }: RouterOptions): Router {
  const endpoints = services.map(endpointOf);
  const pass = createGate(options);

  async function route(sent: WireRequest): Promise<WireResponse> {
    try {
      return await answer(decompressed(sent));
    } catch (error) {
      options.onDefect(error);
      return plainRefusal(sent, 500, "InternalFailure", "The embedded AWS has a defect");
    }
  }

  async function answer(request: WireRequest): Promise<WireResponse> {
    const signature = signatureOf(request);
    const found = find(request, signature?.service);
    if (found === undefined) return nobodyThere(request, signature?.service);
    const { endpoint, conversation } = found;
    return pass<WireResponse>({
      endpoint,
      ...conversation,
      accessKeyId: signature?.accessKeyId,
      sessionToken: request.headers["x-amz-security-token"] ?? request.query.get("X-Amz-Security-Token") ?? undefined,
      traceHeader: request.headers["x-amzn-trace-id"],
      read: conversation.decode,
      answer: conversation.encode,
      refuse: conversation.encodeError,
    });
  }

  /** The signature names the service; without one, its target, version or path has to. */
  function find(
    request: WireRequest,
    signedFor: string | undefined,
  ): { endpoint: Endpoint; conversation: Conversation } | undefined {
    const signed = signedFor !== undefined;
    for (const endpoint of signed ? endpoints.filter(({ model }) => model.signingName === signedFor) : endpoints) {
      const conversation = conversationWith(endpoint, request, signed);
      if (conversation !== undefined) return { endpoint, conversation };
    }
    return undefined;
  }

  return { region, now: () => options.clock.now(), route, call: createTypedCall(endpoints, pass) };
}

/** How this request speaks to this service; undefined when it is not for it. `signed`: it says that it is. */
function conversationWith(endpoint: Endpoint, request: WireRequest, signed: boolean): Conversation | undefined {
  const { model } = endpoint;
  const cbor = cborTarget(request);
  if (cbor !== undefined) {
    return signed || cbor.service === model.targetPrefix ? cborConversation(model, request) : undefined;
  }
  const target = request.headers["x-amz-target"];
  if (target !== undefined) {
    return signed || target.startsWith(`${model.targetPrefix}.`) ? jsonConversation(model, request) : undefined;
  }
  if (speaksQuery(endpoint)) {
    const form = formOf(request);
    return form.has("Action") && (signed || form.get("Version") === model.version)
      ? queryConversation(model, request)
      : undefined;
  }
  if (!model.protocol.startsWith("rest")) return undefined;
  const match = matchRoute(endpoint.routes(), request);
  if (match === undefined && !signed) return undefined;
  return model.protocol === "restJson1"
    ? restJsonConversation(match, request)
    : restXmlConversation(model, match, request);
}

const speaksQuery = ({ model }: Endpoint): boolean =>
  model.protocol === "awsQuery" || model.protocol === "ec2Query" || model.queryCompatible;

interface Signature {
  readonly accessKeyId: string;
  readonly service: string;
}

/** From the credential scope, `KEY/20260102/eu-west-1/autoscaling/aws4_request`; in the query of a presigned URL. */
function signatureOf({ headers, query }: WireRequest): Signature | undefined {
  const authorization = headers["authorization"] ?? "";
  const credential = /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? query.get("X-Amz-Credential");
  const [accessKeyId, , ...scope] = credential?.split("/") ?? [];
  // The asymmetric signature of SigV4a leaves the Region out of the scope.
  const service = scope.at(-2);
  return accessKeyId === undefined || service === undefined ? undefined : { accessKeyId, service };
}

/** The SDKs compress large PutMetricData requests. */
function decompressed(request: WireRequest): WireRequest {
  if (request.headers["content-encoding"] !== "gzip") return request;
  // Objects of S3 may be stored compressed: there the header describes the object, not the request.
  if (signatureOf(request)?.service === "s3") return request;
  try {
    return { ...request, body: gunzipSync(request.body) };
  } catch {
    // Not compressed after all: the protocol will say that it cannot be read.
    return request;
  }
}

/** No embedded service takes this request. */
function nobodyThere(request: WireRequest, service: string | undefined): WireResponse {
  if (service === undefined) {
    const message = `Nothing in ${request.method} ${request.path} names a service of AWS`;
    return plainRefusal(request, 403, "MissingAuthenticationToken", message);
  }
  const message = `The service ${service} is not modelled here, or does not take such a request`;
  return plainRefusal(request, 501, "NotImplemented", message);
}

/** A refusal without knowing the service: in XML for those who wrote a form, else in JSON. */
function plainRefusal({ headers }: WireRequest, statusCode: number, code: string, message: string): WireResponse {
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
    return { statusCode, headers: { "content-type": "text/xml" }, body: `<ErrorResponse>${error}</ErrorResponse>` };
  }
  const body = JSON.stringify({ __type: code, message });
  return { statusCode, headers: { "content-type": "application/json", "x-amzn-errortype": code }, body };
}
