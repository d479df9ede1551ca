/**
 * The loop: a batch of messages → where to look → look → decide → record → act → when to look again. A message only
 * says where to look, so losing, repeating or reordering it changes nothing but time.
 */
import { type Parsed, parse } from "@warden/events";
import { type NodeKey, nodeKey, parseNodeKey, parseRolloutKey, parseUpgradeKey } from "@warden/fleet";
import { alarming } from "./alarming.ts";
import { type AlarmPointer, noteAlarms } from "./alarms.ts";
import { type DependencyPointer, noteDependencyEvent } from "./dependencies.ts";
import type { Deps } from "./deps.ts";
import { type Addressed, locate } from "./locate.ts";
import { pass } from "./pass.ts";
import type { Lane } from "./ports.ts";
import { reconcileRollout } from "./rollouts.ts";
import { reconcileUpgrade } from "./upgrades.ts";

export interface Message {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often it was delivered, this time included. */
  readonly received: number;
}

/** @returns the ids of the messages that must be delivered again */
export async function reconcile(lane: Lane, messages: readonly Message[], deps: Deps): Promise<readonly string[]> {
  const parsed = messages.map((message) => ({ message, parsed: parse(message.body) }));
  const hops = longestChainOf(parsed);
  const read = parsed.map((each) => ({ ...each, hops }));
  const suspects = read.filter(isSuspect).sort((a, b) => a.message.received - b.message.received);
  const fresh = read.filter((each) => !isSuspect(each));

  const failed = new Set(await attempt(fresh, deps));
  let done = fresh.filter(({ message }) => !failed.has(message.messageId));
  for (const suspect of suspects) {
    // Whatever is done is acknowledged before the next suspect has its chance to crash the function.
    await acknowledge(done, lane, deps);
    const [again] = await attempt([suspect], deps);
    if (again === undefined) done = [suspect];
    else {
      failed.add(again);
      done = [];
    }
  }
  return [...failed];
}

interface ReadMessage {
  readonly message: Message;
  readonly parsed: Parsed;
  readonly hops: number;
}

/** Lambda counts an invocation, and all that it sends, to the longest of the chains that its batch continues. */
function longestChainOf(batch: readonly { readonly parsed: Parsed }[]): number {
  return Math.max(0, ...batch.map(({ parsed }) => (parsed.kind === "wake" ? parsed.hops : 0)));
}

/** What came back, or what the sweep sends in vain, may be what crashes the function: it is tried by itself. */
function isSuspect({ message, parsed }: ReadMessage): boolean {
  return message.received > 1 || (parsed.kind === "wake" && parsed.alone);
}

async function acknowledge(done: readonly ReadMessage[], lane: Lane, deps: Deps): Promise<void> {
  if (done.length > 0)
    await deps.ports.lanes.acknowledge(
      lane,
      done.map(({ message }) => message.receiptHandle),
    );
}

/** @returns the ids of the messages that must be delivered again */
async function attempt(batch: readonly ReadMessage[], deps: Deps): Promise<string[]> {
  try {
    for (const each of batch) await noteUnreadable(each, deps);
    for (const each of batch.flatMap(dependencies)) await noteDependencyEvent(each, deps);
    await noteAlarms(batch.flatMap(alarms), deps);
    return [...(await attemptNodes(batch.flatMap(addresses), deps)), ...(await attemptLeaders(batch, deps))];
  } catch (error) {
    deps.log.error("could not reconcile a batch", { error });
    return batch.map(({ message }) => message.messageId);
  }
}

/** @returns the ids of the messages that must be delivered again */
async function attemptNodes(addressed: readonly Addressed[], deps: Deps): Promise<string[]> {
  if (addressed.length === 0) return [];
  const failed = await reconcileNodes(addressed, deps);
  for (const [key, error] of failed) deps.log.error(alarming.notReconciled, { key, error });
  const instances = new Set<string | undefined>([...failed.keys()].map((key) => parseNodeKey(key)?.instance));
  return [...new Set(addressed.filter((each) => instances.has(each.instance)).map((each) => each.messageId))];
}

/**
 * Rollouts and upgrades, after the nodes of the batch, so that they see what these have come to.
 * @returns the ids of the messages that must be delivered again
 */
async function attemptLeaders(batch: readonly ReadMessage[], deps: Deps): Promise<string[]> {
  const messages = Map.groupBy(batch, ({ parsed }) => (parsed.kind === "wake" ? parsed.key : ""));
  const failed: string[] = [];
  for (const [key, wakes] of messages) {
    const of = parseRolloutKey(key);
    const site = parseUpgradeKey(key);
    const hops = Math.max(...wakes.map((each) => each.hops));
    try {
      if (of !== undefined) await reconcileRollout(of, hops, deps);
      if (site !== undefined) await reconcileUpgrade(site, hops, deps);
    } catch (error) {
      deps.log.error("could not lead a rollout or an upgrade on", { key, error });
      failed.push(...wakes.map(({ message }) => message.messageId));
    }
  }
  return failed;
}

/** @returns the keys that must be tried again, with the reason */
async function reconcileNodes(addressed: readonly Addressed[], deps: Deps): Promise<Map<NodeKey, unknown>> {
  const failed = new Map<NodeKey, unknown>();
  let places = await locate(addressed, deps);
  for (let round = 1; places.length > 0; round++) {
    const outcome = await pass(places, deps);
    for (const [key, error] of outcome.failed) failed.set(key, error);
    const lost = places.filter((place) => outcome.lost.has(nodeKey(place.name)));
    if (round === mostRounds) {
      for (const place of lost)
        failed.set(nodeKey(place.name), new Error(`lost the race for its record ${round} times`));
      break;
    }
    places = lost;
  }
  return failed;
}

/** A lost race means that another pass knows better: look again with what it wrote. */
const mostRounds = 3;

function addresses({ message, parsed, hops }: ReadMessage): Addressed[] {
  const { messageId } = message;
  if (parsed.kind === "wake") {
    const name = parseNodeKey(parsed.key);
    if (name === undefined) return [];
    const { instance, group } = name;
    return [{ messageId, instance, group, name, notice: undefined, hops, version: parsed.version }];
  }
  if (parsed.kind !== "event") return [];
  return parsed.pointers.flatMap((pointer) => {
    if (!("instanceId" in pointer) || pointer.instanceId === undefined) return [];
    const { group, notice } = pointer.kind === "instance" ? pointer : { group: undefined, notice: undefined };
    return [{ messageId, instance: pointer.instanceId, group, name: undefined, notice, hops, version: undefined }];
  });
}

const dependencies = ({ parsed }: ReadMessage): DependencyPointer[] =>
  parsed.kind === "event" ? parsed.pointers.filter((pointer) => pointer.kind === "dependency") : [];

const alarms = ({ parsed }: ReadMessage): AlarmPointer[] =>
  parsed.kind === "event" ? parsed.pointers.filter((pointer) => pointer.kind === "alarm") : [];

/** A broken message leaves one row and is gone; one from a newer Warden is left to it, and says so. */
async function noteUnreadable({ message, parsed }: ReadMessage, deps: Deps): Promise<void> {
  if (parsed.kind !== "unparsable" && parsed.kind !== "newer") return;
  deps.log.warn(`left a message aside: ${parsed.why}`, { messageId: message.messageId });
  await deps.ports.store.note({
    v: 1,
    key: "messages/-/-",
    at: deps.now(),
    id: deps.id(),
    kind: parsed.kind,
    phase: undefined,
    phaseBefore: undefined,
    why: parsed.why,
    actions: [],
    evidence: { messageId: message.messageId },
  });
}
