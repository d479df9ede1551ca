/** A client that sends what it is told to, byte by byte, and tells what came back. */
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";

export interface How {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Another address of loopback than 127.0.0.1, as of somebody else. */
  readonly from?: string;
  /** Milliseconds of silence after which the client goes without its answer. */
  readonly hangUpAfter?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The path goes out as it is written: `fetch` would tidy it up. */
export function asked(
  port: number,
  path: string,
  { method, headers, body, from, hangUpAfter = 20_000 }: How,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path, method, headers, localAddress: from ?? "127.0.0.1", agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    sent.on("error", reject);
    sent.setTimeout(hangUpAfter, () => sent.destroy(new Error(`no answer to ${path}: the client went`)));
    sent.end(body);
  });
}

export function askedRaw(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("error", reject);
    socket.once("data", (beginning: Buffer) => {
      resolve(beginning.toString("latin1"));
      socket.destroy();
    });
    socket.on("close", () => reject(new Error("closed without an answer")));
  });
}
