/** From instance ids to nodes: whose site and group they are. What belongs to no site of ours is left alone. */
import type { Notice } from "@warden/events";
import { type Hint, type InstanceId, instanceId, type NodeName, nodeKey } from "@warden/fleet";
import type { Deps } from "./deps.ts";
import { hintOf } from "./hints.ts";
import type { InstanceFacts } from "./ports.ts";
import type { Site } from "./site.ts";

/** One message that points at one instance. */
export interface Addressed {
  readonly messageId: string;
  readonly instance: string;
  /** As the event names it: a group whose reads lag behind may not list the instance yet. */
  readonly group: string | undefined;
  /** Known when the message is a wake-up of ours. */
  readonly name: NodeName | undefined;
  readonly notice: Notice | undefined;
  readonly hops: number;
  /** The record's version that a wake-up was set for. */
  readonly version: number | undefined;
}

export interface Place {
  readonly name: NodeName;
  readonly site: Site;
  readonly hints: readonly Hint[];
  /** The longest chain of wake-ups that led here, and the version it was set for; undefined for an event. */
  readonly wake: { readonly hops: number; readonly version: number | undefined } | undefined;
}

export interface Located {
  readonly places: readonly Place[];
  readonly instances: ReadonlyMap<InstanceId, InstanceFacts>;
}

export async function locate(addressed: readonly Addressed[], deps: Deps): Promise<Located> {
  const ids = [...new Set(addressed.map((each) => instanceId(each.instance)))];
  const [instances, sites] = await Promise.all([deps.ports.autoScaling.describeInstances(ids), deps.settings.sites()]);
  const places = new Map<string, Place>();
  for (const each of addressed) {
    const place = placeOf(each, instances, sites, deps.now());
    if (place === undefined) continue;
    const key = nodeKey(place.name);
    const known = places.get(key);
    places.set(
      key,
      known === undefined
        ? place
        : { ...known, hints: [...known.hints, ...place.hints], wake: known.wake && place.wake },
    );
  }
  return { places: [...places.values()], instances };
}

function placeOf(
  each: Addressed,
  instances: ReadonlyMap<InstanceId, InstanceFacts>,
  sites: readonly Site[],
  now: number,
): Place | undefined {
  const instance = instanceId(each.instance);
  // A group says itself what is in it; the key of a wake-up serves once the group has forgotten the instance.
  const groupText = instances.get(instance)?.group ?? each.name?.group ?? each.group;
  const site = sites.find((candidate) => candidate.groups.some((name) => name === groupText));
  const group = site?.groups.find((name) => name === groupText);
  if (site === undefined || group === undefined) return undefined;
  const hint = hintOf(each.notice, now);
  return {
    name: { site: site.site, group, instance },
    site,
    hints: hint === undefined ? [] : [hint],
    wake: each.name === undefined ? undefined : { hops: each.hops, version: each.version },
  };
}
