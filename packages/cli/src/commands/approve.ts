/** `warden approve`: what Warden wants to do and waits for a person's word on; with the name of one, that word. */
import { approve as giveApproval, type Wanted, wantedOf } from "@warden/control";
import { isApproved, type NodeKey, type NodeRecord, nodeKey, type Order } from "@warden/fleet";
import { askedOf } from "../asked.ts";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { Problem, printable, type Status, status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";
import { type Column, table } from "../render/table.ts";
import { instant, iso } from "../render/time.ts";
import { targetOf } from "../target.ts";

export async function approve(context: WardenContext, flags: ChangeFlags, plan?: string): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { site, groups } = await chooseSite(flags.site, reach);
  const waiting = await allWaiting(site, groups, reach);
  if (plan === undefined) {
    context.out.write(flags.json ? `${JSON.stringify({ site, waiting: waiting.map(asJson) })}\n` : `${listed()}\n`);
    return status.done;
  }
  const found = waiting.find(({ wanted }) => wanted.plan === plan);
  if (found === undefined)
    throw new Problem(
      status.unwell,
      `No node of site ${site} waits for the approval of ${plan}`,
      "the node may be well by now, or bad for another reason: `warden approve` lists what waits",
    );
  const { key, record } = found;
  const order = flags.dryRun ? undefined : await giveApproval(found.wanted, key, askedOf(flags, context), reach.deps);
  const text =
    order === undefined
      ? `You would approve that ${record.instance} is replaced: ${found.wanted.reason}. Nothing was changed.`
      : `${record.instance} is replaced as soon as the guards allow it, until ${instant(order.expiresAt)}; \`warden explain ${record.instance}\` tells what came of it.`;
  context.out.write(
    flags.json
      ? `${JSON.stringify({ dryRun: flags.dryRun, ...asJson({ ...found, order }) })}\n`
      : `${printable(text)}\n`,
  );
  return status.done;

  function listed(): string {
    if (waiting.length === 0) return `Nothing of site ${site} waits for an approval.`;
    const list = table(columns, waiting, context.out.columns);
    return `${list}\n\`warden approve PLAN\` approves one, for an hour.`;
  }
}

interface Waiting {
  readonly key: NodeKey;
  readonly record: NodeRecord;
  readonly wanted: Wanted;
  /** Its approval, when it has one. */
  readonly order: Order | undefined;
}

async function allWaiting(site: NodeRecord["site"], groups: readonly NodeRecord["group"][], { deps }: Reach) {
  const { store } = deps.ports;
  const nodes = (await Promise.all(groups.map((group) => store.nodesOf(site, group)))).flat();
  const waiting = nodes.flatMap(({ record }) => {
    const wanted = wantedOf(record);
    return wanted === undefined ? [] : [{ key: nodeKey(record), record, wanted }];
  });
  const { orders } = await store.read(waiting.map(({ key }) => key));
  return waiting.map((each): Waiting => {
    const order = orders.get(each.key);
    const approved = order !== undefined && deps.now() < order.expiresAt && isApproved(order, each.wanted);
    return { ...each, order: approved ? order : undefined };
  });
}

const columns: Column<Waiting>[] = [
  { title: "PLAN", cell: ({ wanted }) => wanted.plan },
  { title: "NODE", cell: ({ record }) => record.instance },
  { title: "APPROVED BY", cell: ({ order }) => order?.by ?? "-", dispensable: 1 },
  { title: "WHY IT IS TO BE REPLACED", cell: ({ wanted }) => wanted.reason, flexible: true },
];

const asJson = ({ record, wanted, order }: Waiting) => ({
  ...{ plan: wanted.plan, instance: record.instance, cause: wanted.cause, reason: wanted.reason },
  approved: order === undefined ? null : { by: order.by, expiresAt: iso(order.expiresAt) },
});
