/**
 * What the load balancer says. It is asked only about nodes in service, since a node on its way has other evidence, and
 * about a whole group where a node's files hang: then the others tell whose fault that is. It is one call for each target
 * group in either case.
 */
import type { GroupName, InstanceId, NodeRecord } from "@warden/fleet";
import type { Log } from "./deps.ts";
import type { GroupFacts, Ports, TargetStatus } from "./ports.ts";

export async function observeTargets(
  records: readonly NodeRecord[],
  facts: ReadonlyMap<GroupName, GroupFacts>,
  ports: Ports,
  log: Log,
): Promise<Map<InstanceId, TargetStatus>> {
  const byTargetGroup = new Map<string, InstanceId[]>();
  for (const record of records) {
    if (record.phase.name !== "in-service") continue;
    for (const arn of facts.get(record.group)?.targetGroupArns ?? []) {
      byTargetGroup.set(arn, [...(byTargetGroup.get(arn) ?? []), ...whoseTargetsMatter(record, facts)]);
    }
  }
  const targets = new Map<InstanceId, TargetStatus>();
  await Promise.all(
    [...byTargetGroup].map(async ([arn, ids]) => {
      for (const [id, status] of await targetHealth(arn, [...new Set(ids)], ports, log)) {
        // In several target groups, the worst news counts.
        if (targets.get(id) !== "unhealthy") targets.set(id, status);
      }
    }),
  );
  return targets;
}

function whoseTargetsMatter(record: NodeRecord, facts: ReadonlyMap<GroupName, GroupFacts>): readonly InstanceId[] {
  return [record.instance, ...othersOf(record, facts.get(record.group))];
}

/** Undefined for who has not said that its files hang: then nobody asked about the others. */
export function othersHealthy(
  record: NodeRecord | undefined,
  facts: GroupFacts | undefined,
  targets: ReadonlyMap<InstanceId, TargetStatus>,
): number | undefined {
  if (record === undefined || !saysThatFilesHang(record)) return undefined;
  return othersOf(record, facts).filter((instance) => targets.get(instance) === "healthy").length;
}

/** Those in service beside one whose files hang. */
function othersOf(record: NodeRecord, facts: GroupFacts | undefined): readonly InstanceId[] {
  if (facts === undefined || !saysThatFilesHang(record)) return [];
  return facts.instances.flatMap(({ instance, lifecycleState }) =>
    lifecycleState === "InService" && instance !== record.instance ? [instance] : [],
  );
}

const saysThatFilesHang = ({ phase }: NodeRecord): boolean => phase.name === "in-service" && phase.hang !== undefined;

/** What the load balancer does not tell stays unknown: launches and lifecycle actions do not wait for it. */
async function targetHealth(
  arn: string,
  ids: readonly InstanceId[],
  ports: Ports,
  log: Log,
): Promise<ReadonlyMap<InstanceId, TargetStatus>> {
  try {
    return await ports.loadBalancing.targetHealth(arn, ids);
  } catch (error) {
    log.warn("could not read the health of targets", { arn, error });
    return new Map();
  }
}
