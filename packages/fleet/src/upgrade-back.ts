/** The way back of an upgrade: by itself while the database is as it was; afterwards it stays where it is, closed. */
import { isSame } from "./observation.ts";
import { decided, inPhase, serving, type UpgradeDecision, type UpgradeLook, waits } from "./upgrade-decision.ts";
import { isOnItsWay } from "./upgrade-nodes.ts";
import type { Upgrade } from "./upgrade-record.ts";
import { named } from "./words.ts";

/** By itself while nothing has changed; afterwards a person has to choose. */
export function giveUp(upgrade: Upgrade, look: UpgradeLook, because: string): UpgradeDecision {
  if (upgrade.moved)
    return decided({ ...inPhase(upgrade, "stuck", look), because }, { why: `${because}; the site stays closed` });
  const next = { ...inPhase(upgrade, "returning", look), because };
  return decided(next, { why: `${because}; goes back`, assign: "from", wake: serving(look), dueAt: look.now });
}

/** The new code first: it must not work openly on the old database. */
export function returning(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const { because = "" } = upgrade;
  const nodes = serving(look);
  const away = nodes.filter((node) => isSame(node.verified, upgrade.to[node.group]) || isOnItsWay(node, upgrade));
  if (away.length > 0) return waits(upgrade, `${because}; ${named(away)} on the way back`, look, away);
  if (upgrade.closedAt === undefined) return returned(upgrade, look);
  const why = `${because}; the site opens`;
  return decided(inPhase(upgrade, "opening", look), { why, wake: nodes, dueAt: look.now });
}

export const returned = (upgrade: Upgrade, look: UpgradeLook): UpgradeDecision =>
  decided(inPhase(upgrade, "returned", look), {
    why: `${upgrade.because ?? ""}; every node has what it had before`,
    wake: serving(look),
  });

/** Why it must not begin to change anything. */
export function objectionTo({ withdrawn }: Upgrade, { halted }: UpgradeLook): string | undefined {
  if (withdrawn !== undefined) return `${withdrawn.by} takes it back: ${withdrawn.reason}`;
  return halted;
}
