/**
 * What a FIFO queue adds: order within a message group, one group at a time, and deduplication for five minutes.
 */
import type { StoredMessage } from "./message.ts";

const deduplicationInterval = 300_000;

/** Order within groups: while one message of a group is in flight, the rest of the group waits. */
export function fifoOrder() {
  /** Messages in flight, by group. */
  const locked = new Map<string, number>();
  const groupOf = (message: StoredMessage): string => message.messageGroupId ?? "";

  return {
    /** In order of sending. A delayed message blocks its group, as those behind it must not overtake it. */
    sorted(delayed: readonly StoredMessage[], visible: readonly StoredMessage[]): StoredMessage[] {
      const firstDelayed = new Map<string, bigint>();
      for (const message of delayed) {
        const earliest = firstDelayed.get(groupOf(message));
        const sequence = message.sequenceNumber ?? 0n;
        if (earliest === undefined || sequence < earliest) firstDelayed.set(groupOf(message), sequence);
      }
      return visible
        .filter((message) => (message.sequenceNumber ?? 0n) < (firstDelayed.get(groupOf(message)) ?? 2n ** 127n))
        .sort((one, other) => ((one.sequenceNumber ?? 0n) < (other.sequenceNumber ?? 0n) ? -1 : 1));
    },
    /** One receive may take several messages of a group, in order; a group that was in flight before stays closed. */
    mayTake(message: StoredMessage, alreadyTaken: readonly StoredMessage[]): boolean {
      const inFlight = locked.get(groupOf(message)) ?? 0;
      return inFlight === alreadyTaken.filter((taken) => groupOf(taken) === groupOf(message)).length;
    },
    lock(message: StoredMessage): void {
      if (message.messageGroupId !== undefined) change(message.messageGroupId, 1);
    },
    unlock(message: StoredMessage): void {
      if (message.messageGroupId !== undefined) change(message.messageGroupId, -1);
    },
    clear: () => locked.clear(),
  };

  function change(group: string, by: number): void {
    const count = (locked.get(group) ?? 0) + by;
    if (count > 0) locked.set(group, count);
    else locked.delete(group);
  }
}

export interface Accepted {
  readonly messageId: string;
  readonly sequenceNumber: bigint;
}

/** Remembers what was accepted in the last five minutes: a repeat is accepted again, and not delivered. */
export function deduplication(now: () => number) {
  const seen = new Map<string, Accepted & { at: number }>();
  let sent = 0n;

  return {
    earlier(key: string): Accepted | undefined {
      const found = seen.get(key);
      return found !== undefined && now() - found.at < deduplicationInterval ? found : undefined;
    },
    remember(key: string, accepted: Accepted): void {
      for (const [old, { at }] of seen) {
        if (now() - at < deduplicationInterval) break;
        seen.delete(old);
      }
      seen.delete(key);
      seen.set(key, { ...accepted, at: now() });
    },
    /** Twenty digits and growing, but not consecutive, as SQS's own. */
    nextSequenceNumber(): bigint {
      sent += 1n;
      return 18_850_000_000_000_000_000n + sent * 256n;
    },
  };
}
