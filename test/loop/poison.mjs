/**
 * Loaded into a function's process before its code: whoever reads the record of the poisonous instance dies on
 * the spot, as of a fault that no handler can catch. The file named by `?file=` holds the instance's id, once there is one.
 */
import { readFileSync } from "node:fs";
import { ClientRequest } from "node:http";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL(import.meta.url).searchParams.get("file") ?? "");

for (const method of ["write", "end"]) {
  const original = ClientRequest.prototype[method];
  ClientRequest.prototype[method] = function poisoned(chunk, ...rest) {
    const poison = readFileSync(file, "utf8");
    const text = typeof chunk === "string" || chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : "";
    if (poison !== "" && text.includes('"Keys"') && text.includes(`node#${poison}`))
      process.kill(process.pid, "SIGKILL");
    return original.call(this, chunk, ...rest);
  };
}
