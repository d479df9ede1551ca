/** What a call of ModifyReplicationGroup changes: some of it at once, some while the group is `modifying`. */
import type * as sdk from "@aws-sdk/client-elasticache";
import type { Surroundings } from "../../region.ts";
import type { Validated } from "../../service.ts";
import { updated } from "./auth-tokens.ts";
import { invalidCombination, invalidValue, notModelled, requireModelled } from "./errors.ts";
import type { ReplicationGroup } from "./replication-group.ts";
import { requireFailoverIsPossible, requireOwnTopic } from "./settings.ts";

type ModifyInput = Validated<sdk.ModifyReplicationGroupCommandInput>;

interface Modification {
  readonly atOnce: Partial<Pick<ReplicationGroup, "description" | "notification">>;
  readonly inTime: readonly SlowChange[];
}

export interface SlowChange {
  readonly meanwhile: Partial<Pick<ReplicationGroup, "automaticFailover" | "authUpdate" | "multiAz">>;
  readonly afterwards: Partial<Pick<ReplicationGroup, "automaticFailover" | "auth" | "authUpdate">>;
  readonly messages: readonly string[];
}

const MODELLED = `ApplyImmediately AuthToken AuthTokenUpdateStrategy AutomaticFailoverEnabled MultiAZEnabled
  NotificationTopicArn NotificationTopicStatus ReplicationGroupDescription ReplicationGroupId`.split(/\s+/);

export function modification(input: ModifyInput, group: ReplicationGroup, surroundings: Surroundings): Modification {
  requireModelled(input, MODELLED);
  const inTime = [tokenChange(input, group, surroundings), failoverChange(input, group)].flatMap(
    (change) => change ?? [],
  );
  if (inTime.length > 0 && input.ApplyImmediately !== true) {
    throw notModelled("A change that waits for the maintenance window");
  }
  return {
    atOnce: {
      ...(input.ReplicationGroupDescription !== undefined && { description: input.ReplicationGroupDescription }),
      notification: notificationOf(input, group, surroundings),
    },
    inTime,
  };
}

function notificationOf(
  { NotificationTopicArn, NotificationTopicStatus: status }: ModifyInput,
  { notification }: ReplicationGroup,
  surroundings: Surroundings,
): ReplicationGroup["notification"] {
  if (status !== undefined && status !== "active" && status !== "inactive") {
    throw invalidValue("The valid values of NotificationTopicStatus are active and inactive.");
  }
  const topicArn =
    NotificationTopicArn === undefined ? notification?.topicArn : requireOwnTopic(NotificationTopicArn, surroundings);
  if (topicArn !== undefined) return { topicArn, status: status ?? notification?.status ?? "active" };
  if (status !== undefined) throw invalidCombination("There is no notification topic whose status could be set.");
  return undefined;
}

/** ROTATE where no strategy is given. The group takes the tokens that it took until the change is complete. */
function tokenChange(input: ModifyInput, group: ReplicationGroup, { clock }: Surroundings): SlowChange | undefined {
  const { AuthToken: token, AuthTokenUpdateStrategy: strategy } = input;
  if (strategy !== undefined && strategy !== "DELETE" && token === undefined) {
    throw invalidCombination("AuthTokenUpdateStrategy must be specified with AuthToken.");
  }
  if (token === undefined && strategy === undefined) return undefined;
  if (!group.transitEncryption) {
    throw invalidCombination("AUTH is only supported on replication groups with encryption in transit.");
  }
  return {
    meanwhile: { authUpdate: strategy === "SET" ? "SETTING" : "ROTATING" },
    afterwards: { auth: updated(group.auth, token ?? "", strategy ?? "ROTATE", clock.now()), authUpdate: undefined },
    messages: [],
  };
}

/** The User Guide shows both in one call, with MultiAZ `enabled` and AutomaticFailover `enabling` in the answer. */
function failoverChange(input: ModifyInput, group: ReplicationGroup): SlowChange | undefined {
  const automaticFailover = input.AutomaticFailoverEnabled ?? group.automaticFailover === "enabled";
  const multiAz = input.MultiAZEnabled ?? group.multiAz;
  requireFailoverIsPossible({ zones: group.clusters.map(({ zone }) => zone), automaticFailover, multiAz });
  const isSwitched = automaticFailover !== (group.automaticFailover === "enabled");
  if (!isSwitched)
    return multiAz === group.multiAz ? undefined : { meanwhile: { multiAz }, afterwards: {}, messages: [] };
  return {
    meanwhile: { multiAz, automaticFailover: automaticFailover ? "enabling" : "disabling" },
    afterwards: { automaticFailover: automaticFailover ? "enabled" : "disabled" },
    // What the event says of turning it off is not documented, so there is none.
    messages: automaticFailover ? [`Automatic failover has been turned on for replication group ${group.id}`] : [],
  };
}
