/** What a machine gets for its instance's type, as EC2's own pages have it. */
import type { Size } from "./machine.ts";

const gibibyte = 2 ** 30;

/** Processors, and gibibytes of memory: of the types of which Moodle's nodes are usually made. */
const sizes = new Map<string, readonly [processors: number, memory: number]>([
  ["nano", [2, 0.5]],
  ["micro", [2, 1]],
  ["small", [2, 2]],
  ["medium", [2, 4]],
  ["large", [2, 8]],
  ["xlarge", [4, 16]],
  ["2xlarge", [8, 32]],
]);

/** The root volume of an image of Debian. */
const disk = 8 * gibibyte;

/** @throws Error for a type that the lab does not know */
export function sizeOf(instanceType: string): Size {
  const [, name = ""] = /^t(?:3|3a|4g)\.(\w+)$/.exec(instanceType) ?? [];
  const size = sizes.get(name);
  if (size === undefined)
    throw new Error(`the lab does not know ${instanceType}: give the launch template one of t3, t3a or t4g`);
  const [processors, memory] = size;
  return { limits: { processors, memory: memory * gibibyte }, disk };
}
