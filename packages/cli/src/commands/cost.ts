/** `warden cost`: what a deployed stage costs a month, line by line, from the resources that its stack has. */
import type { DeployedResource, PricedRegion } from "@warden/cost";
import * as z from "zod/mini";
import type { WardenContext } from "../context.ts";
import { type Status, status } from "../errors.ts";
import { textOf, unusable } from "../file.ts";
import { table } from "../render/table.ts";

export interface CostFlags {
  readonly json: boolean;
  readonly region: PricedRegion;
}

export async function cost(context: WardenContext, flags: CostFlags, file: string): Promise<Status> {
  const { datesOf, priceBook, siteCost, staleness, sumOf } = await import("@warden/cost");
  const { lines, byUse, unknown } = siteCost(await resourcesIn(file), priceBook(flags.region));
  const usd = sumOf(lines);
  const used = lines.map(({ price }) => price);
  if (flags.json) {
    context.out.write(`${JSON.stringify({ v: 1, region: flags.region, usd, lines, byUse, unknown })}\n`);
    return status.done;
  }
  const dates = datesOf(used);
  const notes = [
    `${dollars(usd)} USD a month: an estimate, list prices of ${dates?.from} to ${dates?.to}, ${flags.region}, no discount, no free tier, no tax.`,
    ...(byUse.length > 0 ? [`Billed by use, and not in it: ${byUse.join("; ")}.`] : []),
    ...(unknown.length > 0 ? [`! Not known here, and not in it: ${unknown.join(", ")}`] : []),
    ...[staleness(used, context.now())].flatMap((text) => (text === undefined ? [] : [`! ${text}`])),
  ];
  context.out.write(`${table(columns, lines, context.out.columns)}\n\n${notes.join("\n")}\n`);
  return status.done;
}

type Line = ReturnType<typeof import("@warden/cost").siteCost>["lines"][number];

const columns = [
  { title: "USD", cell: ({ usd }: Line) => dollars(usd).padStart(8) },
  { title: "SERVICE", cell: ({ service }: Line) => service },
  { title: "WHAT", cell: ({ item }: Line) => item, flexible: true },
  { title: "QUANTITY", cell: ({ quantity, price }: Line) => `${round(quantity)} ${price.unit}`, dispensable: 2 },
  { title: "BASIS", cell: ({ basis }: Line) => basis, dispensable: 1 },
] as const;

const dollars = (usd: number): string => usd.toFixed(2);
const round = (quantity: number): string => String(Math.round(quantity * 100) / 100);

async function resourcesIn(file: string): Promise<readonly DeployedResource[]> {
  const text = await textOf(file, "`npx sst state export --stage NAME >FILE` writes one");
  const read = state.safeParse(jsonOf(text));
  if (read.success) return resourcesOf(read.data);
  throw unusable("The stack's state", file, ["it is not what `sst state export` prints"]);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const resources = z.array(z.object({ type: z.string(), inputs: z._default(z.record(z.string(), z.unknown()), {}) }));

/** Pulumi's export of a deployment, or its checkpoint. */
const state = z.union([
  z.object({ deployment: z.object({ resources }) }),
  z.object({ checkpoint: z.object({ latest: z.object({ resources }) }) }),
  z.object({ latest: z.object({ resources }) }),
]);

function resourcesOf(read: z.infer<typeof state>): readonly DeployedResource[] {
  if ("deployment" in read) return read.deployment.resources;
  return "checkpoint" in read ? read.checkpoint.latest.resources : read.latest.resources;
}
