/**
 * Gives a site's groups back to who had them: Warden's hooks are taken away, and Warden forgets the site. No instance is
 * launched, held or ended by that.
 *
 * To delete a hook ends its actions: a launching instance is given up, a terminating one goes at once (EC2 Auto Scaling API,
 * DeleteLifecycleHook). So nothing may be on its way through one, and nothing may set out meanwhile.
 */
import type { GroupName, InstanceId } from "@warden/fleet";
import type { Deps } from "./deps.ts";
import type { GroupFacts } from "./ports.ts";
import type { Site } from "./site.ts";

/** Calls that nothing but a detachment makes, and no function may make. */
export interface DetachingPort {
  deleteHook(group: GroupName, hook: string): Promise<void>;
  dropSite(site: Site["site"]): Promise<void>;
}

/** An instance that comes or goes. */
export interface Traveller {
  readonly group: GroupName;
  readonly instance: InstanceId;
  readonly lifecycleState: string;
}

export interface DetachedGroup {
  readonly group: GroupName;
  readonly hooks: readonly string[];
  readonly instances: number;
}

/** What a detachment would take away now. Groups that are gone are left out. */
export async function attached(site: Site, { ports }: Deps): Promise<readonly DetachedGroup[]> {
  const groups = await ports.autoScaling.describeGroups(site.groups);
  const own = [site.policy.launchHook, site.policy.terminateHook];
  return Promise.all(
    [...groups.values()].map(async ({ name, instances }) => {
      const hooks = await ports.autoScaling.describeHooks(name);
      return {
        group: name,
        hooks: hooks.map((hook) => hook.name).filter((hook) => own.includes(hook)),
        instances: instances.length,
      };
    }),
  );
}

export async function travellers(site: Site, { ports }: Deps): Promise<readonly Traveller[]> {
  const groups = await ports.autoScaling.describeGroups(site.groups);
  return [...groups.values()].flatMap(({ name, instances }) =>
    instances.filter(isTravelling).map((each) => ({ group: name, ...each })),
  );
}

/**
 * @param quiet resolves when {@link travellers} finds nobody; what it throws ends the detachment, and nothing was taken away
 * @returns what was taken away
 */
export async function detach(
  site: Site,
  quiet: () => Promise<void>,
  detaching: DetachingPort,
  deps: Deps,
): Promise<readonly DetachedGroup[]> {
  const { autoScaling, store } = deps.ports;
  const found = await attached(site, deps);
  const groups = [...(await autoScaling.describeGroups(site.groups)).values()];
  const held = groups.map((group) => ({ group: group.name, processes: notYetSuspended(group) }));
  try {
    for (const { group, processes } of held)
      if (processes.length > 0) await autoScaling.suspendProcesses(group, processes);
    await quiet();
    for (const { group, hooks } of found) for (const hook of hooks) await detaching.deleteHook(group, hook);
    await detaching.dropSite(site.site);
    await store.putStop(site.site, undefined);
  } finally {
    // Whatever happened: a group that can launch nothing is worse than one that is half given back.
    for (const { group, processes } of held)
      if (processes.length > 0) await autoScaling.resumeProcesses(group, processes);
  }
  return found;
}

/** What makes instances come and go. */
const moving = ["Launch", "Terminate"];

/** What somebody else had suspended before stays so. */
const notYetSuspended = ({ suspended }: GroupFacts): readonly string[] =>
  moving.filter((process) => !suspended.includes(process));

/** `Pending`, `Pending:Wait`, `Warmed:Terminating:Proceed` and so on (EC2 Auto Scaling guide, "instance lifecycle"). */
const isTravelling = ({ lifecycleState }: { readonly lifecycleState: string }): boolean =>
  /Pending|Terminating/.test(lifecycleState);
