/** `drain` and `replace`: an order that takes a node away, through the same guards as everything voluntary. */
import { giveOrder } from "@warden/control";
import type { Order } from "@warden/fleet";
import { askedOf } from "./asked.ts";
import { chooseSite, type FoundNode, needNode, readNodeId } from "./choose.ts";
import type { WardenContext } from "./context.ts";
import { Problem, printable, type Status, status } from "./errors.ts";
import type { ChangeFlags } from "./flags.ts";
import { follow, mends } from "./follow.ts";
import { type Forecast, forecast } from "./forecast.ts";
import { instant, iso } from "./render/time.ts";
import { needStaying, needUnheld } from "./sense.ts";
import { targetOf } from "./target.ts";

export type Verb = "drain" | "replace";

export async function disrupt(verb: Verb, context: WardenContext, flags: ChangeFlags, id: string): Promise<Status> {
  const instance = readNodeId(id);
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  const found = await needNode(instance, site, reach);
  needStaying(found, verb);
  needUnheld(found, verb);

  const { deps } = reach;
  const asked = askedOf(flags, context);
  const trial: Order = { id: "trial", verb, ...asked, expiresAt: deps.now() + 1 };
  const ahead = await forecast(found, trial, reach);
  if (flags.dryRun) {
    context.out.write(
      flags.json ? `${JSON.stringify(forecastJson(verb, found, ahead))}\n` : forecastText(verb, found, ahead),
    );
    return ahead.outcome === "refused" ? status.refused : status.done;
  }
  needRunning(verb, found, ahead);

  const before = await deps.ports.store.ledger(found.key, 50);
  const order = await giveOrder(verb, found.key, asked, deps);
  if (!flags.json)
    context.out.write(
      printable(`Ordered to ${verb} ${instance}, in force until ${instant(order.expiresAt)}. ${outlook(ahead)}`).concat(
        "\n",
      ),
    );
  else if (!flags.wait)
    context.out.write(
      `${JSON.stringify({ ...forecastJson(verb, found, ahead), dryRun: false, order: orderJson(order) })}\n`,
    );
  if (!flags.wait) {
    if (!flags.json) context.out.write(`\`warden explain ${instance}\` shows how far it is.\n`);
    return status.done;
  }
  const told = new Set(before.map((entry) => entry.id));
  return follow({ verb, found, order, told, timeout: flags.timeout, json: flags.json }, reach, context);
}

/** Nothing is ordered that only a person can let through. Other guards give way by themselves, so the order waits. */
function needRunning(verb: Verb, found: FoundNode, { permission }: Forecast): void {
  if (permission.allowed || (permission.guard !== "stop" && permission.guard !== "freeze")) return;
  throw new Problem(
    status.refused,
    `The guard ${permission.guard} refuses to ${verb} ${found.name.instance}: ${permission.why}`,
    mends[permission.guard],
  );
}

function outlook({ outcome, permission }: Forecast): string {
  switch (outcome) {
    case "now":
      return "The guards allow it.";
    case "replacement-first":
      return "The group is at its floor, so a replacement starts first.";
    case "later":
      return "It is carried out once the node is in service.";
    case "refused":
      return permission.allowed
        ? "The loop does not act on it now."
        : `The guard ${permission.guard} refuses it now (${permission.why}).`;
  }
}

function forecastText(verb: Verb, found: FoundNode, ahead: Forecast): string {
  const { group, decision } = ahead;
  const phase = found.stored?.record.phase.name ?? "not seen yet";
  const lines = [
    `${found.name.instance} is ${phase}; its group ${found.name.group} has ${group.inService} of ${group.desired} nodes in service.`,
    outlook(ahead),
    ...(decision === undefined || ahead.outcome === "refused"
      ? []
      : [
          `Warden would: ${decision.actions.map((action) => action.type).join(", ") || "only wait"} (${decision.why}).`,
        ]),
    `Nothing was changed: run it without --dry-run to ${verb} the node.`,
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

function forecastJson(verb: Verb, found: FoundNode, { outcome, permission, decision, group }: Forecast) {
  return {
    dryRun: true,
    verb,
    instance: found.name.instance,
    outcome,
    guard: permission.allowed ? null : { name: permission.guard, why: permission.why },
    actions: outcome === "refused" ? [] : (decision?.actions.map((action) => action.type) ?? []),
    inService: group.inService,
    desired: group.desired,
  };
}

const orderJson = (order: Order) => ({ ...order, expiresAt: iso(order.expiresAt) });
