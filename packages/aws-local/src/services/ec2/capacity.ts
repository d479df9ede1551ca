/** Which zones have room. They all do until a fault says otherwise. */
import { insufficientCapacity } from "./errors.ts";

export type Market = "on-demand" | "spot";

export interface Capacity {
  exhaust(zone: string, market: Market): void;
  restore(zone: string, market: Market): void;
  /** Throws `InsufficientInstanceCapacity`. */
  require(zone: string, instanceType: string, spot: boolean): void;
}

export function createCapacity(): Capacity {
  const exhausted = new Set<string>();
  const place = (zone: string, market: Market): string => `${zone} ${market}`;
  return {
    exhaust: (zone, market) => void exhausted.add(place(zone, market)),
    restore: (zone, market) => void exhausted.delete(place(zone, market)),
    require(zone, instanceType, spot) {
      if (exhausted.has(place(zone, spot ? "spot" : "on-demand"))) throw insufficientCapacity(instanceType, zone, spot);
    },
  };
}
