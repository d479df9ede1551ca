/** How reasons name things. */
import type { NodeRecord } from "./node-record.ts";

/** A few by name, and how many more. */
export function named(nodes: readonly NodeRecord[]): string {
  const shown = nodes.slice(0, 5).map((node) => node.instance);
  return nodes.length > shown.length ? `${shown.join(", ")} and ${nodes.length - shown.length} more` : shown.join(", ");
}

/** @param span in milliseconds */
export const seconds = (span: number): string => `${Math.round(span / 1000)} s`;

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** `45 s`, `2 min 5 s`, `3 h`, `2 d 4 h` */
export function length(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000) * 1000);
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}
