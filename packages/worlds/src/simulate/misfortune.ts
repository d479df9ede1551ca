/** What befalls calls, events and hosts in a run: drawn from the run's seed with the scenario's chances, and switchable. */
import type { EmbeddedAwsOptions, Random } from "@warden/aws-local";
import type { Scenario } from "@warden/simulator";
import { type CallPoints, type Fate, passes } from "../call-points.ts";

type EventFaults = NonNullable<EmbeddedAwsOptions["eventFaults"]>;

export interface Misfortune {
  readonly callPoints: CallPoints;
  readonly eventFaults: EventFaults;
  /** Off while a run is being set up, and again at its end. */
  enabled: boolean;
  /** All events are lost, as in an outage of EventBridge. */
  eventsDown: boolean;
  /** Every function dies at its first call. */
  functionsDown: boolean;
}

/** Milliseconds each way: what a call to AWS from Lambda takes in the same Region (an estimate). */
const callLatency = { low: 3, high: 25 };

export function misfortuneOf(
  scenario: Scenario,
  random: Random,
  onLost: NonNullable<EventFaults["onLost"]>,
): Misfortune {
  const { api, events, functions } = scenario;
  const state = { enabled: false, eventsDown: false, functionsDown: false };

  function fateOf(): Fate {
    if (state.functionsDown) return { kind: "crash", when: "before" };
    if (!state.enabled) return passes;
    if (random.chance(functions.crash)) return { kind: "crash", when: random.chance(0.5) ? "before" : "after" };
    if (random.chance(api.throttle)) return { kind: "refused", code: "ThrottlingException", status: 400 };
    if (random.chance(api.error)) return { kind: "refused", code: "InternalFailure", status: 500 };
    return random.chance(api.answerLost) ? { kind: "answer-lost" } : passes;
  }

  const callPoints: CallPoints = {
    fateOf,
    latency: () => callLatency.low + random.next() * (callLatency.high - callLatency.low),
  };

  // Read by EventBridge at each event, so what is switched here counts at once.
  const eventFaults: EventFaults = {
    get lose() {
      return state.eventsDown ? 1 : state.enabled ? events.lose : 0;
    },
    get duplicate() {
      return state.enabled ? events.duplicate : 0;
    },
    get reorder() {
      return state.enabled && events.reorder ? 0.2 : 0;
    },
    delayBy: { low: 1_000, high: Math.max(2_000, events.delay.high) },
    onLost,
  };

  return Object.assign(state, { callPoints, eventFaults });
}
