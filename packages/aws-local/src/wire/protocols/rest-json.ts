/** restJson1: Lambda. */
import { restJson, utf8 } from "../codecs.ts";
import type { Conversation, Failure, WireRequest } from "../message.ts";
import { decodeBindings, encodeBindings } from "./rest-bindings.ts";
import type { RestMatch } from "./rest-routes.ts";

export function restJsonConversation(match: RestMatch | undefined, request: WireRequest): Conversation {
  return {
    operation: match?.operation,
    operationName: match?.operation.name ?? `${request.method} ${request.path}`,
    malformed: "InvalidRequestContentException",
    unknown: "UnknownOperationException",
    decode: () => (match === undefined ? {} : decodeBindings(restJson, match, request)),
    encode: (operation, output, requestId) =>
      encodeBindings(restJson, operation, output, { "x-amzn-requestid": requestId }),
    encodeError: (failure, requestId) => ({
      statusCode: failure.status,
      headers: {
        "content-type": restJson.contentType,
        "x-amzn-requestid": requestId,
        "x-amzn-errortype": failure.code,
      },
      // Some exceptions call it `Message`, some `message`; each client reads its own.
      body: JSON.stringify({ ...members(failure), message: failure.message, Message: failure.message }),
    }),
  };
}

function members({ modelled }: Failure): object {
  if (modelled === undefined) return {};
  const body = restJson.write(modelled.shape, modelled.value);
  const written: unknown = JSON.parse(typeof body === "string" ? body : utf8(body));
  return typeof written === "object" && written !== null ? written : {};
}
