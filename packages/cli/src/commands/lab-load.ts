/** `warden lab load`: visitors for the lab that is running, and how it was for them. */
import { writeFileSync } from "node:fs";
import { figuresOf, type LoadFigures } from "@warden/lab/load/figures";
import { plot } from "@warden/lab/load/plot";
import type { WardenContext } from "../context.ts";
import { type Status, status } from "../errors.ts";
import { inLab } from "../lab.ts";
import { lineOn } from "../render/progress.ts";
import { table } from "../render/table.ts";

export interface LoadFlags {
  readonly visitsPerSecond: number;
  /** Milliseconds. */
  readonly time: number;
  readonly seed: number;
  /** How many slow uploads, and as many slow downloads. */
  readonly transfers: number;
  readonly megabytes: number;
  readonly megabytesPerSecond: number;
  readonly plot?: string;
  readonly json: boolean;
}

/** @returns unwell when a request failed or a session was lost */
export async function labLoad(context: WardenContext, flags: LoadFlags): Promise<Status> {
  const { loadLab } = await context.lab();
  const show = lineOn(context);
  const record = await inLab(() =>
    loadLab(planOf(flags), {
      now: context.now,
      signal: context.interruption(),
      tell: ({ seconds, answered, planned, failed, lostSessions }) =>
        show(
          `${seconds.toFixed(0)} s: ${answered} of ${planned} requests, ${failed} failed, sessions lost: ${lostSessions}`,
        ),
    }),
  );
  show("");
  const figures = figuresOf(record);
  context.out.write(flags.json ? `${JSON.stringify(figures)}\n` : textOf(figures, context.out.columns));
  if (flags.plot !== undefined) writeFileSync(flags.plot, plot(figures));
  return figures.requests.failed === 0 ? status.done : status.unwell;
}

const megabyte = 1_000_000;

function planOf({ visitsPerSecond, time, seed, transfers, megabytes, megabytesPerSecond }: LoadFlags) {
  const pace = { bytes: megabytes * megabyte, bytesPerSecond: megabytesPerSecond * megabyte };
  return {
    ...{ visitsPerSecond, seconds: time / 1000, seed },
    ...(transfers > 0 && { slow: { uploads: transfers, downloads: transfers, ...pace } }),
  };
}

function textOf(
  { requests, lostSessions, failures, pages, machines }: LoadFigures,
  columns: number | undefined,
): string {
  type Row = { readonly name: string } & Pick<(typeof pages)[number], "requests" | "failed" | "latency">;
  const time = (of: "p50" | "p95" | "p99" | "max") => ({
    title: of.toUpperCase(),
    cell: ({ latency }: Row) => (latency === null ? "-" : `${latency[of].toFixed(0)} ms`),
  });
  const rows: readonly Row[] = [
    ...pages.map((each) => ({ ...each, name: each.page })),
    ...machines.map((each) => ({ ...each, name: each.machine })),
  ];
  const wrong = Object.entries(failures)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  return [
    `${requests.ok} of ${requests.sent} requests went well`,
    wrong.length === 0 ? "" : ` (${wrong.join(", ")})`,
    `; sessions lost: ${lostSessions}; latency counts from when a request was due.\n\n`,
    table(
      [
        { title: "PAGE, MACHINE", cell: ({ name }: Row) => name },
        { title: "REQUESTS", cell: ({ requests: count }: Row) => String(count) },
        { title: "FAILED", cell: ({ failed }: Row) => String(failed) },
        ...(["p50", "p95", "p99", "max"] as const).map(time),
      ],
      rows,
      columns,
    ),
    "\n",
  ].join("");
}
