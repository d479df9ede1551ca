/** What is known of an alarm. */
import type {
  MetricDataQuery,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
  StateValue,
} from "@aws-sdk/client-cloudwatch";
import type { Timer } from "../../clock.ts";
import type { AlarmRule } from "./alarm-rule.ts";
import type { Criteria } from "./evaluation.ts";
import type { QuerySet } from "./queries.ts";

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  readonly reasonData: string | undefined;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

interface CommonAlarm {
  readonly name: string;
  readonly arn: string;
  /** Id of its history and of its metric in events. */
  readonly id: string;
  configuredAt: number;
  description: string | undefined;
  actionsEnabled: boolean;
  /** ARNs to act on, by the state that is entered. */
  actions: Readonly<Record<StateValue, readonly string[]>>;
  state: AlarmState;
  transitionedAt: number;
  readonly tags: Map<string, string>;
}

export interface MetricAlarm extends CommonAlarm {
  readonly kind: "MetricAlarm";
  input: PutMetricAlarmInput;
  criteria: Criteria;
  /** Seconds. */
  period: number;
  queries: readonly MetricDataQuery[];
  values: QuerySet;
  /** Id of the query that is compared with the threshold. */
  returned: string;
  /** The newest datapoint of the last evaluation. */
  latest: number | undefined;
}

export interface CompositeAlarm extends CommonAlarm {
  readonly kind: "CompositeAlarm";
  input: PutCompositeAlarmInput;
  rule: AlarmRule;
  suppressor: Suppressor | undefined;
  suppression: Suppression | undefined;
}

export type Alarm = MetricAlarm | CompositeAlarm;

export interface Suppressor {
  readonly alarmName: string;
  /** Seconds. */
  readonly waitPeriod: number;
  readonly extensionPeriod: number;
}

/** Why the actions of the last transition have not been taken. */
export interface Suppression {
  readonly by: "WaitPeriod" | "ExtensionPeriod" | "Alarm";
  readonly timer: Timer | undefined;
}

export const suppressionReason = ({ by }: Suppression): string => `Actions suppressed by ${by}`;

/** CloudWatch writes `2019-10-02T17:04:40.989+0000`, without the colon that ISO 8601 wants (aws-semantics 3.4). */
export const timestamp = (time: number): string => new Date(time).toISOString().replace("Z", "+0000");
