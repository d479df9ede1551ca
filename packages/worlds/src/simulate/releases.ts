/** Releases in a scenario: made up by what they are to be, and begun as an operator does. */
import type { Random } from "@warden/aws-local";
import { startRollout, startUpgrade, withdrawUpgrade } from "@warden/control";
import { groupName, siteName } from "@warden/fleet";
import { type Desired, type ReleaseKind, type ReleaseMark, releaseKinds, versionsOf } from "@warden/simulator";
import { localAssigned, localSite } from "../local-site.ts";
import type { VirtualWorld } from "../virtual.ts";

const site = siteName(localSite);
const group = groupName(localSite);
const operator = { by: "scenario", reason: "the timeline says so" };

export interface MadeRelease extends Desired {
  readonly is: ReleaseKind;
}

/** @param installed the versions that the site's database has */
export function madeRelease(wanted: ReleaseKind | "any", installed: string | undefined, random: Random): MadeRelease {
  const is = wanted === "any" ? random.pick(releaseKinds) : wanted;
  const had = installed ?? versionsOf(localAssigned.release);
  const versions = is === "same" ? had : had.replace(/\d+$/, (number) => String(Number(number) + 1));
  return { is, release: `${versions}+${marks[is]}-${random.hex(8)}`, digest: random.hex(64) };
}

const marks: Readonly<Record<ReleaseKind, ReleaseMark | "fix" | "closed">> = {
  same: "fix",
  upgrade: "closed",
  "upgrade-open": "open",
  broken: "broken",
  unparsable: "unparsable",
};

/** @returns why not, if it was not begun */
export async function beginRelease(
  { is, release, digest }: MadeRelease,
  { deps }: Pick<VirtualWorld, "deps">,
): Promise<string | undefined> {
  const candidate = { release, digest };
  const ordered =
    is === "same"
      ? await startRollout({ site, group }, candidate, operator, deps)
      : await startUpgrade(await known(deps), { to: { [group]: candidate }, recoveryPoints: [] }, operator, deps);
  return ordered.done ? undefined : ordered.why;
}

/** @returns why not, if it was not taken back */
export async function abortUpgrade({ deps }: Pick<VirtualWorld, "deps">): Promise<string | undefined> {
  const ordered = await withdrawUpgrade(site, operator, deps);
  return ordered.done ? undefined : ordered.why;
}

async function known({ settings }: VirtualWorld["deps"]) {
  const found = (await settings.sites()).find((each) => each.site === site);
  if (found === undefined) throw new Error(`there is no site ${localSite}`);
  return found;
}
