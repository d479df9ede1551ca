/** What is true on a modelled Moodle node. The disk survives a stop and a start; all else ends with the power. */

export interface NodeState {
  readonly disk: NodeDisk;
  readonly memory: NodeMemory;
  /** What is wrong with this node alone. */
  readonly faults: Set<NodeFault>;
  /** Counted over the node's whole life. */
  readonly losses: { requests: number; tasks: string[] };
  readonly told: NodeTold;
}

/** What a node does that others want to know of as it happens. */
export type NodeTold = (telling: NodeTelling) => void;
export type NodeTelling =
  /**
   * What became of the configuration on its disk: its files were `put` there, or the node was verified with it and itself
   * is `good`, or `bad`.
   */
  | { readonly kind: "configuration"; readonly event: "put" | "good" | "bad"; readonly digest: string }
  /** From now on it is ready for the load balancer with this release; undefined: it is not. */
  | { readonly kind: "serves"; readonly release: string | undefined }
  /** A scheduled task runs with this release's code until then; undefined: whatever ran was cut. */
  | { readonly kind: "task"; readonly release: string | undefined; readonly until: number }
  /** It begins to change the database, or has ended it in whatever way. */
  | {
      readonly kind: "schema";
      readonly event: "began";
      readonly work: "install" | "upgrade";
      readonly release: string;
    }
  | {
      readonly kind: "schema";
      readonly event: "ended";
      readonly code: string | undefined;
      readonly moving: boolean;
    }
  /** It closed the site, or opened it. */
  | { readonly kind: "maintenance"; readonly closed: boolean };

export interface NodeDisk {
  release: string | undefined;
  digest: string | undefined;
  /** Releases that need not be fetched again. */
  readonly unpacked: Set<string>;
  /** The first answer to each batch: a repeat gets it again. */
  readonly results: Map<string, BatchResult>;
  readonly journal: string[];
}

export interface NodeMemory {
  mounted: boolean;
  servicesRun: boolean;
  verifiedFor: Desired | undefined;
  draining: boolean;
  /** What the load balancer may have from it, as it was told last. */
  serves: string | undefined;
  cron: CronProcess[];
  /** The site was closed: no cron process starts. */
  cronStopped: boolean;
  tasks: RunningTask[];
  /** Requests that were in flight when draining began, by their end. */
  lastRequests: number[];
  /** Since this node was told that the site is closed: the oldest request that began before. */
  oldest: { readonly beganAt: number; readonly endsAt: number } | undefined;
}

export interface Desired {
  readonly release: string;
  readonly digest: string;
}

export interface BatchResult {
  readonly exitCode: number;
  readonly line: string;
}

interface CronProcess {
  /** Each process gets exactly one: a second SIGTERM kills Moodle's cron in the middle of a task. */
  sigterms: number;
}

interface RunningTask {
  readonly name: string;
  readonly endsAt: number;
}

/**
 * `release`, `bundle` and `services` break a bootstrap; the others show in verification and readiness. `hang`: its mount
 * of the shared files does not answer, which looks from here as if the files were down. `drift`: a file of
 * the configuration was changed by hand. `rotated`: it has the secret before, which still works.
 */
export type NodeFault =
  | "mount"
  | "hang"
  | "release"
  | "bundle"
  | "services"
  | "workers"
  | "disk"
  | "clock"
  | "page"
  | "drift"
  | "rotated";

export const newNodeState = (told: NodeTold): NodeState => ({
  disk: { release: undefined, digest: undefined, unpacked: new Set(), results: new Map(), journal: [] },
  memory: emptyMemory(),
  faults: new Set(),
  losses: { requests: 0, tasks: [] },
  told,
});

/** Whatever somebody changed in the files before is gone with them, and the secrets are fetched anew. */
export function putConfiguration({ disk, faults, told }: NodeState, digest: string): void {
  disk.digest = digest;
  faults.delete("drift");
  faults.delete("rotated");
  told({ kind: "configuration", event: "put", digest });
}

/** Its code is what answers from now on; whether that is right, verification finds out. */
export function putRelease(state: NodeState, release: string): void {
  state.disk.unpacked.add(release);
  state.disk.release = release;
  tellServing(state);
}

/** Called after whatever may have made the node ready, or not. */
export function tellServing(state: NodeState): void {
  const { disk, memory, told } = state;
  const serves = isReady(state) ? disk.release : undefined;
  if (serves === memory.serves) return;
  memory.serves = serves;
  told({ kind: "serves", release: serves });
}

export const emptyMemory = (): NodeMemory => ({
  mounted: false,
  servicesRun: false,
  verifiedFor: undefined,
  draining: false,
  serves: undefined,
  cron: [],
  cronStopped: false,
  tasks: [],
  lastRequests: [],
  oldest: undefined,
});

/** Verified for exactly what is on the disk now. */
export function isVerified({ disk, memory }: NodeState): boolean {
  const { verifiedFor } = memory;
  return verifiedFor !== undefined && verifiedFor.release === disk.release && verifiedFor.digest === disk.digest;
}

/** What the readiness address answers for: this node alone, never a shared part. */
export function isReady(state: NodeState): boolean {
  const { memory } = state;
  return memory.mounted && isHealthy(state) && memory.servicesRun && isVerified(state) && !memory.draining;
}

const isHealthy = ({ faults }: NodeState): boolean =>
  !faults.has("mount") && !faults.has("hang") && !faults.has("workers") && !faults.has("disk");
