/** Real SDK clients that reach the router without a socket: over the same bytes, or, for simulations, without any. */
import { Readable } from "node:stream";
import { HttpResponse } from "@smithy/core/protocols";
import { type Credentials, userCredentials } from "./identity.ts";
import type { WireRequest } from "./message.ts";
import { bytesOf } from "./protocols/rest-bindings.ts";
import type { Router } from "./router.ts";

export interface Caller {
  /** Whose call it is; the account's user without. For a role: `sessions.issue(…)`. */
  readonly credentials?: Credentials;
  /** What the SDK sends along by itself where it runs inside a Lambda function: see `Call`. */
  readonly traceHeader?: () => string | undefined;
  /** 1 unless given: the SDK waits for its retries in real time, whatever the region's clock says. */
  readonly maxAttempts?: number;
}

/** Configuration for any client: `new SQSClient(clientConfig(router))`. */
export function clientConfig(router: Router, caller: Caller = {}) {
  return {
    region: router.region,
    credentials: caller.credentials ?? userCredentials,
    maxAttempts: caller.maxAttempts ?? 1,
    endpoint: "http://127.0.0.1",
    requestHandler: inProcessHandler(router, caller.traceHeader),
    /** Some operations put a word before the host name. */
    disableHostPrefix: true,
    /** SQS would call the host in the queue's URL, S3 the bucket's. */
    useQueueUrlAsEndpoint: false,
    forcePathStyle: true,
    /** Large requests are compressed on other threads, whose time no virtual clock knows. */
    disableRequestCompression: true,
    ...askingNobody(),
  };
}

/**
 * Whatever of a client's settings is not given, the SDK looks up in the environment and in `~/.aws`: files of an account
 * that the embedded AWS has no business with, and that may hang or be broken.
 */
const askingNobody = () => ({
  accountIdEndpointMode: "disabled" as const,
  authSchemePreference: [],
  defaultsMode: "standard" as const,
  disableClockSkewCorrection: true,
  disableS3ExpressSessionAuth: true,
  endpointDiscoveryEnabled: false,
  requestChecksumCalculation: "WHEN_SUPPORTED" as const,
  requestMinCompressionSizeBytes: 10_240,
  responseChecksumValidation: "WHEN_SUPPORTED" as const,
  retryMode: "standard",
  sigv4aSigningRegionSet: [],
  useArnRegion: false,
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: "embedded",
});

/** What the SDK hands to its request handler, as far as it is needed here. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

function inProcessHandler(router: Router, traceHeader: Caller["traceHeader"]) {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: SdkRequest, { abortSignal }: { readonly abortSignal?: unknown } = {}) {
      const sent = await wireRequest(request, { "x-amzn-trace-id": traceHeader?.() });
      const answer = router.route(sent);
      const { statusCode, headers, body, streams } = await Promise.race([answer, ...abortionOf(abortSignal)]);
      const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
      // Reading a stream takes the SDK about as long as all the rest, so only what has to be one is one.
      const readable = streams ? Readable.from([bytes]) : bytes;
      return { response: new HttpResponse({ statusCode, headers: { ...headers }, body: readable }) };
    },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** Rejects when the caller loses patience, as a connection that is closed would. */
function abortionOf(signal: unknown): Promise<never>[] {
  if (!(signal instanceof AbortSignal)) return [];
  const aborted = (): Error => Object.assign(new Error("Request aborted"), { name: "AbortError" });
  if (signal.aborted) return [Promise.reject(aborted())];
  return [new Promise((_, reject) => signal.addEventListener("abort", () => reject(aborted()), { once: true }))];
}

async function wireRequest(
  { method, path, query, headers, body }: SdkRequest,
  added: WireRequest["headers"],
): Promise<WireRequest> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) parameters.append(name, one);
  }
  return {
    method,
    path,
    query: parameters,
    headers: {
      ...added,
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    },
    body: body === undefined || body === null ? new Uint8Array() : await bytesOf(body),
  };
}
