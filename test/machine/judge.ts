/** A server that keeps requests as they came, and says whether their signatures are what AWS would compute. */
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";

export interface Judge {
  readonly port: number;
  readonly requests: readonly Received[];
  end(): void;
}

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export async function judge(): Promise<Judge> {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    let body = "";
    for await (const chunk of request) body += String(chunk);
    requests.push({ method, url, headers, body });
    response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a server that listens has an address");
  return { port: address.port, requests, end: () => void server.close() };
}

/**
 * The signature as the IAM guide computes it ("Create a signed AWS API request"), over what was received and the headers
 * that the request says it signed.
 */
export function signatureOf({ method, url, headers, body }: Received, secret: string): string {
  const authorization = headers.authorization ?? "";
  const [, scope = "", signed = ""] = /Credential=[^/]+\/([^,]+), *SignedHeaders=([^,]+)/.exec(authorization) ?? [];
  const payload = headers["x-amz-content-sha256"] ?? sha256(body);
  const canonicalHeaders = signed.split(";").map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url.split("?")[0], url.split("?")[1] ?? "", canonicalHeaders.join(""), signed, payload];
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical.join("\n"))].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((with_, part) => hmac(with_, part), `AWS4${secret}`);
  return hmac(key, text).toString("hex");
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
