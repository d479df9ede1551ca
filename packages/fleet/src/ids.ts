/** Names that must not be mixed up, as branded strings. They are made only here, after a check. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type SiteName = Branded<"site">;
export type GroupName = Branded<"Auto Scaling group">;
export type InstanceId = Branded<"instance id">;
/** `site/group/i-0123456789abcdef0`: one piece of work. */
export type NodeKey = Branded<"node key">;
/** `site/rollout/group`: the rollout of a group is a piece of work, too. */
export type RolloutKey = Branded<"rollout key">;
export type UpgradeKey = Branded<"upgrade key">;

const sitePattern = /^[a-z0-9-]{1,40}$/;
/** Auto Scaling allows more; a slash would break the key, control characters the terminal. */
const groupPattern = /^[^/\p{C}]{1,255}$/u;
const instancePattern = /^i-[0-9a-f]{8,17}$/;

export const siteName = (text: string): SiteName => checked(text, sitePattern, "a site name") as SiteName;
export const groupName = (text: string): GroupName => checked(text, groupPattern, "a group name") as GroupName;
export const instanceId = (text: string): InstanceId => checked(text, instancePattern, "an instance id") as InstanceId;

export interface NodeName {
  readonly site: SiteName;
  readonly group: GroupName;
  readonly instance: InstanceId;
}

export const nodeKey = (name: NodeName): NodeKey => `${name.site}/${name.group}/${name.instance}` as NodeKey;

/** Undefined for text that is no node key. */
export function parseNodeKey(text: string): NodeName | undefined {
  const [site, group, instance, ...rest] = text.split("/");
  if (site === undefined || group === undefined || instance === undefined || rest.length > 0) return undefined;
  if (!sitePattern.test(site) || !groupPattern.test(group) || !instancePattern.test(instance)) return undefined;
  return { site: site as SiteName, group: group as GroupName, instance: instance as InstanceId };
}

export interface GroupOfSite {
  readonly site: SiteName;
  readonly group: GroupName;
}

export const rolloutKey = ({ site, group }: GroupOfSite): RolloutKey => `${site}/rollout/${group}` as RolloutKey;

/** Undefined for text that is no rollout key. */
export function parseRolloutKey(text: string): GroupOfSite | undefined {
  const [site, rollout, group, ...rest] = text.split("/");
  if (site === undefined || rollout !== "rollout" || group === undefined || rest.length > 0) return undefined;
  if (!sitePattern.test(site) || !groupPattern.test(group) || parseNodeKey(text) !== undefined) return undefined;
  return { site: site as SiteName, group: group as GroupName };
}

/** `site/upgrade`: one at a time for the whole site, for its groups share the database. */
export const upgradeKey = (site: SiteName): UpgradeKey => `${site}/upgrade` as UpgradeKey;

/** Undefined for text that is no upgrade key. */
export function parseUpgradeKey(text: string): SiteName | undefined {
  const [site, upgrade, ...rest] = text.split("/");
  if (site === undefined || upgrade !== "upgrade" || rest.length > 0 || !sitePattern.test(site)) return undefined;
  return site as SiteName;
}

function checked(text: string, pattern: RegExp, what: string): string {
  if (!pattern.test(text)) throw new Error(`${JSON.stringify(text)} is not ${what}`);
  return text;
}
