/**
 * The node's own watcher. It says that the machine is up, reads notices from the instance metadata, drains locally at
 * once on a spot notice, and, when nobody sends a command, brings the node into service with the last good release
 * and digest: so Warden may be down and the site still scales.
 */
import type { Clock } from "@warden/aws-local/clock";
import type { Process } from "@warden/aws-local/hosts/process";
import type { InstanceMetadata } from "@warden/aws-local/region";
import type { Desired } from "./node-state.ts";
import type { NodeTimings } from "./node-timings.ts";

/** What the watcher needs of AWS, under the node's own role. A rejected call is tried again. */
export interface NodeCalls {
  tell(message: unknown): Promise<void>;
  lastGood(): Promise<Desired | undefined>;
  /** Completes this instance's own launch hook. Resolves too where no lifecycle action waits (any more). */
  completeLaunch(): Promise<void>;
}

export interface WatcherParts {
  readonly instanceId: string;
  readonly clock: Clock;
  readonly metadata: Readonly<InstanceMetadata>;
  readonly calls: NodeCalls;
  readonly timings: Pick<NodeTimings, "watch" | "waitForCommand" | "retry">;
  readonly drain: () => void;
  /** Bootstrap and verify, as the documents do it; tells whether the node is verified. */
  readonly bringUp: (desired: Desired, process: Process, finish: (verified: boolean) => void) => void;
}

export interface Watcher {
  start(process: Process): void;
  metadataChanged(): void;
  /** A command came: somebody looks after this node. */
  commandArrived(): void;
}

type NoticeName = "spot" | "rebalance" | "maintenance";
interface Notice {
  readonly name: NoticeName;
  readonly notBefore?: string;
}

export function createWatcher(parts: WatcherParts): Watcher {
  const { instanceId, clock, metadata, calls, timings, drain, bringUp } = parts;
  let process: Process | undefined;
  let startedAt = 0;
  let lookIsDue = false;
  let commandSeen = false;
  let told = new Set<string>();

  function start(started: Process): void {
    process = started;
    startedAt = clock.now();
    lookIsDue = false;
    commandSeen = false;
    told = new Set();
    sayStarted(started);
    look();
    started.wait(timings.waitForCommand, () => lookAfterItself(started));
  }

  function sayStarted(started: Process): void {
    const again = (): void => started.wait(timings.retry, () => sayStarted(started));
    calls.tell(message("Node Started", {})).catch(again);
  }

  /** The next of the looks every few seconds, if the metadata changed by then. */
  function metadataChanged(): void {
    if (lookIsDue || process === undefined) return;
    lookIsDue = true;
    const sinceLast = (clock.now() - startedAt) % timings.watch;
    process.wait(timings.watch - sinceLast, () => {
      lookIsDue = false;
      look();
    });
  }

  function look(): void {
    for (const notice of noticesIn(metadata)) {
      const key = `${notice.name} ${notice.notBefore}`;
      if (told.has(key)) continue;
      if (notice.name === "spot") drain();
      told.add(key);
      const detail = { notice: notice.name, ...(notice.notBefore !== undefined && { "not-before": notice.notBefore }) };
      calls.tell(message("Node Notice", detail)).catch(() => {
        told.delete(key);
        metadataChanged();
      });
    }
  }

  function message(detailType: string, detail: object): unknown {
    return { v: 1, source: "warden.node", "detail-type": detailType, detail: { "instance-id": instanceId, ...detail } };
  }

  /** Keeps trying until it succeeded or somebody else took over. */
  function lookAfterItself(running: Process): void {
    if (commandSeen) return;
    const again = (): void => running.wait(timings.retry, () => lookAfterItself(running));
    const proceed = (desired: Desired | undefined): void => {
      if (desired === undefined) again();
      else bringUp(desired, running, (verified) => (verified ? complete(running) : again()));
    };
    calls.lastGood().then(proceed, again);
  }

  function complete(running: Process): void {
    calls.completeLaunch().catch(() => running.wait(timings.retry, () => complete(running)));
  }

  return {
    start,
    metadataChanged,
    commandArrived() {
      commandSeen = true;
    },
  };
}

function noticesIn({ spotAction, rebalance, maintenance }: Readonly<InstanceMetadata>): Notice[] {
  const active = (maintenance ?? []).filter(({ state }) => state === "active");
  return [
    ...(spotAction === undefined ? [] : [{ name: "spot" as const, notBefore: spotAction.time }]),
    ...(rebalance === undefined ? [] : [{ name: "rebalance" as const }]),
    ...active.map(({ notBefore }) => ({ name: "maintenance" as const, notBefore })),
  ];
}
