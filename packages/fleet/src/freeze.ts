/**
 * Times in which nothing voluntary happens to a site's nodes: an exam, an enrolment. A peak is a freeze for which so many nodes are
 * brought into service before it begins.
 */

export interface Freeze {
  readonly id: string;
  /** Milliseconds since 1970, as `to`: a window that was given in the site's own time is the same instant everywhere. */
  readonly from: number;
  readonly to: number;
  readonly by: string;
  readonly reason: string;
  /** Of a peak: how many nodes of each group are to be in service when it begins, and stay. */
  readonly nodes?: Readonly<Record<string, number>> | undefined;
  /** What people were last told of a peak. */
  readonly told?: PeakTold | undefined;
}

export interface PeakTold {
  readonly when: "day-before" | "shortly-before";
  readonly ready: boolean;
}

/** `again`: what fell short shortly before is told of once more when nothing does. */
export type PeakTelling = PeakTold["when"] | "again";

/** As decisions see one that is in force. */
export interface FreezeView {
  readonly by: string;
  readonly reason: string;
  readonly until: number;
}

/** A drain that is begun before has ended by then. */
const lead = 15 * 60_000;

/** A launch takes some minutes and may have to be tried again; whoever is told twenty minutes before can still do something. */
const leadOfPeak = 45 * 60_000;

/** From then on it is in force: what is to stand still when it begins must not be set in motion shortly before. */
export const inForceFrom = ({ from, nodes }: Freeze): number => from - (nodes === undefined ? lead : leadOfPeak);

export const isInForce = (freeze: Freeze, now: number): boolean => inForceFrom(freeze) <= now && now < freeze.to;

const dayBefore = 24 * 60 * 60_000;

/** Later than it is in force: what was begun for it has come to its end, or shows that it will not. */
const shortlyBefore = 20 * 60_000;

/** Whether people are to be told now how a site stands for a peak; whoever plans it late is told at once. */
export function tellingDue({ from, nodes, told }: Freeze, now: number): PeakTelling | undefined {
  if (nodes === undefined || now < from - dayBefore || now >= from) return undefined;
  if (now < from - shortlyBefore) return told === undefined ? "day-before" : undefined;
  if (told?.when !== "shortly-before") return "shortly-before";
  return told.ready ? undefined : "again";
}

/** Of several in force, the one that lasts longest. */
export function freezeAt(freezes: readonly Freeze[], now: number): FreezeView | undefined {
  const [last] = freezes.filter((each) => isInForce(each, now)).toSorted((one, other) => other.to - one.to);
  return last === undefined ? undefined : { by: last.by, reason: last.reason, until: last.to };
}

/** The most that a peak in force wants of this group; 0 when none does. */
export const nodesWanted = (freezes: readonly Freeze[], group: string, now: number): number =>
  Math.max(0, ...freezes.filter((each) => isInForce(each, now)).map(({ nodes }) => nodes?.[group] ?? 0));

/** Why something is not done now. */
export const frozenText = ({ by, reason, until }: FreezeView): string =>
  `${by} has frozen the site until ${new Date(until).toISOString()}: ${reason}`;
