/**
 * `Content-Encoding: aws-chunked`: an object cut into chunks, with its checksum in a trailer ("Transferring Payload in
 * Multiple Chunks", Amazon S3 API Reference). The SDKs send streams that way.
 */
import type { WireRequest } from "../message.ts";

/** The request as if it had been sent in one piece, the trailers among the headers. */
export function withoutChunks(request: WireRequest): WireRequest {
  const encodings = (request.headers["content-encoding"] ?? "").split(",").map((encoding) => encoding.trim());
  const streamed = request.headers["x-amz-content-sha256"]?.startsWith("STREAMING-") ?? false;
  if (!encodings.includes("aws-chunked") && !streamed) return request;
  const { body, trailers } = parseChunks(request.body);
  const remaining = encodings.filter((encoding) => encoding !== "" && encoding !== "aws-chunked").join(",");
  const headers = {
    ...request.headers,
    "content-encoding": remaining === "" ? undefined : remaining,
    "content-length": String(body.length),
    ...trailers,
  };
  return { ...request, headers, body };
}

function parseChunks(chunked: Uint8Array): { body: Uint8Array; trailers: Record<string, string> } {
  const bytes = Buffer.from(chunked.buffer, chunked.byteOffset, chunked.byteLength);
  const pieces: Uint8Array[] = [];
  let position = 0;
  for (;;) {
    const end = bytes.indexOf("\r\n", position);
    if (end < 0) throw new SyntaxError("a chunk without a size");
    // A size in hexadecimal, and perhaps `;chunk-signature=…`
    const size = Number.parseInt(bytes.toString("latin1", position, end), 16);
    if (Number.isNaN(size)) throw new SyntaxError("a chunk without a size");
    const start = end + 2;
    if (size === 0) return { body: Buffer.concat(pieces), trailers: parseTrailers(bytes.toString("latin1", start)) };
    pieces.push(bytes.subarray(start, start + size));
    position = start + size + 2;
  }
}

function parseTrailers(text: string): Record<string, string> {
  const lines = text.split("\r\n").filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
