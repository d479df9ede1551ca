/** restXml: S3, with buckets in the path. */
import { xmlDeclaration, xmlDocuments } from "../codecs.ts";
import type { Conversation, Failure, WireRequest } from "../message.ts";
import type { ServiceModel } from "../schema.ts";
import { withoutChunks } from "./aws-chunked.ts";
import { escapeXml } from "./query.ts";
import { decodeBindings, encodeBindings } from "./rest-bindings.ts";
import type { RestMatch } from "./rest-routes.ts";

export function restXmlConversation(
  service: ServiceModel,
  match: RestMatch | undefined,
  request: WireRequest,
): Conversation {
  const codec = xmlDocuments(service.xmlNamespace, service.namespace);
  const withoutBody = request.method === "HEAD";
  return {
    operation: match?.operation,
    operationName: match?.operation.name ?? `${request.method} ${request.path}`,
    malformed: "MalformedXML",
    unknown: "MethodNotAllowed",
    decode: () => (match === undefined ? {} : decodeBindings(codec, match, withoutChunks(request))),
    async encode(operation, output, requestId) {
      const response = await encodeBindings(codec, operation, output, { "x-amz-request-id": requestId });
      // Part of an object answers 206 (S3 API reference, GetObject), for which the model has no member.
      return "ContentRange" in output && output.ContentRange !== undefined
        ? { ...response, statusCode: 206 }
        : response;
    },
    encodeError: (failure, requestId) => ({
      statusCode: failure.status,
      headers: { "content-type": codec.contentType, "x-amz-request-id": requestId },
      body: withoutBody ? "" : errorDocument(failure, requestId),
    }),
  };
}

function errorDocument({ code, message, modelled }: Failure, requestId: string): string {
  const others = Object.entries(modelled?.value ?? {}).filter(
    ([name, value]) => name.toLowerCase() !== "message" && value !== undefined,
  );
  const elements = others.map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join("");
  const error = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>${elements}`;
  return `${xmlDeclaration}<Error>${error}<RequestId>${requestId}</RequestId></Error>`;
}
