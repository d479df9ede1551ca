/** TestFailover: a failover on request, on fifteen node groups in any 24 hours. */
import type * as sdk from "@aws-sdk/client-elasticache";
import {
  APICallRateForCustomerExceededFault,
  NodeGroupNotFoundFault,
  TestFailoverNotAvailableFault,
} from "@aws-sdk/client-elasticache";
import type { Clock } from "../../clock.ts";
import type { Operations } from "../../service.ts";
import { describedGroup } from "./described.ts";
import type { EventLog } from "./events.ts";
import type { LoseNode } from "./failover.ts";
import { NODE_GROUP, type ReplicationGroups } from "./replication-group.ts";

const MOST_TESTS = 15;
const DAY = 24 * 60 * 60_000;

export function failoverOperation(
  clock: Clock,
  groups: ReplicationGroups,
  log: EventLog,
  loseNode: LoseNode,
): Pick<Operations<typeof sdk>, "TestFailover"> {
  let testedAt: readonly number[] = [];

  return {
    TestFailover({ ReplicationGroupId, NodeGroupId }) {
      groups.find(ReplicationGroupId);
      if (NodeGroupId !== NODE_GROUP) {
        throw new NodeGroupNotFoundFault({ message: `Node group ${NodeGroupId} not found.`, $metadata: {} });
      }
      const group = groups.available(ReplicationGroupId);
      const primary = group.clusters.find(({ role }) => role === "primary");
      if (group.automaticFailover !== "enabled" || primary === undefined) {
        throw new TestFailoverNotAvailableFault({
          message: "The TestFailover action is not available.",
          $metadata: {},
        });
      }
      spendTest();
      log.ofGroup(group, `Test Failover API called for node group ${NodeGroupId}`);
      // The answer still shows the group as available (AWS CLI reference, test-failover).
      const ReplicationGroup = describedGroup(group);
      loseNode(group, primary);
      return { ReplicationGroup };
    },
  };

  function spendTest(): void {
    testedAt = testedAt.filter((at) => at > clock.now() - DAY);
    if (testedAt.length >= MOST_TESTS) {
      throw new APICallRateForCustomerExceededFault({
        message: "The customer has exceeded the allowed rate of API calls.",
        $metadata: {},
      });
    }
    testedAt = [...testedAt, clock.now()];
  }
}
