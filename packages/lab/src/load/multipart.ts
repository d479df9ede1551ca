/** A form with a file in it, as browsers send it (RFC 7578): in one piece, so that it can be sent at any pace. */
import type { Asked } from "./visit.ts";

export function multipartOf(
  fields: Readonly<Record<string, string>>,
  field: string,
  { name, body }: { readonly name: string; readonly body: Uint8Array },
): Pick<Asked, "method" | "headers" | "body"> {
  const part = (disposition: string, text = ""): string =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${text}`;
  const texts = Object.entries(fields).map(([key, value]) => part(`name="${key}"`, `\r\n${value}\r\n`));
  const type = "Content-Type: application/octet-stream\r\n\r\n";
  const before = texts.join("") + part(`name="${field}"; filename="${name}"`, type);
  return {
    method: "POST",
    headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(before), body, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

/** Nothing that is sent has it: files are as good as random. */
const boundary = "warden-visitor-1f0c8a5e7d3b4926";
