/**
 * The way an AWS service's event takes to the default bus. "Best effort" in EventBridge's table of services means
 * what it says: `DeliveryFaults` lets a world lose, repeat, delay and reorder them.
 */
import type { EventIntake, Range, ServiceEvent, Surroundings } from "../../region.ts";

/** Probabilities from 0 to 1. Read at each event, so a world may change them while it runs. */
export interface DeliveryFaults {
  readonly lose?: number;
  readonly duplicate?: number;
  readonly delay?: number;
  /** How late a delayed or repeated event comes. */
  readonly delayBy?: Range;
  /** The event changes places with the one after it. */
  readonly reorder?: number;
  /** Told of each event that is lost. */
  readonly onLost?: (event: ServiceEvent) => void;
}

/** Sources whose events are delivered at least once (EventBridge's table of services): never lost, maybe repeated. */
const guaranteed: ReadonlySet<string> = new Set(["aws.cloudwatch", "aws.health"]);

const aMinute: Range = { low: 1000, high: 60_000 };

export function serviceEvents(
  surroundings: Surroundings,
  put: (event: ServiceEvent) => void,
  faults: DeliveryFaults,
): EventIntake {
  const { clock, random } = surroundings;
  let held: ServiceEvent[] = [];

  function arrive(event: ServiceEvent): void {
    if (happens(faults.reorder)) hold(event);
    else {
      put(event);
      release();
    }
  }

  /** Waits for the next event to pass, though not longer than a delay may last. */
  function hold(event: ServiceEvent): void {
    held.push(event);
    clock.after(lateness(), () => {
      if (held.includes(event)) release();
    });
  }

  function release(): void {
    const waiting = held;
    held = [];
    waiting.forEach(put);
  }

  function lateness(): number {
    const { low, high } = faults.delayBy ?? aMinute;
    return low + random.next() * (high - low);
  }

  /** Draws only where a fault may happen, so that a world without faults keeps its sequence. */
  const happens = (probability = 0): boolean => probability > 0 && random.chance(probability);

  return {
    emit(event) {
      if (!guaranteed.has(event.source) && happens(faults.lose)) {
        faults.onLost?.(event);
        return;
      }
      if (happens(faults.duplicate)) clock.after(lateness(), () => put(event));
      if (happens(faults.delay)) clock.after(lateness(), () => arrive(event));
      else arrive(event);
    },
  };
}
