/** A report as one file that needs nothing else: to keep, to send, to print. It fetches nothing and runs one script. */
import { createHash } from "node:crypto";
import type { TutoringBills } from "../cost/tutoring-week.ts";
import { html, verbatim } from "./html/markup.ts";
import { picture } from "./html/picture.ts";
import { script } from "./html/script.ts";
import { bills, figures, heading, headlines, money, pushes, story, violations } from "./html/sections.ts";
import { style } from "./html/style.ts";
import type { Report } from "./report.ts";
import type { SampleRun } from "./run-record.ts";
import { timelineOf } from "./timeline.ts";
import { estimateNote } from "./words.ts";

export interface HtmlExtras {
  /** The bills of the tutoring site's week, where that was the scenario. */
  readonly bills?: TutoringBills | undefined;
}

export function htmlReport(report: Report, sample: SampleRun | undefined, extras: HtmlExtras = {}): string {
  const timeline = sample === undefined ? undefined : timelineOf(sample);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${report.scenario}: Warden simulation</title>
<style>${verbatim(style)}</style>
</head>
<body>
<main>
${heading(report)}
${headlines(report)}
${violations(report)}
${
  timeline === undefined
    ? undefined
    : html`<section aria-labelledby="timeline"><h2 id="timeline">Run ${timeline.run}, seed ${timeline.seed}</h2>
<div class="timeline">${picture(timeline)}${story(timeline)}${pushes(timeline)}</div></section>`
}
${figures(report)}
${money(report)}
${extras.bills === undefined ? undefined : bills(extras.bills)}
</main>
<footer>Simulated, not measured on AWS. Every sum of money: ${estimateNote(report)}, before free tiers and tax.</footer>
<script>${verbatim(script)}</script>
</body>
</html>
`.markup;
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Nothing may be loaded, and nothing may run but the two texts above, by their hashes. */
const policy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
