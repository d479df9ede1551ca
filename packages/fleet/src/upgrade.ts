/**
 * The upgrade of a site to a release that changes its database. All nodes look at the new release first; then, where Moodle
 * asks for it, the site is closed and comes to rest; one node takes the new code and brings the database up to it; the others
 * follow; the site opens. One that is only rehearsed ends after the look. Until the database begins to change all of it goes back by itself. After that it only goes
 * forwards: old code must not work on the new database.
 *
 * The nodes do the work by themselves: with what they are assigned (`configuring.ts`) and what is asked of them (`errand.ts`).
 */
import type { ErrandOutcome, NodeRecord } from "./node-record.ts";
import { isSame } from "./observation.ts";
import { beginRehearsing, rehearsing } from "./rehearsal.ts";
import { giveUp, objectionTo, returned, returning } from "./upgrade-back.ts";
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
import { hasOldCode, mayStillWork, progress, saidBy } from "./upgrade-nodes.ts";
import { errandId, heldProcesses, type Upgrade } from "./upgrade-record.ts";
import { named, seconds } from "./words.ts";

/** Pure: the same arguments give the same decision. */
export function decideUpgrade(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  switch (upgrade.phase) {
    case "preflight":
      return preflight(upgrade, look);
    case "rehearsing":
      return rehearsing(upgrade, look);
    case "closing":
      return closing(upgrade, look);
    case "upgrading":
      return upgrading(upgrade, look);
    case "switching":
      return switching(upgrade, look);
    case "opening":
      return opening(upgrade, look);
    case "returning":
      return returning(upgrade, look);
    case "done":
    case "returned":
    case "rehearsed":
    case "stuck":
      return decided(upgrade, { why: upgrade.because ?? "over" });
  }
}

// ---- Until the database changes -------------------------------------------------------------------------------------------

function preflight(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const objection = objectionTo(upgrade, look);
  if (objection !== undefined) return giveUp(upgrade, look, objection);
  const nodes = serving(look);
  const { failed, waiting } = progress(nodes, errandId(upgrade));
  if (failed !== undefined) return giveUp(upgrade, look, `${failed.instance}: ${failed.errand?.message ?? ""}`);
  if (nodes.length === 0 || waiting.length > 0) {
    const what = nodes.length === 0 ? "no node is in service" : `waits for ${named(waiting)}`;
    if (look.now >= upgrade.since + look.policy.launchBudget) return giveUp(upgrade, look, `${what}${saidBy(waiting)}`);
    return waits(upgrade, `every node looks at the new release: ${what}`, look, waiting);
  }
  const wants = new Set(nodes.map((node) => node.errand?.wants));
  // A site that an upgrade before this one left closed is opened by nobody else.
  const closes = wants.has("closed") || upgrade.closedAt !== undefined;
  if (!closes && !wants.has("open") && !upgrade.moved)
    return giveUp(upgrade, look, "Moodle asks for no upgrade to this release: deploy it");
  if (upgrade.rehearsal !== undefined) return beginRehearsing({ ...upgrade, closes }, look);
  const known = { ...upgrade, closes, held: upgrade.held ?? toHold(upgrade, look) };
  if (!closes) return beginUpgrading(known, look, "no node objects, and Moodle lets the site stay open");
  // Closing has to wait for them: as long as it can, the site does that while it is open.
  const moving = look.nodes.filter((node) => mayStillWork(node, upgrade, upgrade.closedAt ?? look.now));
  if (moving.length > 0 && look.now < upgrade.since + look.policy.launchBudget)
    return waits(upgrade, `no node objects; waits for ${named(moving)} to come into service or leave`, look, nodes);
  const next = inPhase({ ...known, closedAt: upgrade.closedAt ?? look.now }, "closing", look);
  return decided(next, { why: "no node objects: the site closes", wake: nodes, dueAt: look.now });
}

const toHold = ({ to }: Upgrade, { suspended }: UpgradeLook): Upgrade["held"] =>
  Object.fromEntries(
    Object.keys(to).map((group) => [group, heldProcesses.filter((each) => suspended[group]?.includes(each) !== true)]),
  );

/** Until all that was begun with the old code has ended: an upload, a report, a task. */
function closing(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const objection = objectionTo(upgrade, look);
  if (objection !== undefined) return giveUp(upgrade, look, objection);
  const nodes = serving(look);
  const { waiting } = progress(nodes, errandId(upgrade));
  const others = look.nodes.filter((node) => mayStillWork(node, upgrade, upgrade.closedAt ?? upgrade.since));
  const all = [...waiting, ...others];
  if (nodes.length > 0 && all.length === 0) return beginUpgrading(upgrade, look, "the site is closed and at rest");
  const what = nodes.length === 0 ? "no node is in service" : `${named(all)} still at work${saidBy(waiting)}`;
  if (look.now >= upgrade.since + look.policy.drainBudget) return giveUp(upgrade, look, what);
  return waits(upgrade, `closes the site: ${what}`, look, waiting);
}

/** From here on launching nodes get the new code, and wait for its database. */
function beginUpgrading(upgrade: Upgrade, look: UpgradeLook, because: string): UpgradeDecision {
  const [first] = serving(look);
  const next = withUpgrader(inPhase(upgrade, "upgrading", look), first);
  const who = first?.instance ?? "one node";
  return decided(next, {
    why: `${because}: ${who} takes the new code`,
    assign: "to",
    wake: serving(look),
    dueAt: look.now,
  });
}

// ---- The database -------------------------------------------------------------------------------------------------------

function upgrading(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const objection = upgrade.attempt === 0 ? objectionTo(upgrade, look) : undefined;
  if (objection !== undefined) return giveUp(upgrade, look, objection);
  const upgrader = serving(look).find(({ instance }) => instance === upgrade.upgrader?.instance);
  if (upgrader === undefined || isLost(upgrader, upgrade, look)) return anotherUpgrader(upgrade, look);
  const to = upgrade.to[upgrader.group];
  if (!isSame(upgrader.verified, to)) return takesNewCode(upgrade, upgrader, look);
  if (upgrade.attempt === 0) return attempt(upgrade, upgrader, look);
  const { errand } = upgrader;
  if (errand?.id !== errandId(upgrade)) return waits(upgrade, `${upgrader.instance} upgrades`, look, [upgrader]);
  switch (errand.is) {
    case "under-way":
    case "put-off":
      return waits(upgrade, `${upgrader.instance} upgrades${saidBy([upgrader])}`, look, [upgrader]);
    case "done":
      return beginSwitching(upgrade, upgrader, look);
    case "failed":
      return failedAttempt(upgrade, upgrader, errand, look);
  }
}

function takesNewCode(upgrade: Upgrade, upgrader: NodeRecord, look: UpgradeLook): UpgradeDecision {
  const push = isSame(upgrader.push, upgrade.to[upgrader.group]) ? upgrader.push : undefined;
  const late = push?.is !== "under-way" && look.now >= upgrade.since + look.policy.launchBudget;
  if (push?.is === "refused" || (late && !upgrade.moved && upgrade.attempt === 0))
    return giveUp(
      upgrade,
      look,
      `${upgrader.instance} cannot take the new code: ${push?.message ?? "it does not answer"}`,
    );
  // Where there is no way back, whoever can be told goes on.
  if (late) return anotherUpgrader(upgrade, look);
  return waits(upgrade, `${upgrader.instance} takes the new code`, look, [upgrader]);
}

/** Written down before anybody is asked: from here on nobody can tell any more that the database is as it was. */
function attempt(upgrade: Upgrade, upgrader: NodeRecord, look: UpgradeLook): UpgradeDecision {
  const next = { ...upgrade, attempt: upgrade.attempt + 1 };
  const again = next.attempt > 1 ? `, attempt ${next.attempt} of ${mostAttempts}` : "";
  return decided(next, {
    why: `${upgrader.instance} brings the database up to the new code${again}`,
    wake: [upgrader],
    dueAt: look.now + look.policy.lookAgain,
  });
}

/** An upgrade that stopped in the middle goes on when it is run again. */
const mostAttempts = 3;

function failedAttempt(
  before: Upgrade,
  upgrader: NodeRecord,
  errand: ErrandOutcome,
  look: UpgradeLook,
): UpgradeDecision {
  // A first attempt that changed nothing leaves the way back open; of one before it, its word is lost.
  const moved = before.moved || before.attempt > 1 || errand.moved !== false;
  const upgrade = { ...before, moved };
  if (!moved) return giveUp(upgrade, look, `the database is as it was: ${errand.message}`);
  if (upgrade.attempt < mostAttempts) return attempt(upgrade, upgrader, look);
  return giveUp(upgrade, look, `the upgrade failed ${upgrade.attempt} times: ${errand.message}`);
}

/** What it had begun another goes on with, when the lock of the one before is free. */
function anotherUpgrader(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const next = serving(look).find(({ instance }) => instance !== upgrade.upgrader?.instance) ?? serving(look)[0];
  if (next === undefined || next.instance === upgrade.upgrader?.instance)
    return waits(upgrade, "waits for a node that can upgrade", look, serving(look));
  const moved = upgrade.moved || upgrade.attempt > 0;
  return decided(
    { ...withUpgrader(upgrade, next), moved, since: look.now },
    {
      why: `${upgrade.upgrader?.instance ?? "nobody"} can upgrade no more: ${next.instance} goes on`,
      wake: [next],
      dueAt: look.now,
    },
  );
}

// ---- Forwards -------------------------------------------------------------------------------------------------------------

function beginSwitching(upgrade: Upgrade, upgrader: NodeRecord, look: UpgradeLook): UpgradeDecision {
  const next = inPhase({ ...upgrade, moved: true }, "switching", look);
  return decided(next, {
    why: `${upgrader.instance} has upgraded the database: all nodes take the new code`,
    publish: upgrade.to,
    wake: serving(look),
    dueAt: look.now,
  });
}

function switching(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const unsaid = Object.entries(upgrade.to).some(([group, to]) => !isSame(look.published[group], to));
  if (unsaid) return decided(upgrade, { why: "says what is right now", publish: upgrade.to, dueAt: look.now + 1000 });
  const old = look.nodes.filter((node) => hasOldCode(node, upgrade));
  const nodes = serving(look);
  if (old.length > 0 || nodes.length === 0) {
    const what = old.length === 0 ? "no node is in service" : `${named(old)} on the way${saidBy(old)}`;
    return waits(upgrade, `all nodes take the new code: ${what}`, look, old);
  }
  if (upgrade.closes !== true) return finish(upgrade, look);
  return decided(inPhase(upgrade, "opening", look), {
    why: "no old code is left: the site opens",
    wake: nodes,
    dueAt: look.now,
  });
}

function opening(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const nodes = serving(look);
  const { done, waiting } = progress(nodes, errandId(upgrade));
  const late = look.now >= upgrade.since + look.policy.drainBudget;
  if (done.length === 0 || (waiting.length > 0 && !late))
    return waits(upgrade, `the site opens${saidBy(waiting)}`, look, waiting);
  const open = { ...upgrade, openedAt: look.now };
  return open.because === undefined ? finish(open, look) : returned(open, look);
}

function finish(upgrade: Upgrade, look: UpgradeLook): UpgradeDecision {
  const { closedAt, openedAt } = upgrade;
  const closed =
    closedAt === undefined || openedAt === undefined ? "never closed" : `closed for ${seconds(openedAt - closedAt)}`;
  return decided(inPhase(upgrade, "done", look), {
    why: `all ${serving(look).length} nodes have the new release; the site was ${closed}`,
    stale: true,
    wake: serving(look),
  });
}
