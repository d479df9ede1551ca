/** The embedded CloudWatch: metrics, metric alarms, composite alarms. */
import * as sdk from "@aws-sdk/client-cloudwatch";
import type { EventIntake, Metrics, Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import type { Alarm } from "./alarm.ts";
import type { ActionNeighbours } from "./alarm-actions.ts";
import { alarmOperations } from "./alarm-operations.ts";
import { alarmStates } from "./alarm-states.ts";
import { history } from "./history.ts";
import { evaluator } from "./metric-evaluation.ts";
import { metricOperations } from "./metric-operations.ts";
import { metricStore } from "./metric-store.ts";
import { putAlarmOperations } from "./put-alarms.ts";
import { ofValue } from "./statistics.ts";

/** Looked up at each use, so a service that is made later may be put in later. */
interface CloudWatchNeighbours extends ActionNeighbours {
  readonly events: EventIntake;
}

export interface CloudWatch {
  readonly service: EmbeddedService;
  readonly metrics: Metrics;
}

export function createCloudWatch(surroundings: Surroundings, neighbours: CloudWatchNeighbours): CloudWatch {
  const { clock } = surroundings;
  const store = metricStore();
  const alarms = new Map<string, Alarm>();
  const past = history(clock);
  const states = alarmStates(surroundings, neighbours, alarms, past);
  const world = {
    surroundings,
    alarms,
    history: past,
    states,
    evaluator: evaluator(clock, alarms, states),
    events: neighbours.events,
  };
  return {
    service: embeddedService(sdk, "cloudwatch", {
      ...metricOperations(clock, store),
      ...putAlarmOperations(world, store),
      ...alarmOperations(world),
    }),
    metrics: {
      put(namespace, name, value, dimensions) {
        store.put({ namespace, name, dimensions }, ofValue(value), clock.now(), "None", 60);
      },
    },
  };
}
