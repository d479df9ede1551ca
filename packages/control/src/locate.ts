/** From instance ids to nodes: whose site and group they are. What belongs to no site of ours is left alone. */
import type { Notice } from "@warden/events";
import { type Hint, type InstanceId, instanceId, type NodeName, nodeKey } from "@warden/fleet";
import type { Deps } from "./deps.ts";
import { hintOf } from "./hints.ts";
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
  /** The longest chain of wake-ups that led to this invocation: all that it sends continues it. */
  readonly hops: number;
  /** The record's version that a wake-up was set for. */
  readonly version: number | undefined;
}

export interface Place {
  readonly name: NodeName;
  readonly site: Site;
  readonly hints: readonly Hint[];
  /** See `Addressed`. */
  readonly hops: number;
  /** The newest version that a wake-up which led here was set for; undefined when none did. */
  readonly wake: { readonly version: number | undefined } | undefined;
  /** An event is among the messages that led here. */
  readonly told: boolean;
  /** One of them asks for a look whatever was written meanwhile: an event, an order, or what the sweep just found. */
  readonly demanded: boolean;
}

export async function locate(addressed: readonly Addressed[], deps: Deps): Promise<readonly Place[]> {
  const unnamed = addressed.filter((each) => each.group === undefined).map((each) => instanceId(each.instance));
  const [groups, sites] = await Promise.all([
    deps.settings.whereabouts.groupOf([...new Set(unnamed)]),
    deps.settings.sites(),
  ]);
  const places = new Map<string, Place>();
  for (const each of addressed) {
    const place = placeOf(each, groups, sites, deps.now());
    if (place === undefined) continue;
    const key = nodeKey(place.name);
    const known = places.get(key);
    places.set(
      key,
      known === undefined
        ? place
        : {
            ...known,
            hints: [...known.hints, ...place.hints],
            wake: merged(known.wake, place.wake),
            told: known.told || place.told,
            demanded: known.demanded || place.demanded,
          },
    );
  }
  return [...places.values()];
}

/** An event beside a wake-up does not end its chain, or the node would have none. */
function merged(a: Place["wake"], b: Place["wake"]): Place["wake"] {
  if (a === undefined || b === undefined) return a ?? b;
  return { version: Math.max(a.version ?? 0, b.version ?? 0) };
}

function placeOf(
  each: Addressed,
  groups: ReadonlyMap<InstanceId, string>,
  sites: readonly Site[],
  now: number,
): Place | undefined {
  const instance = instanceId(each.instance);
  const groupText = each.group ?? groups.get(instance);
  const site = sites.find((candidate) => candidate.groups.some((name) => name === groupText));
  const group = site?.groups.find((name) => name === groupText);
  if (site === undefined || group === undefined) return undefined;
  const hint = hintOf(each.notice, now);
  return {
    name: { site: site.site, group, instance },
    site,
    hints: hint === undefined ? [] : [hint],
    hops: each.hops,
    wake: each.name === undefined ? undefined : { version: each.version },
    told: each.name === undefined,
    demanded: (each.version ?? 0) === 0,
  };
}
