/** What the commands are given: everything outside of them, so that they run in a test without a process. */
import type { CommandContext } from "@stricli/core";
import type { Deps, DetachingPort } from "@warden/control";
import type { SiteConfiguration } from "@warden/moodle/site";
import type { BundleStore, ReleaseStore } from "@warden/worlds/connect";
import type { Deployment } from "@warden/worlds/deployment";
import type { Inspection } from "./doctor/inspection.ts";
import type { Status } from "./errors.ts";
import type { LabHands } from "./lab.ts";
import type { StartLocal } from "./local-world.ts";
import type { Target } from "./target.ts";

export interface Surroundings {
  readonly out: Screen;
  readonly err: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Ends early, and without an error, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** The operating system's name for whoever runs this. */
  user(): string;
  /** From this call on, the first Ctrl-C (or SIGTERM) aborts the signal, the second one ends the process. */
  interruption(): AbortSignal;
  reach(target: Target): Promise<Reach>;
  startLocal: StartLocal;
  lab(): Promise<LabHands>;
}

/** A stream of the terminal, or of a pipe: then it has no columns. */
export interface Screen {
  write(text: string): void;
  readonly columns?: number | undefined;
  readonly isTTY?: boolean | undefined;
}

/** A deployment that answers. */
export interface Reach {
  readonly deps: Deps;
  readonly deployment: Deployment;
  readonly inspection: Inspection;
  readonly bundles: BundleStore;
  readonly releases: ReleaseStore;
  readonly detaching: DetachingPort;
  recoveryPoints(site: SiteConfiguration): Promise<WayBack>;
}

/** What leads back once Moodle has changed its database; without points, why there are none, and the mend. */
export type WayBack =
  | { readonly points: readonly RecoveryPoint[]; readonly lacking?: undefined }
  | { readonly points: readonly []; readonly lacking: string };

/** What a person can go back to after Moodle has changed its database. */
export interface RecoveryPoint {
  readonly arn: string;
  /** As `database` or `files`. */
  readonly of: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface WardenContext extends CommandContext, Surroundings {
  /** The status to exit with when nothing fails. */
  finish(with_: Status): void;
}
