/** A visitor's browser: one connection that is kept alive, and the cookies of one session. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { type Duplex, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import type { Answer, Asked } from "./visit.ts";

export interface LoadTarget {
  /** The host's name in the site's address: what the certificate must be for. */
  readonly name: string;
  /** The certificate authority's own certificate, as PEM. */
  readonly ca: string;
  /** A raw connection to the load balancer. */
  connect(): Duplex;
}

export interface Client {
  ask(asked: Asked): Promise<Answer | Unanswered>;
  close(): void;
}

export const unanswereds = ["connection", "time-out"] as const;
type Unanswered = (typeof unanswereds)[number];

/** Milliseconds, as browsers and load balancers have it; besides the time that a slow transfer takes. */
const patience = 60_000;

export function client(target: LoadTarget, signal: AbortSignal): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => connect({ socket: target.connect(), servername: target.name, ca: target.ca });
  const cookies = new Map<string, string>();

  async function ask(asked: Asked): Promise<Answer | Unanswered> {
    const { method = "GET", path, body, slow } = asked;
    const headers = {
      Host: target.name,
      ...asked.headers,
      ...(cookies.size > 0 && { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") }),
      ...(body && { "Content-Length": String(body.byteLength) }),
    };
    const sent = request({ host: target.name, agent, method, path, headers, signal });
    let isTimeOut = false;
    const most = patience + (slow ? (slow.bytes / slow.bytesPerSecond) * 1000 : 0);
    const timer = setTimeout(() => {
      isTimeOut = true;
      sent.destroy(new Error("no answer in time"));
    }, most);
    const answered = once(sent, "response");
    // After the answer has begun a failure shows there.
    sent.on("error", () => {});
    try {
      send(body ?? Buffer.alloc(0), body && slow?.bytesPerSecond).pipe(sent);
      const [answer]: IncomingMessage[] = await answered;
      if (answer === undefined) return "connection";
      const machine = keepCookies(answer, cookies);
      return { ...(await read(answer, body ? undefined : slow?.bytesPerSecond)), ...(machine && { machine }) };
    } catch {
      return isTimeOut ? "time-out" : "connection";
    } finally {
      clearTimeout(timer);
    }
  }

  return { ask, close: () => agent.destroy() };
}

const send = (body: Uint8Array, bytesPerSecond: number | undefined): Readable =>
  Readable.from(paced(slices(body), bytesPerSecond));

async function read(answer: IncomingMessage, bytesPerSecond: number | undefined): Promise<Answer> {
  const digest = createHash("sha256");
  let bytes = 0;
  let text = "";
  // One that is cut is an error here.
  for await (const chunk of paced(answer, bytesPerSecond)) {
    digest.update(chunk);
    bytes += chunk.byteLength;
    if (text.length < mostOfText) text += Buffer.from(chunk).toString("latin1");
  }
  const { statusCode: status = 0, headers } = answer;
  return { status, location: headers.location ?? "", text, bytes, digest: digest.digest("hex") };
}

const mostOfText = 300_000;

function* slices(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += sliceSize) yield body.subarray(at, at + sliceSize);
}

const sliceSize = 16_384;

/** Hands on what comes, no faster than this. What was late is not caught up on for longer than it takes. */
async function* paced(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  bytesPerSecond = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  const began = performance.now();
  let bytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.byteLength;
    const early = (bytes / bytesPerSecond) * 1000 - (performance.now() - began);
    if (early > 1) await sleep(early);
  }
}

/** @returns what the answer's own cookie says of the machine that it comes from */
function keepCookies({ headers }: IncomingMessage, cookies: Map<string, string>): string | undefined {
  for (const each of headers["set-cookie"] ?? []) {
    const [, name = "", value = "", rest = ""] = /^([^=;]+)=([^;]*)(.*)$/s.exec(each) ?? [];
    if (value === "" || value === "deleted" || /;\s*max-age=0\b/i.test(rest)) cookies.delete(name);
    else cookies.set(name, value);
  }
  const machine = cookies.get("Machine");
  cookies.delete("Machine");
  return machine;
}
