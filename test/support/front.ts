/** What stands for the load balancer: it ends TLS and asks the nodes in turn, and a test may interfere. */
import { createReadStream, readFileSync } from "node:fs";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { makeCertificate } from "@warden/lab/certificate";
import type { LoadTarget } from "@warden/lab/load/client";
import { freePort } from "@warden/lab/processes";

export interface Front {
  readonly target: LoadTarget;
  /** From now on this is asked first; what it does with a request, no node sees. */
  interfere(way: Interference | undefined): void;
  end(): void;
}

/** @returns whether it took the request */
export type Interference = (request: IncomingMessage, answer: ServerResponse) => boolean;

/**
 * It does not wait for the whole of a body before it asks a node.
 *
 * @param fileOf a file that a node without nginx leaves to the web server, by the address that it has inside
 */
export async function startFront(
  folder: string,
  host: string,
  nodes: readonly number[],
  fileOf?: (inside: string) => string,
): Promise<Front> {
  const [certificate, key] = [join(folder, "front.pem"), join(folder, "front-key.pem")];
  makeCertificate({ certificate, key }, [`DNS:${host}`]);
  const ca = readFileSync(certificate, "utf8");
  let interference: Interference | undefined;
  let turn = 0;
  const server = createServer({ key: readFileSync(key), cert: ca }, (incoming, outgoing) => {
    if (interference?.(incoming, outgoing)) return;
    turn += 1;
    const { method, url: path } = incoming;
    const headers = { ...incoming.headers, ...passedOnFor(host) };
    const sent = request({ host: "127.0.0.1", port: nodes[turn % nodes.length], method, path, headers, agent: false });
    sent.on("response", (answer) => {
      const inside = answer.headers["x-accel-redirect"];
      if (fileOf !== undefined && typeof inside === "string") {
        answer.resume();
        createReadStream(fileOf(inside))
          .on("error", () => outgoing.destroy())
          .pipe(outgoing);
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
    });
    sent.on("error", () => outgoing.destroy());
    incoming.pipe(sent);
    incoming.on("error", () => sent.destroy());
  });
  const port = await freePort();
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  return {
    target: { name: host, ca, connect: () => connect(port, "127.0.0.1") },
    interfere(way) {
      interference = way;
    },
    end() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What the load balancer tells a node of a request. */
export const passedOnFor = (host: string) => ({
  host,
  "x-forwarded-proto": "https",
  "x-forwarded-for": "203.0.113.7",
});
