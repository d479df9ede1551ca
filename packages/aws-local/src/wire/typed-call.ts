/**
 * A call without bytes: the input object goes to the operation as it is. For simulations, where reading and writing
 * would take most of the time. Everything else that a call passes, it passes here too.
 */
import type { Endpoint } from "./endpoint.ts";
import type { Gate } from "./gate.ts";
import type { Credentials } from "./identity.ts";
import { withPayloadBytes, withReadablePayload } from "./typed-payload.ts";

export type TypedCall = (call: {
  /** `AutoScalingClient` */
  readonly clientName: string;
  readonly operation: string;
  readonly input: object;
  readonly credentials: Credentials;
  readonly traceHeader: string | undefined;
}) => Promise<{ readonly output: object; readonly requestId: string }>;

export function createTypedCall(endpoints: readonly Endpoint[], pass: Gate): TypedCall {
  const byClient = new Map(endpoints.map((endpoint) => [endpoint.model.clientName, endpoint]));

  return async function call({ clientName, operation, input, credentials, traceHeader }) {
    const endpoint = byClient.get(clientName);
    if (endpoint === undefined) throw new Error(`no embedded service belongs to ${clientName}`);
    const { model } = endpoint;
    const outcome = await pass<{ output: object; requestId: string } | { exception: Error }>({
      endpoint,
      operation: model.operation(operation),
      operationName: operation,
      accessKeyId: credentials.accessKeyId,
      sessionToken: credentials.sessionToken,
      traceHeader,
      malformed: "SerializationException",
      unknown: "UnknownOperationException",
      read: (found) => withPayloadBytes(found, input),
      answer: async (found, output, requestId) => ({ output: await withReadablePayload(found, output), requestId }),
      refuse: ({ code, message, fault, status, modelled }, requestId) => ({
        exception: model.exception(code, {
          ...modelled?.value,
          message,
          $fault: fault,
          $metadata: { httpStatusCode: status, requestId },
        }),
      }),
    });
    if ("exception" in outcome) throw outcome.exception;
    return outcome;
  };
}
