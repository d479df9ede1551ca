/**
 * `Warden-Verify`: probes, and the verdict that follows from them. A fault in a part that all nodes share is never this
 * node's fault, also when the node has one of its own: then nobody can tell yet.
 */
import { type SharedPart, sharedParts, type VerifyOutput } from "@warden/moodle";
import { type Desired, type NodeState, tellServing } from "./node-state.ts";
import { bringsPages } from "./release.ts";
import { siteFor } from "./schema.ts";
import type { SharedParts } from "./shared-parts.ts";

export type Expected = Desired & {
  readonly maintenance: boolean;
  /** The site is about to be upgraded to this release. */
  readonly upgrade: boolean;
};

type Probe = VerifyOutput["probes"][number];
type Verdict = VerifyOutput["verdict"];

export function verify(state: NodeState, shared: Readonly<SharedParts>, expected: Expected): VerifyOutput {
  const own = ownProbes(state, expected);
  const common = sharedProbes(state.faults.has("hang") ? { ...shared, files: "down" } : shared, expected);
  const found = siteFor(state.disk.release, shared.schema);
  const site = probe("site", found === "installed", `the site is ${found}`);
  const page = pageProbe(bringsPage(state, shared), [...own, ...common, site]);
  const verdict = verdictOf({ own: [...own, page.own], common, site: found });
  const { faults } = state;
  const onlyDrifted = [...own, page.own].every(
    ({ name, ok }) => ok || (name === "digest" && faults.has("drift")) || name === "secrets",
  );
  // Who waits for the upgrade of a closed site answers with the notice, as all do.
  const isRight = verdict === "ok" || (verdict === "upgrade-pending" && expected.upgrade && expected.maintenance);
  if (!onlyDrifted || isRight) remember(state, verdict, isRight, expected);
  return {
    v: 1,
    verdict,
    release: state.disk.release ?? "none",
    digest: state.disk.digest ?? "none",
    probes: [...own, ...common, site, page.shown],
  };
}

function verdictOf(probes: {
  own: readonly Probe[];
  common: readonly Probe[];
  site: ReturnType<typeof siteFor>;
}): Verdict {
  if (probes.common.some(({ ok }) => !ok)) return "dependency-bad";
  if (probes.own.some(({ ok }) => !ok)) return "node-bad";
  if (probes.site === "installed") return "ok";
  return probes.site === "upgrade-pending" ? "upgrade-pending" : "site-not-installed";
}

/**
 * Readiness follows the last verdict on the node itself; a shared fault leaves it as it was. So does a file that somebody
 * changed, or a secret that was rotated: the site comes up with it, and what heals it takes seconds.
 */
function remember(state: NodeState, verdict: Verdict, isRight: boolean, { release, digest }: Desired): void {
  const { disk, memory, told } = state;
  if (isRight) memory.verifiedFor = { release, digest };
  if (verdict === "node-bad") memory.verifiedFor = undefined;
  tellServing(state);
  if (disk.release !== release || disk.digest !== digest) return;
  if (verdict === "ok") told({ kind: "configuration", event: "good", digest });
  if (verdict === "node-bad") told({ kind: "configuration", event: "bad", digest });
}

function ownProbes({ disk, memory, faults }: NodeState, expected: Expected): Probe[] {
  return [
    probe("mount", memory.mounted && !faults.has("mount"), "moodledata is not mounted"),
    probe("release", disk.release === expected.release, `has ${disk.release ?? "none"}, not ${expected.release}`),
    digestProbe(disk.digest, expected.digest, faults.has("drift")),
    probe("secrets", !faults.has("rotated"), "database was rotated"),
    probe("workers", memory.servicesRun && !faults.has("workers"), "PHP-FPM does not answer"),
    probe("disk", !faults.has("disk"), "the root file system is full"),
    probe("clock", !faults.has("clock"), "the clock is off by 2 s"),
  ];
}

function digestProbe(has: string | undefined, expected: string, drifted: boolean): Probe {
  const drift = drifted ? "config.php was changed on this node" : undefined;
  const message = has === expected ? drift : `has ${has ?? "none"}, not ${expected}`;
  return probe("digest", message === undefined, message ?? "");
}

function sharedProbes(shared: Readonly<SharedParts>, expected: Expected): Probe[] {
  const answers = (part: SharedPart): Probe => probe(part, shared[part] === "up", `${part} does not answer`);
  const maintenance = shared.maintenance === expected.maintenance;
  const state = shared.maintenance ? "is" : "is not";
  return [...sharedParts.map(answers), probe("maintenance", maintenance, `the site ${state} in maintenance`)];
}

/** A page through the local web server needs everything; it counts against the node only where nothing else explains it. */
function pageProbe(works: boolean, others: readonly Probe[]): { shown: Probe; own: Probe } {
  const own = probe("page", works, "the front page answers 500");
  const because = others.find(({ ok }) => !ok);
  return { own, shown: own.ok ? probe("page", because === undefined, `no page without ${because?.name}`) : own };
}

/** Whether the node's own part of a page works: its code and its configuration. */
export const bringsPage = ({ disk, faults }: NodeState, { badConfigurations }: Readonly<SharedParts>): boolean =>
  !faults.has("page") && !badConfigurations.has(disk.digest ?? "") && bringsPages(disk.release ?? "");

const probe = (name: string, ok: boolean, message: string): Probe => (ok ? { name, ok } : { name, ok, message });
