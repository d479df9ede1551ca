/** What a person asks for: written down with who and why, then the node is woken. The loop carries it out. */
import type { NodeKey, Order, Plan, SiteName } from "@warden/fleet";
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

/** By then the node is another than the one that was approved to go. */
const approvalLifetime = 3_600_000;

export type GivenVerb = Exclude<Order["verb"], "approve">;

export function giveOrder(verb: GivenVerb, key: NodeKey, asked: Asked, deps: Deps): Promise<Order> {
  const expiresAt = deps.now() + (verb === "hold" ? holdLifetime : lifetime);
  return put(key, { id: deps.id(), verb, by: asked.by, reason: asked.reason, expiresAt }, deps);
}

/** Of what the node waits for, and nothing else. */
export function approve(plan: Plan, key: NodeKey, asked: Asked, deps: Deps): Promise<Order> {
  const expiresAt = deps.now() + approvalLifetime;
  return put(key, { id: deps.id(), verb: "approve", plan, by: asked.by, reason: asked.reason, expiresAt }, deps);
}

async function put(key: NodeKey, order: Order, deps: Deps): Promise<Order> {
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
