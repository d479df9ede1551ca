/** `warden detach`: gives the site's groups back before Warden is removed. What serves goes on serving. */
import {
  attached,
  type DetachedGroup,
  detach as detachSite,
  type Site,
  stop,
  type Traveller,
  travellers,
} from "@warden/control";
import { isOver } from "@warden/fleet";
import { askedOf } from "../asked.ts";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { Problem, printable, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { say } from "../rollouts.ts";
import { targetOf } from "../target.ts";
import { needNotStuck, needNoUpgrade } from "../upgrades.ts";

export async function detach(context: WardenContext, flags: ChangeFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  await needNoUpgrade(site, "detach", reach);
  await needNotStuck(site, "detach", reach);
  await needNoRollout(site, reach);
  if (flags.dryRun) return foretell(site, flags, reach, context);

  const { deps, detaching } = reach;
  const { calendar } = await deps.ports.store.calendar(site.site);
  if (Object.keys(calendar.held).length > 0)
    throw new Problem(
      status.refused,
      `The guard freeze refuses to detach site ${site.site}: the scaling of ${Object.keys(calendar.held).join(", ")} is held for a freeze`,
      "end it with `warden freeze end`, and wait until `warden freeze list` shows nothing held",
    );
  const stopped = await deps.ports.store.stopped(site.site);
  if (stopped === undefined) await stop(site.site, askedOf(flags, context), deps);
  const signal = context.interruption();
  // Once while the group may still do as it likes, so that it is held for as short as can be, and once when it is held.
  const quiet = () => untilQuiet(site, flags, reach, context, signal);
  await quiet();
  const groups = await detachSite(site, quiet, detaching, deps);
  say(
    context,
    flags,
    [
      ...groups.map(lineOf("Took away")),
      `Warden knows ${site.site} no more. What serves goes on serving; nobody prepares what the group launches from now on.`,
    ],
    { site: site.site, detached: true, groups },
  );
  return status.done;
}

async function needNoRollout(site: Site, { deps }: Reach): Promise<void> {
  for (const group of site.groups) {
    const rollout = (await deps.ports.store.groupState(site.site, group)).rollout?.rollout;
    if (rollout === undefined || isOver(rollout)) continue;
    throw new Problem(
      status.refused,
      `The rollout that ${rollout.by} began in ${group} goes on (${rollout.reason})`,
      "wait for its end, or take it back with `warden config rollback`",
    );
  }
}

async function foretell(site: Site, flags: ChangeFlags, { deps }: Reach, context: WardenContext): Promise<Status> {
  const groups = await attached(site, deps);
  const waiting = await travellers(site, deps);
  const lines = [
    ...groups.map(lineOf("Warden would take away")),
    ...waiting.map((each) => `It would first wait for ${inWords(each)}.`),
    "Nothing was changed.",
  ];
  say(context, flags, lines, { dryRun: true, site: site.site, detached: false, groups, waitsFor: waiting });
  return status.done;
}

async function untilQuiet(
  site: Site,
  { json, timeout }: ChangeFlags,
  { deps }: Reach,
  { err, now, sleep }: WardenContext,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = now();
  let before = "";
  for (;;) {
    const waiting = await travellers(site, deps);
    if (waiting.length === 0) return;
    const words = waiting.map(inWords).join(", ");
    if (words !== before && !json) err.write(`${printable(`Waiting for ${words}.`)}\n`);
    before = words;
    if (signal.aborted || now() - startedAt >= timeout)
      throw new Problem(
        status.unfinished,
        `${site.site} is still attached: ${words} ${waiting.length === 1 ? "is" : "are"} on the way`,
        "nothing was taken away, and the site is stopped: run it again, or end the stop with `warden resume`",
      );
    await sleep(pause, signal);
  }
}

const pause = 2_000;

const inWords = ({ instance, lifecycleState }: Traveller): string => `${instance} (${lifecycleState})`;

const lineOf =
  (verb: string) =>
  ({ group, hooks, instances }: DetachedGroup): string =>
    `${verb} ${hooks.join(" and ") || "no hook"} of ${group}; its ${instances} instances stay as they are.`;
