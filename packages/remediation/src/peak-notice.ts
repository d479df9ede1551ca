/** What people are told before a peak: that the site is READY for it, or what falls short, with what mends it. */
import type { Freeze, PeakTelling } from "@warden/fleet";
import type { Notification, Whose } from "./notification.ts";

export interface PeakNotice {
  readonly peak: Freeze;
  readonly telling: PeakTelling;
  readonly shortfalls: readonly Shortfall[];
  /** Of the IANA's names: the peak is told of by the site's own clock. */
  readonly timeZone: string;
}

export interface Shortfall {
  readonly what: string;
  readonly mend: string;
}

export function peakNotification(notice: PeakNotice, { site, stage }: Whose): Notification {
  const { peak, telling, shortfalls, timeZone } = notice;
  const subject = `${site}: ${verdict(notice)} for the peak of ${byClockOf(peak.from, timeZone)}`.slice(0, 100);
  const run = `npx warden ready --site ${site} --stage ${stage}`;
  const mail = [
    `${peakText(notice)}.`,
    "",
    `The peak: ${byClockOf(peak.from, timeZone)} to ${byClockOf(peak.to, timeZone)} (${timeZone}), planned by ${peak.by}: ${peak.reason}.`,
    `What it needs: ${needOf(peak)}.`,
    ...(shortfalls.length === 0 ? [] : ["What falls short:"]),
    ...shortfalls.flatMap(({ what, mend }) => [`  - ${what}`, `    ${mend}`]),
    `What happens next: ${next[telling]}.`,
    `What to run: ${run}`,
  ];
  const steps = [...shortfalls.slice(0, 3).map(({ mend }) => mend), `Run ${run}`];
  return {
    subject,
    mail: `${mail.join("\n")}\n`,
    card: {
      ...{ version: "1.0", source: "custom" },
      content: {
        ...{ textType: "client-markdown", title: subject },
        description: [peakText(notice), ...shortfalls.map(({ what }) => what)].join("; ").slice(0, mostDescription),
        nextSteps: steps.map((step) => step.slice(0, mostStep)),
      },
      metadata: { threadId: `${stage}/${site}/${peak.id}`, summary: subject },
    },
  };
}

/** One sentence without its full stop, for the ledger, too. */
export function peakText(notice: PeakNotice): string {
  const { peak, telling, shortfalls, timeZone } = notice;
  const which = `for the peak of ${byClockOf(peak.from, timeZone)}`;
  if (shortfalls.length > 0)
    return `NOT READY ${which}: ${shortfalls.length === 1 ? "one thing falls short" : `${shortfalls.length} things fall short`}`;
  return `READY ${which}: ${telling === "day-before" ? "nothing is known that would fall short" : `${needOf(peak)} are in service, and nothing is in trouble or under way`}`;
}

/** Characters that a chat takes (Amazon Q Developer's guide, "Custom notifications"). */
const mostDescription = 8_000;
const mostStep = 350;

const verdict = ({ shortfalls }: PeakNotice): string => (shortfalls.length === 0 ? "READY" : "NOT READY");

const needOf = ({ nodes = {} }: Freeze): string =>
  Object.entries(nodes)
    .map(([group, count]) => `${count} nodes of ${group}`)
    .join(", ");

const next: Readonly<Record<PeakTelling, string>> = {
  "day-before": "Warden starts the nodes in time, and tells you again twenty minutes before it begins",
  "shortly-before": "until it begins, you are told once more when nothing falls short any longer",
  again: "until the end of the peak no node is taken away that is not bad by its own fault",
};

/** `2026-11-25 09:00`; ASCII, as a mail's subject has to be. The Swedes write it as ISO 8601 does. */
const byClockOf = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(at);
