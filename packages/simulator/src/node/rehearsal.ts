/** `Warden-Rehearse`: Moodle's upgrade on a copy of the database, which is none of the site's parts: nothing of theirs changes. */
import type { Clock } from "@warden/aws-local/clock";
import type { Process } from "@warden/aws-local/hosts/process";
import type { RehearseOutput } from "@warden/moodle";
import type { NodeState } from "./node-state.ts";
import type { NodeTimings } from "./node-timings.ts";
import { isMarked } from "./release.ts";
import { siteFor } from "./schema.ts";
import type { SharedParts } from "./shared-parts.ts";

export interface RehearsalParts {
  readonly state: NodeState;
  readonly shared: Readonly<SharedParts>;
  readonly clock: Clock;
  readonly timings: Pick<NodeTimings, "upgrade">;
}

export type Rehearse = (release: string, process: Process, finish: (output: RehearseOutput) => void) => void;

export function createRehearsal({ state, shared, clock, timings }: RehearsalParts): Rehearse {
  return function rehearse(release, process, finish) {
    const failed = (message: string): void => finish({ v: 1, ok: false, message });
    // As it was when it was copied, so as the site is.
    const found = siteFor(release, shared.schema);
    if (!state.disk.unpacked.has(release)) failed(`the release ${release} is not on this node`);
    else if (found !== "upgrade-pending") failed(`to Moodle the copy is ${found}`);
    else {
      const began = clock.now();
      process.wait(timings.upgrade, () => {
        if (isMarked(release, "broken")) failed("Moodle ended with: a step of the upgrade failed");
        else finish({ v: 1, ok: true, took: (clock.now() - began) / 1000 });
      });
    }
  };
}
