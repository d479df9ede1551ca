/** Everything that can happen. Stacks and worlds make one rule of each event and send it to the queue of its lane. */
import { alarmStateChange } from "./alarm-state-change.ts";
import { cacheNotification } from "./cache-notification.ts";
import { commandInvocation } from "./command-invocation.ts";
import { databaseEvent } from "./database-event.ts";
import type { EventKind, Lane, MessageKind } from "./event.ts";
import { healthScheduledChange } from "./health-scheduled-change.ts";
import { instanceRefresh } from "./instance-refresh.ts";
import { instanceStateChange } from "./instance-state-change.ts";
import { launchLifecycleAction } from "./launch-lifecycle-action.ts";
import { launchSuccessful } from "./launch-successful.ts";
import { launchUnsuccessful } from "./launch-unsuccessful.ts";
import { lifecycleNotification } from "./lifecycle-notification.ts";
import { nodeNotice } from "./node-notice.ts";
import { nodeStarted } from "./node-started.ts";
import type { EventPattern } from "./pattern.ts";
import { rebalanceRecommendation } from "./rebalance-recommendation.ts";
import { secretRotated } from "./secret-rotated.ts";
import { secretWritten } from "./secret-written.ts";
import { spotInterruption } from "./spot-interruption.ts";
import { terminateLifecycleAction } from "./terminate-lifecycle-action.ts";
import { terminateSuccessful } from "./terminate-successful.ts";
import { terminateUnsuccessful } from "./terminate-unsuccessful.ts";
import { testNotification } from "./test-notification.ts";
import { wake } from "./wake.ts";

/** What EventBridge delivers. */
const events: readonly EventKind[] = [
  launchLifecycleAction,
  terminateLifecycleAction,
  spotInterruption,
  launchSuccessful,
  launchUnsuccessful,
  terminateSuccessful,
  terminateUnsuccessful,
  instanceRefresh,
  rebalanceRecommendation,
  instanceStateChange,
  commandInvocation,
  healthScheduledChange,
  databaseEvent,
  secretWritten,
  secretRotated,
  alarmStateChange,
];

/** What is sent straight to a queue: hooks with a notification target, caches by a topic, nodes, and Warden itself. */
const messages: readonly MessageKind[] = [
  lifecycleNotification,
  testNotification,
  cacheNotification,
  nodeStarted,
  nodeNotice,
  wake,
];

export const kinds: readonly MessageKind[] = [...events, ...messages];

export interface Rule {
  readonly name: string;
  readonly lane: Lane;
  readonly pattern: EventPattern;
}

export const rules: readonly Rule[] = events.map(({ name, lane, pattern }) => ({ name, lane, pattern }));
