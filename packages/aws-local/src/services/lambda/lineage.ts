/**
 * The trace header and its `Lineage`: by it Lambda counts how often one chain of messages has come through a function,
 * and stops the chain (Lambda developer guide, recursive loop detection: "more than 16 times").
 *
 * The header of a chain looks like `Root=1-…;Parent=…;Sampled=0;Lineage=061379e8:3|cbc84ad3:0`: for each function eight digits and how
 * often it was entered again.
 */
import { createHash } from "node:crypto";
import type { Random } from "../../random.ts";

const mostInvocations = 16;

/** The header for an invocation of that function caused by a message or call with header `incoming`. */
export function enter(
  incoming: string | undefined,
  functionArn: string,
  given: { now: number; random: Random },
): { header: string; isLoop: boolean } {
  const parts = partsOf(incoming);
  const lineage = lineageOf(parts.get("Lineage"));
  const key = keyOf(functionArn);
  const earlier = lineage.get(key);
  const count = earlier === undefined ? 0 : earlier + 1;
  lineage.set(key, count);
  const root = parts.get("Root") ?? `1-${Math.floor(given.now / 1000).toString(16)}-${given.random.hex(24)}`;
  const text = [...lineage].map(([hash, times]) => `${hash}:${times}`).join("|");
  return {
    header: `Root=${root};Parent=${given.random.hex(16)};Sampled=${parts.get("Sampled") ?? "0"};Lineage=${text}`,
    isLoop: count >= mostInvocations,
  };
}

/** Of several messages in a batch, the one whose chain came through this function most often. */
export function longestChain(headers: readonly (string | undefined)[], functionArn: string): string | undefined {
  const key = keyOf(functionArn);
  let longest: { header: string; count: number } | undefined;
  for (const header of headers) {
    if (header === undefined) continue;
    const count = lineageOf(partsOf(header).get("Lineage")).get(key) ?? -1;
    if (longest === undefined || count > longest.count) longest = { header, count };
  }
  return longest?.header;
}

function partsOf(header: string | undefined): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of header?.split(";") ?? []) {
    const [name, value] = part.split("=");
    if (name !== undefined && value !== undefined) parts.set(name.trim(), value);
  }
  return parts;
}

function lineageOf(text: string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of text?.split("|") ?? []) {
    const [hash, count] = entry.split(":");
    if (hash !== undefined && count !== undefined && Number.isInteger(Number(count))) counts.set(hash, Number(count));
  }
  return counts;
}

const keyOf = (functionArn: string): string => createHash("sha256").update(functionArn).digest("hex").slice(0, 8);
