/** `warden config rollback`: a rollout that goes on is taken back; after one that is done, the one before is rolled out. */
import { returnRollout } from "@warden/control";
import type { GroupName, Rollout } from "@warden/fleet";
import { askedOf } from "../asked.ts";
import { chooseSite } from "../choose.ts";
import type { WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { followRollouts, needRunning, say } from "../rollouts.ts";
import { targetOf } from "../target.ts";
import { needNoUpgrade } from "../upgrades.ts";

export async function configRollback(context: WardenContext, flags: ChangeFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { deps } = reach;
  const site = await chooseSite(flags.site, reach);
  await needRunning(site, "take a rollout back", reach);
  await needNoUpgrade(site, "take a rollout back", reach);

  const back: GroupName[] = [];
  const texts: string[] = [];
  for (const group of site.groups) {
    const of = { site: site.site, group };
    const { rollout: last } = await deps.ports.store.groupState(site.site, group);
    const to = last === undefined ? "" : wayBack(last.rollout);
    const ordered = flags.dryRun
      ? ({ done: last?.rollout.phase === "rolling" || last?.rollout.phase === "done", why: "" } as const)
      : await returnRollout(of, askedOf(flags, context), deps);
    if (ordered.done) back.push(group);
    texts.push(
      ordered.done
        ? `The nodes of group ${group} ${flags.dryRun ? "would return" : "return"} to ${to}.`
        : `Group ${group} stays as it is${ordered.why === "" ? "" : `: ${ordered.why}`}.`,
    );
  }
  if (back.length === 0 && !flags.dryRun) {
    throw new Problem(
      status.refused,
      texts.join(" ").replace(/\.$/, ""),
      "`warden config status` shows how things are",
    );
  }
  if (flags.dryRun) texts.push("Nothing was changed.");
  say(context, flags, texts, { v: 1, dryRun: flags.dryRun, groups: back });
  if (!flags.wait || flags.dryRun) return status.done;
  return followRollouts({ ...flags, site: site.site, groups: back, wanted: "back" }, reach, context);
}

function wayBack({ lastGood: { release, digest }, candidate }: Rollout): string {
  const configuration = `configuration ${digest.slice(0, 12)}`;
  return release === candidate.release ? configuration : `release ${release} with ${configuration}`;
}
