/** How reasons name things. */
import type { NodeRecord } from "./node-record.ts";

/** A few by name, and how many more. */
export function named(nodes: readonly NodeRecord[]): string {
  const shown = nodes.slice(0, 5).map((node) => node.instance);
  return nodes.length > shown.length ? `${shown.join(", ")} and ${nodes.length - shown.length} more` : shown.join(", ");
}

/** @param span in milliseconds */
export const seconds = (span: number): string => `${Math.round(span / 1000)} s`;
