/** The router behind a port of this machine. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { WireRequest } from "./message.ts";
import type { Router } from "./router.ts";

/** Loopback only: there are no passwords here. */
const host = "127.0.0.1";

export interface ListeningRouter {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly port: number;
  /** Ends open connections and frees the port. */
  close(): Promise<void>;
}

/** Rejects with Node's own error (`EADDRINUSE`) where the port is taken. Port 0 picks a free one. */
export async function listen(router: Router, options: { readonly port: number }): Promise<ListeningRouter> {
  const server = createServer((incoming, outgoing) => {
    serve(router, incoming, outgoing).catch((error: unknown) => outgoing.destroy(toError(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  return {
    endpoint: `http://${host}:${port}`,
    port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

async function serve(router: Router, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { statusCode, headers, body } = await router.route(await requestOf(incoming));
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  // What a HEAD of S3 says of an object's length is one of its answers.
  const length = incoming.method === "HEAD" ? {} : { "content-length": bytes.length };
  // SDKs take the time of a service from here, and this region's time may pass faster than the machine's.
  const date = new Date(router.now()).toUTCString();
  outgoing.writeHead(statusCode, { date, ...headers, ...length });
  outgoing.end(bytes);
}

async function requestOf(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  // Split by hand: `URL` would fold `a/../b`, which is a legal key of S3.
  const [path = "/", ...query] = (incoming.url ?? "/").split("?");
  return {
    method: incoming.method ?? "GET",
    path,
    query: new URLSearchParams(query.join("?")),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
    ),
    body: Buffer.concat(chunks),
  };
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
