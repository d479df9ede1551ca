/**
 * An upgrade tried on a copy of the database, the day before: one node in service brings the copy up to the new code, beside
 * what it serves. It shows whether Moodle can, and how long it takes. Nothing else is changed, and a copy is good for once:
 * what goes wrong ends the rehearsal.
 */
import { giveUp, objectionTo } from "./upgrade-back.ts";
import {
  decided,
  inPhase,
  isLost,
  serving,
  type UpgradeDecision,
  type UpgradeLook,
  waits,
  withUpgrader,
} from "./upgrade-decision.ts";
import { saidBy } from "./upgrade-nodes.ts";
import { errandId, type Upgrade } from "./upgrade-record.ts";
import { seconds } from "./words.ts";

export function beginRehearsing(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const [first] = serving(look);
  return decided(withUpgrader(inPhase(upgrade, "rehearsing", look), first), {
    why: `no node objects: ${first?.instance ?? "nobody"} tries it on the copy ${upgrade.rehearsal?.copy ?? ""}`,
    wake: first === undefined ? [] : [first],
    dueAt: look.now + look.policy.lookAgain,
  });
}

export function rehearsing(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const objection = objectionTo(upgrade, look);
  if (objection !== undefined) return giveUp(upgrade, look, objection);
  const who = upgrade.upgrader?.instance ?? "nobody";
  const node = serving(look).find(({ instance }) => instance === who);
  if (node === undefined) return giveUp(upgrade, look, `${who} went away in the middle of the rehearsal`);
  if (isLost(node, upgrade, look)) return giveUp(upgrade, look, `${who} was not heard of any more${saidBy([node])}`);
  const { errand } = node;
  if (errand?.id !== errandId(upgrade)) return waits(upgrade, `${who} is to rehearse`, look, [node]);
  switch (errand.is) {
    case "under-way":
    case "put-off":
      return waits(upgrade, `${who} rehearses${saidBy([node])}`, look, [node]);
    case "failed":
      return giveUp(upgrade, look, `the rehearsal failed on ${who}: ${errand.message}`);
    case "done":
      return rehearsed(upgrade, errand.took ?? 0, look);
  }
}

function rehearsed(upgrade: Upgrade, took: number, look: UpgradeLook): UpgradeDecision {
  const { rehearsal } = upgrade;
  const next = { ...inPhase(upgrade, "rehearsed", look), rehearsal: rehearsal && { ...rehearsal, took } };
  const closed = upgrade.closes ? "the site will be closed for longer than that" : "the site may stay open meanwhile";
  return decided(next, { why: `Moodle took ${seconds(took)} for the copy; ${closed}`, wake: serving(look) });
}
