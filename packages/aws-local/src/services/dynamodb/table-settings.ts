/** Time to live, point-in-time recovery and tags of a table. */

import type * as sdk from "@aws-sdk/client-dynamodb";
import { PointInTimeRecoveryStatus } from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../clock.ts";
import type { Operations } from "../../service.ts";
import { tableNotFound, validationException } from "./errors.ts";
import type { TableRecord, Tables } from "./tables.ts";

/** UpdateTimeToLive "can take up to one hour", in which it refuses a second change (API reference). */
const TIME_TO_LIVE_CHANGE = 60 * 60_000;
const DAY = 24 * 60 * 60_000;
/** PointInTimeRecoveryDescription: the latest restorable time is typically five minutes ago. */
const RECOVERY_LAG = 5 * 60_000;

export function settingsOperations(tables: Tables, clock: Clock) {
  function byArn(arn: string): TableRecord {
    const found = [...tables.records.values()].find((record) => record.arn === arn);
    if (found === undefined) throw tableNotFound(`Requested resource not found: ResourcArn: ${arn} not found`);
    return found;
  }

  return {
    UpdateTimeToLive(input) {
      const record = tables.record(input.TableName);
      const { Enabled, AttributeName } = input.TimeToLiveSpecification;
      const current = settledTimeToLive(record, clock);
      if (record.timeToLive !== undefined && clock.now() - record.timeToLive.changedAt < TIME_TO_LIVE_CHANGE)
        throw validationException("Time to live has been modified multiple times within a fixed interval");
      if (Enabled && current === "ENABLED") throw validationException("TimeToLive is already enabled");
      if (!Enabled && current === "DISABLED") throw validationException("TimeToLive is already disabled");
      if (!Enabled && record.timeToLive?.attribute !== AttributeName)
        throw validationException(
          `TimeToLive is active on a different AttributeName: current AttributeName is ${record.timeToLive?.attribute}`,
        );
      record.timeToLive = {
        attribute: AttributeName,
        status: Enabled ? "ENABLING" : "DISABLING",
        changedAt: clock.now(),
      };
      return { TimeToLiveSpecification: { Enabled, AttributeName } };
    },

    DescribeTimeToLive(input) {
      const record = tables.record(input.TableName);
      const status = settledTimeToLive(record, clock);
      return {
        TimeToLiveDescription: {
          TimeToLiveStatus: status,
          ...(status === "DISABLED" ? {} : { AttributeName: record.timeToLive?.attribute }),
        },
      };
    },

    UpdateContinuousBackups(input) {
      const record = tables.record(input.TableName);
      const { PointInTimeRecoveryEnabled, RecoveryPeriodInDays = 35 } = input.PointInTimeRecoverySpecification;
      record.pointInTimeRecovery = PointInTimeRecoveryEnabled
        ? { enabledAt: record.pointInTimeRecovery?.enabledAt ?? clock.now(), days: RecoveryPeriodInDays }
        : undefined;
      return { ContinuousBackupsDescription: continuousBackups(record, clock) };
    },

    DescribeContinuousBackups: (input) => ({
      ContinuousBackupsDescription: continuousBackups(tables.record(input.TableName), clock),
    }),

    TagResource(input) {
      const { tags } = byArn(input.ResourceArn);
      for (const { Key, Value } of input.Tags) tags.set(Key, Value);
      return {};
    },

    UntagResource(input) {
      const { tags } = byArn(input.ResourceArn);
      for (const key of input.TagKeys) tags.delete(key);
      return {};
    },

    ListTagsOfResource: (input) => ({
      Tags: [...byArn(input.ResourceArn).tags].map(([Key, Value]) => ({ Key, Value })),
    }),
  } satisfies Operations<typeof sdk>;
}

/** The status now: a change becomes true after its hour. */
export function settledTimeToLive(record: TableRecord, clock: Clock): sdk.TimeToLiveStatus {
  const { timeToLive } = record;
  if (timeToLive === undefined) return "DISABLED";
  if (clock.now() - timeToLive.changedAt < TIME_TO_LIVE_CHANGE) return timeToLive.status;
  if (timeToLive.status === "ENABLING") timeToLive.status = "ENABLED";
  if (timeToLive.status === "DISABLING") timeToLive.status = "DISABLED";
  return timeToLive.status;
}

function continuousBackups(record: TableRecord, clock: Clock): sdk.ContinuousBackupsDescription {
  const recovery = record.pointInTimeRecovery;
  if (recovery === undefined)
    return {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: PointInTimeRecoveryStatus.DISABLED },
    };
  const earliest = Math.max(recovery.enabledAt, clock.now() - recovery.days * DAY);
  return {
    ContinuousBackupsStatus: "ENABLED",
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: PointInTimeRecoveryStatus.ENABLED,
      RecoveryPeriodInDays: recovery.days,
      EarliestRestorableDateTime: new Date(earliest),
      LatestRestorableDateTime: new Date(Math.max(earliest, clock.now() - RECOVERY_LAG)),
    },
  };
}
