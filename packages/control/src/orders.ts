/** What a person asks for: written down with who and why, then the node is woken. The loop carries it out. */
import type { NodeKey, Order, SiteName } from "@warden/fleet";
import type { Deps } from "./deps.ts";
import { wakeNow } from "./wake-up.ts";

/** An order that could not be carried out by then is void: nobody expects yesterday's drain today. */
const lifetime = 4 * 3_600_000;

/** A hold lasts until it is released, or for a month. */
const holdLifetime = 30 * 24 * 3_600_000;

export interface Asked {
  readonly by: string;
  readonly reason: string;
}

export async function giveOrder(verb: Order["verb"], key: NodeKey, asked: Asked, deps: Deps): Promise<Order> {
  const expiresAt = deps.now() + (verb === "hold" ? holdLifetime : lifetime);
  const order: Order = { id: deps.id(), verb, by: asked.by, reason: asked.reason, expiresAt };
  await deps.ports.store.putOrder(key, order);
  await wakeNow(key, deps);
  return order;
}

export async function withdrawOrder(key: NodeKey, deps: Deps): Promise<void> {
  await deps.ports.store.dropOrder(key);
  await wakeNow(key, deps);
}

export async function stop(site: SiteName, asked: Asked, deps: Deps): Promise<void> {
  await deps.ports.store.putStop(site, { by: asked.by, reason: asked.reason, at: deps.now() });
}

export async function resume(site: SiteName, deps: Deps): Promise<void> {
  await deps.ports.store.putStop(site, undefined);
}
