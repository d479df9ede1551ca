/** What the dashboard asks of each sweep's log: how many nodes are where, and how long those that just came took to serve. */
import type { GroupState, StoredNode } from "./ports.ts";
import { sweepPeriod } from "./wake-up.ts";

export interface Gauges {
  readonly arriving: number;
  readonly inService: number;
  readonly leaving: number;
  /** In service, and at fault themselves by their last verification. */
  readonly unhealthy: number;
  /** Of the budget: nodes that Warden takes out of service of its own accord. */
  readonly disruptions: number;
  /** Seconds from the launch hook into service, of the slowest of those that came since the sweep before. */
  readonly timeToService?: number;
}

/** Pure. @param stored what is remembered of the group's nodes */
export function gaugesOf(stored: readonly StoredNode[], state: GroupState, now: number): Gauges {
  const places = stored.map(({ record }) => placeOf[record.phase.name]);
  const count = (place: Place): number => places.filter((each) => each === place).length;
  const took = stored.flatMap(({ record: { phase, since, episode } }) =>
    phase.name === "in-service" && episode?.transition === "launching" && now - since < sweepPeriod
      ? [(since - episode.startedAt) / 1_000]
      : [],
  );
  return {
    ...{ arriving: count("arriving"), inService: count("in service"), leaving: count("leaving") },
    ...{ unhealthy: state.unhealthy.length, disruptions: state.slots.length },
    ...(took.length > 0 && { timeToService: Math.max(...took) }),
  };
}

type Place = "arriving" | "in service" | "leaving" | "aside";

const placeOf: Readonly<Record<StoredNode["record"]["phase"]["name"], Place>> = {
  arriving: "arriving",
  "waiting-for-agent": "arriving",
  bootstrapping: "arriving",
  verifying: "arriving",
  installing: "arriving",
  "on-hold": "arriving",
  joining: "arriving",
  "in-service": "in service",
  found: "in service",
  refused: "leaving",
  leaving: "leaving",
  released: "leaving",
  aside: "aside",
  gone: "aside",
};
