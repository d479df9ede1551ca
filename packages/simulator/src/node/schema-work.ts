/**
 * `Warden-Install` and `Warden-Upgrade`: one node at a time; whoever comes meanwhile waits and finds the work done. What is
 * cut short stays as it is: of an upgrade the next one goes on, an installation nobody can go on with.
 */
import type { Clock } from "@warden/aws-local/clock";
import type { Process } from "@warden/aws-local/hosts/process";
import type { Range } from "@warden/aws-local/region";
import type { SchemaOutput } from "@warden/moodle";
import type { Desired, NodeState } from "./node-state.ts";
import type { NodeTimings } from "./node-timings.ts";
import { isMarked, versionsOf } from "./release.ts";
import { longestWait, stateFor } from "./schema.ts";
import type { SharedParts } from "./shared-parts.ts";

export interface SchemaWorkParts {
  readonly state: NodeState;
  readonly shared: SharedParts;
  readonly clock: Clock;
  readonly timings: Pick<NodeTimings, "ask" | "install" | "upgrade">;
}

export type SchemaWork = (desired: Desired, process: Process, finish: (output: SchemaOutput) => void) => void;

type Kind = "install" | "upgrade";

/** Moodle's own mark of an upgrade, since its last step. */
const markedFor = 5 * 60_000;

export function createSchemaWork({ state, shared, clock, timings }: SchemaWorkParts): Record<Kind, SchemaWork> {
  const { schema } = shared;

  const begin =
    (kind: Kind): SchemaWork =>
    (desired, process, finish) =>
      process.wait(timings.ask, () => {
        const { release = "none" } = state.disk;
        const told = (found: SchemaOutput["state"], moved: boolean, message: string): void =>
          finish({ v: 1, state: found, moved, message });
        const held = (): void => told("held", false, "others were at it all the time");
        if (release !== desired.release) {
          told("unknown", false, `it is for ${desired.release}, and this node has ${release}`);
          return;
        }
        const work = kind === "install" ? install : upgrade;
        schema.lock.take(process, () => work(release, process, told, held), held);
      });

  function install(release: string, process: Process, told: Told): void {
    const found = stateFor(release, shared);
    if (found !== "empty") told(found, false, `the site is ${found}`);
    else move("install", release, process, timings.install, told);
  }

  function upgrade(release: string, process: Process, told: Told, held: () => void): void {
    const found = stateFor(release, shared);
    const marked = schema.markedUntil - clock.now();
    if (found !== "upgrade-pending") told(found, false, `the site is ${found}`);
    else if (marked > longestWait) held();
    else if (marked > 0) process.wait(marked, () => upgrade(release, process, told, held));
    else move("upgrade", release, process, timings.upgrade, told);
  }

  function move(kind: Kind, release: string, process: Process, duration: Range, told: Told): void {
    schema.moving = true;
    state.told({ kind: "schema", event: "began", work: kind, release });
    let cutShort = true;
    process.onEnd(() => {
      if (cutShort && kind === "upgrade") schema.markedUntil = clock.now() + markedFor;
      state.told({ kind: "schema", event: "ended", code: schema.code, moving: schema.moving });
    });
    process.wait(duration, () => {
      cutShort = false;
      if (shared.database === "up" && !isMarked(release, "broken"))
        Object.assign(schema, { code: versionsOf(release), moving: false });
      const found = stateFor(release, shared);
      told(found, true, found === "installed" ? `${kind} done` : `${kind} failed: the site is ${found}`);
    });
  }

  return { install: begin("install"), upgrade: begin("upgrade") };
}

type Told = (state: SchemaOutput["state"], moved: boolean, message: string) => void;
