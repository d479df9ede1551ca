/** What is true on a modelled Moodle node. The disk survives a stop and a start; all else ends with the power. */

export interface NodeState {
  readonly disk: NodeDisk;
  readonly memory: NodeMemory;
  /** What is wrong with this node alone. */
  readonly faults: Set<NodeFault>;
  /** Counted over the node's whole life. */
  readonly losses: { requests: number; tasks: string[] };
  readonly told: ConfigurationTold;
}

/**
 * What becomes of the configuration on the disk: its files were `put` there, or the node was verified with it and itself
 * is `good`, or `bad`.
 */
export type ConfigurationTold = (event: ConfigurationEvent, digest: string) => void;
export type ConfigurationEvent = "put" | "good" | "bad";

export interface NodeDisk {
  release: string | undefined;
  digest: string | undefined;
  /** The first answer to each batch: a repeat gets it again. */
  readonly results: Map<string, BatchResult>;
  readonly journal: string[];
}

export interface NodeMemory {
  mounted: boolean;
  servicesRun: boolean;
  verifiedFor: Desired | undefined;
  draining: boolean;
  cron: CronProcess[];
  tasks: RunningTask[];
  /** Requests that were in flight when draining began, by their end. */
  lastRequests: number[];
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
 * `release`, `bundle` and `services` break a bootstrap; the others show in verification and readiness. `drift`: a file of
 * the configuration was changed by hand. `rotated`: it has the secret before, which still works.
 */
export type NodeFault =
  | "mount"
  | "release"
  | "bundle"
  | "services"
  | "workers"
  | "disk"
  | "clock"
  | "page"
  | "drift"
  | "rotated";

export const newNodeState = (told: ConfigurationTold): NodeState => ({
  disk: { release: undefined, digest: undefined, results: new Map(), journal: [] },
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
  told("put", digest);
}

export const emptyMemory = (): NodeMemory => ({
  mounted: false,
  servicesRun: false,
  verifiedFor: undefined,
  draining: false,
  cron: [],
  tasks: [],
  lastRequests: [],
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
  !faults.has("mount") && !faults.has("workers") && !faults.has("disk");
