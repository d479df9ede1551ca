/**
 * Which resources and condition keys each action takes, from the AWS Service Authorization Reference of the date in
 * `action-table.json` (a service that was added later has its own). A statement that names a resource never covers an
 * action that takes none: for such a request the resource is `*`, which no ARN matches. So a grant that would do nothing
 * on AWS does nothing here.
 */
import table from "./action-table.json" with { type: "json" };

export interface ActionEntry {
  /** Names of resource types; empty for an action that only takes `*`. */
  readonly resourceTypes: readonly string[];
  /** ARNs of those types with `${Partition}`, `${Region}`, `${Account}` and names to fill in. */
  readonly arns: readonly string[];
  /** Those of the action and of its resource types; `aws:ResourceTag/` stands for every tag. */
  readonly conditionKeys: ReadonlySet<string>;
}

/** By `prefix:Action`; undefined for an action that the table does not know. */
export function actionEntry(action: string): ActionEntry | undefined {
  return entries.get(action.toLowerCase());
}

/** Whether a request that carries this action also carries a value for this key (`ssm:resourceTag/site`). */
export function takesConditionKey(entry: ActionEntry, key: string): boolean {
  return entry.conditionKeys.has(keyFamily(key));
}

/** All tags of a resource share one row of AWS's table. */
const keyFamily = (key: string): string => key.replace(/\/.*$/, "/");

/** The table keeps lists as texts, so that a line of it can be read. */
interface Group {
  readonly actions: string;
  readonly resources: string;
  readonly conditionKeys: string;
}

interface ServiceTable {
  readonly resourceTypes: Readonly<Record<string, { arn: string; conditionKeys: string } | undefined>>;
  readonly actions: readonly Group[];
}

const services: Readonly<Record<string, ServiceTable>> = table.services;

const entries: ReadonlyMap<string, ActionEntry> = new Map(
  Object.entries(services).flatMap(([prefix, service]) =>
    service.actions.flatMap((group) => {
      const entry = entryOf(service, group);
      return group.actions
        .split(" ")
        .map((action): [string, ActionEntry] => [`${prefix}:${action}`.toLowerCase(), entry]);
    }),
  ),
);

function entryOf(service: ServiceTable, group: Group): ActionEntry {
  const resourceTypes = listed(group.resources);
  const types = resourceTypes.map((name) => service.resourceTypes[name]);
  return {
    resourceTypes,
    arns: types.flatMap((type) => (type === undefined ? [] : [type.arn])),
    conditionKeys: new Set(
      [group.conditionKeys, ...types.map((type) => type?.conditionKeys ?? "")].flatMap(listed).map(keyFamily),
    ),
  };
}

function listed(text: string): string[] {
  return text === "" ? [] : text.split(", ");
}
