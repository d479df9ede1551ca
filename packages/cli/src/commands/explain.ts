/** `warden explain ID`: what a node is, how it came to that, what it waits for, and who or what holds it. */
import { freezeAt, frozenText, isOpen, length, nodeKey } from "@warden/fleet";
import { chooseSite, type FoundNode, findNode, readNodeId } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { Problem, printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { refusalIn } from "../refusal.ts";
import { storyJson, storyLines } from "../render/story.ts";
import { instant, iso } from "../render/time.ts";
import { targetOf } from "../target.ts";
import { waitsFor } from "../waits-for.ts";

/** Of the ledger's 90 days, as much as a person reads. */
const mostEntries = 200;

export async function explain(context: WardenContext, flags: PlaceFlags, id: string): Promise<Status> {
  const instance = readNodeId(id);
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const found = await findNode(instance, site, reach);
  // A record is kept for a week after its node is gone, the ledger for 90 days.
  const keys =
    found === undefined ? site.groups.map((group) => nodeKey({ site: site.site, group, instance })) : [found.key];
  const rows = await Promise.all(keys.map((key) => reach.deps.ports.store.ledger(key, mostEntries)));
  const entries = rows.flat().sort((a, b) => a.at - b.at);
  if (found === undefined && entries.length === 0) {
    throw new Problem(
      status.unwell,
      `Nobody knows ${instance} in site ${site.site}: no group has it, and the ledger of 90 days does not name it`,
      "`warden nodes` lists the nodes there are",
    );
  }
  const now = reach.deps.now();
  if (flags.json)
    context.out.write(`${JSON.stringify({ ...asJson(found, now), instance, story: entries.map(storyJson) })}\n`);
  else {
    const lines =
      found === undefined ? [`${instance} was a node of site ${site.site}; it is gone.`] : headOf(found, now);
    const story = entries.length === 0 ? ["  nothing yet"] : storyLines(entries).map((line) => `  ${line}`);
    const cut = entries.length === mostEntries ? [`  (the newest ${mostEntries} decisions)`] : [];
    const tail = found === undefined ? [] : tailOf(found, now);
    context.out.write(`${[...lines, "", "Story", ...cut, ...story, ...tail].join("\n")}\n`);
  }
  return status.done;
}

function headOf(found: FoundNode, now: number): string[] {
  const { name, stored, lifecycleState } = found;
  const where = `${name.instance}: node of group ${name.group}, site ${name.site}`;
  if (stored === undefined) return [where, `  Auto Scaling says ${lifecycleState}; Warden has no record of it`];
  const { record } = stored;
  const { verified, episode, notice } = record;
  return [
    where,
    `  phase     ${record.phase.name} since ${instant(record.since)} (${length(now - record.since)})`,
    `  state     ${lifecycleState}${record.lifecycleState === lifecycleState ? "" : ` (${record.lifecycleState} at the last look)`}`,
    verified === undefined
      ? "  verified  never"
      : `  verified  release ${verified.release}, configuration ${verified.digest.slice(0, 12)}, ${length(now - verified.at)} ago`,
    ...(isOpen(episode)
      ? [
          `  hook      ${episode.hook}${episode.result === undefined ? " waits for Warden's answer" : `: ${episode.result.value} was answered`}`,
        ]
      : []),
    ...(notice === undefined
      ? []
      : [`  notice    ${notice.kind}${notice.goneAt === undefined ? "" : `, gone at ${instant(notice.goneAt)}`}`]),
  ].map(printable);
}

function tailOf(found: FoundNode, now: number): string[] {
  const { order, stopped, stored } = found;
  const freeze = found.calendar && freezeAt(found.calendar.freezes, now);
  const refused = stored === undefined ? undefined : refusalIn(stored.why);
  return [
    "",
    `Waits for ${waitsFor(found, now)}.`,
    ...(order === undefined
      ? []
      : [
          `Order: ${order.verb} by ${order.by} (${order.reason}), ${stored?.record.orderDone === order.id ? "carried out" : `in force until ${instant(order.expiresAt)}`}.`,
        ]),
    ...(stopped === undefined
      ? []
      : [`Site ${found.site.site} is stopped by ${stopped.by} (${stopped.reason}): nothing voluntary happens.`]),
    ...(freeze === undefined ? [] : [`${frozenText(freeze)}: nothing voluntary happens.`]),
    ...(refused === undefined ? [] : [`The guard ${refused.guard} refuses: ${refused.why}.`]),
  ].map(printable);
}

function asJson(found: FoundNode | undefined, now: number) {
  if (found === undefined) return { phase: "gone" };
  const { name, stored, order, stopped, lifecycleState } = found;
  const verified = stored?.record.verified;
  return {
    site: name.site,
    group: name.group,
    phase: stored?.record.phase.name ?? null,
    since: stored === undefined ? null : iso(stored.record.since),
    lifecycleState,
    verified: verified === undefined ? null : { ...verified, at: iso(verified.at) },
    why: stored?.why ?? null,
    waitsFor: waitsFor(found, now),
    order: order === undefined ? null : { ...order, expiresAt: iso(order.expiresAt) },
    stopped: stopped === undefined ? null : { ...stopped, at: iso(stopped.at) },
    refused: (stored === undefined ? undefined : refusalIn(stored.why)) ?? null,
  };
}
