/**
 * The schema of a site's database: for which code it is, and the one lock that keeps two nodes from changing it at a time.
 * While `moving` it is half of one and half of the other: somebody is at work, or died at it.
 */
import type { Process } from "@warden/aws-local/hosts/process";
import type { SchemaOutput } from "@warden/moodle";
import { versionsOf } from "./release.ts";
import type { SharedParts } from "./shared-parts.ts";

export interface Schema {
  /** The versions that it was last brought to: Moodle writes them down at the end of its work. Undefined while it is empty. */
  code: string | undefined;
  moving: boolean;
  /** Who was killed at an upgrade left a mark: until it is this old, Moodle begins no other. */
  markedUntil: number;
  readonly lock: SchemaLock;
}

export interface SchemaLock {
  /** Goes on once the lock is this process's, which has it until it ends, or when it waited too long. */
  take(process: Process, has: () => void, hasNot: () => void): void;
}

export const schemaOf = (release: string): Schema => ({
  code: versionsOf(release),
  moving: false,
  markedUntil: 0,
  lock: createLock(),
});

type Site = Exclude<SchemaOutput["state"], "unknown" | "held">;

/**
 * What the database is for this code. As in Moodle, the versions have the only word: while an upgrade is at work, or was
 * cut short, old code finds nothing amiss. A node without code has nothing to compare.
 */
export function siteFor(release: string | undefined, { code, moving }: Schema): Site {
  if (code === undefined) return moving ? "half-installed" : "empty";
  return release === undefined || code === versionsOf(release) ? "installed" : "upgrade-pending";
}

export const stateFor = (release: string, { database, schema }: Readonly<SharedParts>): SchemaOutput["state"] =>
  database === "down" ? "unknown" : siteFor(release, schema);

/** Longer than an upgrade takes here; and a waiting document is not ended by its own time-out before that. */
export const longestWait = 20 * 60_000;

interface Waiting {
  readonly process: Process;
  readonly has: () => void;
}

function createLock(): SchemaLock {
  let isHeld = false;
  let queue: readonly Waiting[] = [];

  function give({ process, has }: Waiting): void {
    isHeld = true;
    process.onEnd(passOn);
    has();
  }

  function passOn(): void {
    isHeld = false;
    const [next, ...others] = queue.filter(({ process }) => !process.hasEnded);
    queue = others;
    if (next !== undefined) give(next);
  }

  return {
    take(process, has, hasNot) {
      const waiting = { process, has };
      if (!isHeld) {
        give(waiting);
        return;
      }
      queue = [...queue, waiting];
      process.wait(longestWait, () => {
        if (!queue.includes(waiting)) return;
        queue = queue.filter((each) => each !== waiting);
        hasNot();
      });
    },
  };
}
