/**
 * Visitors of a site, over real connections. Open loop: each request has a moment at which it is due, set before the first was
 * sent, and its latency counts from there. So a site that stops answers late to everyone who came meanwhile, not only to those
 * whose requests it held (Tene, "How NOT to Measure Latency": coordinated omission).
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, client, type LoadTarget } from "./client.ts";
import type { LoadRecord, RequestRow } from "./record.ts";
import { type LoadPlan, type PlannedVisit, scheduleOf } from "./schedule.ts";
import type { Visitor, Visits } from "./visit.ts";

export interface LoadParts {
  /** Milliseconds since 1970, by which other events are known too. */
  now(): number;
  /** Aborted, it ends at once; what was under way is not in the record. */
  readonly signal: AbortSignal;
  /** About once a second. */
  tell(progress: Progress): void;
}

export interface Progress {
  /** Since its begin. */
  readonly seconds: number;
  readonly planned: number;
  readonly answered: number;
  readonly failed: number;
  readonly lostSessions: number;
}

export async function load(
  plan: LoadPlan,
  target: LoadTarget,
  { now, signal, tell }: LoadParts,
  visits: Visits,
): Promise<LoadRecord> {
  const schedule = scheduleOf(plan, visits);
  const planned = schedule.reduce((sum, { steps }) => sum + steps.length, 0);
  const rows: RequestRow[] = [];
  const began = now();
  const elapsed = (): number => now() - began;
  const teller = setInterval(() => tell(progressOf(rows, planned, elapsed())), 1000);
  const around = { target, visits, elapsed, signal: forMany(signal), add: (row: RequestRow) => void rows.push(row) };
  const each = schedule.map((visit) => pay(visit, around));
  await Promise.all(each).finally(() => clearInterval(teller));
  tell(progressOf(rows, planned, elapsed()));
  return { v: 1, plan, began, planned, stopped: signal.aborted, rows };
}

interface Around {
  readonly target: LoadTarget;
  readonly visits: Visits;
  readonly elapsed: () => number;
  readonly signal: AbortSignal;
  add(row: RequestRow): void;
}

/** One visit. It never fails: what went wrong is in its rows. */
async function pay({ visit, steps }: PlannedVisit, around: Around): Promise<void> {
  const { target, visits, elapsed, signal, add } = around;
  const visitor: Visitor = { ...visits.userOf(visit), facts: new Map() };
  let browser: Client | undefined;
  for (const { step, due } of steps) {
    await wait(due - elapsed(), signal);
    if (signal.aborted) break;
    const asked = step.ask(visitor);
    if (asked === undefined) continue;
    browser ??= client(target, signal);
    const sent = elapsed();
    const answer = await browser.ask(asked);
    const ended = elapsed();
    if (signal.aborted) break;
    const outcome = typeof answer === "string" ? answer : (step.judge(answer, visitor) ?? "ok");
    add({
      ...{ visit, page: step.page, due, sent, ended, outcome, slow: asked.slow !== undefined },
      ...(typeof answer !== "string" && { status: answer.status, bytes: answer.bytes, machine: answer.machine }),
    });
    // Without a session there is nothing more that this visitor could see.
    if (outcome === "lost-session" || (step.signsIn && outcome !== "ok")) break;
  }
  browser?.close();
}

/** Every visit listens to it: as many as there are is no leak. */
function forMany(signal: AbortSignal): AbortSignal {
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  return own;
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function progressOf(rows: readonly RequestRow[], planned: number, elapsed: number): Progress {
  const failed = rows.filter(({ outcome }) => outcome !== "ok");
  const lostSessions = failed.filter(({ outcome }) => outcome === "lost-session").length;
  return { seconds: elapsed / 1000, planned, answered: rows.length, failed: failed.length, lostSessions };
}
