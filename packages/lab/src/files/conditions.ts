/** What a mount of the shared file system can be told, and what it tells, in the words of its program (conditions.c). */
import { constants } from "node:os";
import * as z from "zod";

export interface Conditions {
  /**
   * In milliseconds, fractions allowed: what each request waits before it is served, as a server would let it wait. Who makes,
   * changes or removes a file or a name writes; who looks, opens or closes asks for metadata.
   */
  readonly readDelay: number;
  readonly writeDelay: number;
  readonly metadataDelay: number;
  readonly lockDelay: number;
  /** Nobody is answered until it no longer hangs, or its process ends. */
  readonly hangs: boolean;
  /** The error that requests end with; what only says that there is no room, or no writing, fails writes alone. */
  readonly fails: keyof typeof constants.errno | undefined;
}

/** Requests since the mount began. */
export interface Counts {
  readonly reads: number;
  readonly writes: number;
  readonly metadata: number;
  readonly locks: number;
}

export const healthy: Conditions = {
  readDelay: 0,
  writeDelay: 0,
  metadataDelay: 0,
  lockDelay: 0,
  hangs: false,
  fails: undefined,
};

/** Every request waits so long, whatever it is. @param delay in milliseconds */
export const slowedBy = (delay: number) =>
  ({ readDelay: delay, writeDelay: delay, metadataDelay: delay, lockDelay: delay }) satisfies Partial<Conditions>;

/** Its order. */
export function orderOf({ readDelay, writeDelay, metadataDelay, lockDelay, hangs, fails }: Conditions): string {
  const delays = [readDelay, writeDelay, metadataDelay, lockDelay].map((delay) => Math.round(delay * 1e6));
  return ["set", ...delays, Number(hangs), fails === undefined ? 0 : constants.errno[fails]].join(" ");
}

const numbers = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** @param line its answer to `counts` */
export function countsIn(line: string): Counts {
  const [reads, writes, metadata, locks] = numbers.parse(line.split(" ").map(Number));
  return { reads, writes, metadata, locks };
}

export const sumOf = (all: readonly Counts[]): Counts =>
  all.reduce(
    (sum, each) => ({
      reads: sum.reads + each.reads,
      writes: sum.writes + each.writes,
      metadata: sum.metadata + each.metadata,
      locks: sum.locks + each.locks,
    }),
    { reads: 0, writes: 0, metadata: 0, locks: 0 },
  );
