/** A request and a response, free of any transport, and what every protocol has to know to read one and write the other. */
import type { OperationModel } from "./schema.ts";

export interface WireRequest {
  readonly method: string;
  /** As it was sent: percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface WireResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** The client expects to read the body as a stream, as of S3's GetObject. */
  readonly streams?: boolean;
}

/** An error on its way out, spelled as the service spells it. */
export interface Failure {
  /** `ResourceInUse` in query, the shape's name elsewhere. */
  readonly code: string;
  /** The name that query-compatible services still send beside the new one. */
  readonly queryCode: string;
  readonly message: string;
  readonly fault: "client" | "server";
  readonly status: number;
  readonly queryStatus: number;
  /** Namespace and members of a modelled error. */
  readonly modelled:
    | { readonly namespace: string; readonly shape: OperationModel["input"]; readonly value: object }
    | undefined;
}

/** One way of writing calls on HTTP, bound to one request. */
export interface Conversation {
  /** Undefined when the service has no such operation. */
  readonly operation: OperationModel | undefined;
  /** What the caller asked for, for the message when there is none. */
  readonly operationName: string;
  /** The code for a body that cannot be read. */
  readonly malformed: string;
  /** The code for an operation that does not exist. */
  readonly unknown: string;
  decode(operation: OperationModel): unknown;
  encode(operation: OperationModel, output: object, requestId: string): WireResponse | Promise<WireResponse>;
  encodeError(failure: Failure, requestId: string): WireResponse;
}
