/** `warden lab bench cache`: what it costs to have Moodle's application cache on the shared file system. */
import { writeFileSync } from "node:fs";
import { figuresOf } from "@warden/lab/bench/figures";
import { type Scope, wholeScope } from "@warden/lab/bench/plan";
import { plotOf } from "@warden/lab/bench/plot/plot";
import type { BenchFigures, Curve } from "@warden/lab/bench/schema";
import type { WardenContext } from "../context.ts";
import { type Status, status } from "../errors.ts";
import { inLab } from "../lab.ts";
import { table } from "../render/table.ts";
import { lineOf } from "./up.ts";

export interface BenchFlags {
  readonly moodle: string;
  readonly port: number;
  readonly short: boolean;
  readonly repeats?: number;
  readonly plot?: string;
  readonly json: boolean;
}

/** A first look: one user, one round. */
const shortScope: Scope = { ...wholeScope, delays: [0.1, 1, 5], crowds: [], crowdDelays: [], repeats: 1 };

/** @returns unwell when a bar of the design is missed */
export async function labBenchCache(context: WardenContext, flags: BenchFlags): Promise<Status> {
  const { benchLab } = await context.lab();
  const { moodle, port, repeats } = flags;
  const chosen = flags.short ? shortScope : wholeScope;
  const scope = { ...chosen, repeats: repeats ?? chosen.repeats };
  const record = await inLab(() =>
    benchLab({ moodle, port, scope }, (line) => context.err.write(`${lineOf(line, context.err.isTTY === true)}\n`)),
  );
  const figures = figuresOf(record);
  context.out.write(flags.json ? `${JSON.stringify(figures)}\n` : textOf(figures, context.out.columns));
  if (flags.plot !== undefined) writeFileSync(flags.plot, plotOf(figures));
  return figures.bars.every(({ met }) => met) ? status.done : status.unwell;
}

/** How busy processors may be at rest when what is measured is to be the benchmark's own. */
const calm = 0.2;

function textOf({ curves, scope, bars, machine, writeUp }: BenchFigures, columns: number | undefined): string {
  const ratioAt = (delay: number) => ({
    title: `${delay} MS`,
    cell: ({ points }: Curve) => points.find((point) => point.delay === delay)?.ratio.toFixed(1) ?? "-",
  });
  const shown = [
    { title: "USERS", cell: ({ users }: Curve) => String(users) },
    { title: "PAGE", cell: ({ thing }: Curve) => thing },
    ...scope.delays.map(ratioAt),
    { title: "FIVE TIMES", cell: ({ fiveTimes: { is, delay } }: Curve) => `${is} ${delay} ms` },
  ];
  return [
    "How many times as long a page takes with the application cache on the shared file system as on Redis, by the delay of",
    `each request to it. ${machine.processors} processors are shared by all parts of the lab and the users.`,
    ...(machine.busyAtRest > calm
      ? [
          `! They were ${Math.round(100 * machine.busyAtRest)} % busy before anybody came: something else runs here, and these figures say little.`,
        ]
      : []),
    "",
    table(shown, curves, columns),
    "",
    ...bars.map(({ what, least, value, met }) => `${met ? "met" : "MISSED"}: ${what} at least ${least}: ${value}`),
    `The write-up (${writeUp.of}): 20 users, 10 to 12 s on the shared file system, 1 to 2.2 s on Redis.\n`,
  ].join("\n");
}
