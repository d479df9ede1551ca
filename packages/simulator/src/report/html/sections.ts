/** The parts of the page around the picture. */
import type { MonthlyBill, TutoringBills } from "../../cost/tutoring-week.ts";
import type { Report, ReportedViolation } from "../report.ts";
import type { Timeline } from "../timeline.ts";
import { clockOf, countInWords, dollars, estimateNote, measured, plural, secondsInWords, verdictOf } from "../words.ts";
import { html, type Markup } from "./markup.ts";

const violationsShown = 50;
const operationsShown = 15;

export function heading(report: Report): Markup {
  return html`<header>
<p class="eyebrow">Warden simulation</p>
<h1>${report.scenario}</h1>
<p class="verdict ${report.ok ? "good" : "bad"}"><span class="sign" aria-hidden="true">${report.ok ? "✓" : "✗"}</span> ${verdictOf(report)}</p>
<p class="note">Seed ${report.seed}. The same seed gives the same runs.</p>
</header>`;
}

export function violations(report: Report): Markup | undefined {
  if (report.ok) return undefined;
  const shown = report.violations.slice(0, violationsShown);
  const left = report.violations.length - shown.length;
  return html`<section aria-labelledby="violations"><h2 id="violations">Violations</h2>
${shown.map(violation)}
${left > 0 ? html`<p class="note">and ${plural(left, "more", "more")}, listed by <code>--json</code>.</p>` : undefined}
</section>`;
}

function violation(found: ReportedViolation): Markup {
  return html`<article class="violation"><h3>${found.rule}</h3>
<p class="where">run ${found.run} · ${clockOf(found.at)}${found.node === undefined ? undefined : html` · <code>${found.node}</code>`}</p>
<p>${found.detail}</p>
<pre class="replay"><code>${found.replay}</code></pre>
${found.shrunk === undefined ? undefined : html`<details><summary>Shortest scenario that still shows it</summary><pre><code>${found.shrunk}</code></pre></details>`}
</article>`;
}

/** What one looks for first, in large figures. */
export function headlines(report: Report): Markup {
  const { timeToService, ownShare, repairAfterLoss, drain, requests, cost } = report;
  const repaired = measured(repairAfterLoss.count, repairAfterLoss.max);
  return html`<dl class="headlines">
${headline("Time to service, p99", measured(timeToService.count, timeToService.p99), `half within ${measured(timeToService.count, timeToService.p50)}`)}
${headline("Warden’s own share, p99", measured(ownShare.count, ownShare.p99), `at best ${secondsInWords(ownShare.lowerBound)}`)}
${headline("Longest repair of a loss", repaired, `${countInWords(repairAfterLoss.unrepaired)} not repaired`)}
${headline("Drain, p95", measured(drain.count, drain.p95), `${countInWords(drain.dropped)} requests cut`)}
${headline("Failed requests", countInWords(requests.failed), `${countInWords(requests.served)} served`)}
${headline("Warden, a month", `${dollars(cost.aMonth.controlPlaneUSD)} USD`, "estimate, list prices")}
</dl>`;
}

const headline = (name: string, value: string, beside: string): Markup =>
  html`<div><dt>${name}</dt><dd>${value} <small>${beside}</small></dd></div>`;

export function story(timeline: Timeline): Markup | undefined {
  if (timeline.story.length === 0) return undefined;
  return html`<h3>What happened</h3><ol class="story">${timeline.story.map(
    ({ at, text }) => html`<li><time>${clockOf(at)}</time> ${text}</li>`,
  )}</ol>`;
}

export function pushes({ pushes: all }: Timeline): Markup | undefined {
  if (all.length === 0) return undefined;
  return html`<h3>Configurations pushed</h3><ol class="story">${all.map(
    ({ at, text }) => html`<li><time>${clockOf(at)}</time> ${text}</li>`,
  )}</ol>`;
}

export function figures(report: Report): Markup {
  const { timeToService, ownShare, drain, repairAfterLoss, nodes } = report;
  const row = (
    name: string,
    count: number,
    p50: number | undefined,
    p95: number | undefined,
    p99: number | undefined,
    max: number | undefined,
  ): Markup =>
    html`<tr><th scope="row">${name}</th><td>${countInWords(count)}</td>${[p50, p95, p99, max].map(
      (value) => html`<td>${value === undefined ? "" : measured(count, value)}</td>`,
    )}</tr>`;
  return html`<section aria-labelledby="figures"><h2 id="figures">Figures</h2>
<div class="wide" role="region" aria-label="How long things took" tabindex="0"><table><caption>How long things took</caption>
<thead><tr><td></td><th scope="col">measured</th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">p99</th><th scope="col">longest</th></tr></thead>
<tbody>
${row("Time to service", timeToService.count, timeToService.p50, timeToService.p95, timeToService.p99, undefined)}
${row("Warden’s own share", ownShare.count, ownShare.p50, ownShare.p95, ownShare.p99, undefined)}
${row("Repair after a loss", repairAfterLoss.count, undefined, undefined, undefined, repairAfterLoss.max)}
${row("Drain", drain.count, drain.p50, drain.p95, undefined, drain.max)}
</tbody></table></div>
<div class="pair">
${counts("Nodes", [
  ["launched", nodes.launched],
  ["came into service", nodes.inService],
  ["abandoned", nodes.abandoned],
  ["terminated", nodes.terminated],
  ["lost", nodes.lost],
])}
${functions(report)}
</div>
${calls(report)}
</section>`;
}

function counts(name: string, rows: readonly (readonly [string, number])[]): Markup {
  return html`<div class="wide"><table><caption>${name}</caption><tbody>${rows.map(
    ([what, count]) => html`<tr><th scope="row">${what}</th><td>${countInWords(count)}</td></tr>`,
  )}</tbody></table></div>`;
}

function functions({ functions: { byName } }: Report): Markup {
  return html`<div class="wide"><table><caption>Functions</caption>
<thead><tr><td></td><th scope="col">invocations</th><th scope="col">GB-seconds</th><th scope="col">crashes</th></tr></thead>
<tbody>${Object.entries(byName).map(
    ([name, use]) =>
      html`<tr><th scope="row">${name}</th><td>${countInWords(use.invocations)}</td><td>${countInWords(use.gbSeconds)}</td><td>${countInWords(use.crashes)}</td></tr>`,
  )}</tbody></table></div>`;
}

function calls({ calls: { total, perLaunchedNode, byOperation } }: Report): Markup {
  const rows = Object.entries(byOperation);
  const most = Math.max(1, ...rows.slice(0, 1).map(([, count]) => count));
  const left = rows.length - operationsShown;
  return html`<div class="wide"><table class="bars"><caption>Calls to AWS: ${countInWords(total)} in all, ${countInWords(perLaunchedNode)} for each launched node</caption>
<thead><tr><th scope="col">operation</th><th scope="col">calls</th><td></td></tr></thead>
<tbody>${rows
    .slice(0, operationsShown)
    .map(
      ([operation, count]) =>
        html`<tr><th scope="row"><code>${operation}</code></th><td>${countInWords(count)}</td><td class="bar">${bar(count / most)}</td></tr>`,
    )}</tbody></table></div>${left > 0 ? html`<p class="note">and ${plural(left, "other operation")}.</p>` : undefined}`;
}

const bar = (part: number): Markup =>
  html`<svg width="100%" height="8" aria-hidden="true"><rect width="${(part * 100).toFixed(1)}%" height="8" rx="2"/></svg>`;

export function money(report: Report): Markup {
  const { cost } = report;
  const rows = Object.entries(cost.aMonth.byService).filter(([, usd]) => usd > 0);
  const most = Math.max(0, ...rows.map(([, usd]) => usd));
  const total = (of: Report["cost"]["aMonth"]): string => dollars(of.computeUSD + of.controlPlaneUSD);
  return html`<section aria-labelledby="cost"><h2 id="cost">Cost</h2>
<p class="note">US dollars, ${estimateNote(report)}. Nodes and Warden only: no database, caches, files or load balancer.</p>
<div class="wide"><table class="bars"><caption>An average run, and a month that goes on like it</caption>
<thead><tr><td></td><th scope="col">a run</th><th scope="col">a month</th><td></td></tr></thead>
<tbody>${rows.map(
    ([service, usd]) =>
      html`<tr><th scope="row">${service}</th><td>${dollars(cost.byService[service] ?? 0)}</td><td>${dollars(usd)}</td><td class="bar">${bar(usd / most)}</td></tr>`,
  )}</tbody>
<tfoot><tr><th scope="row">all</th><td>${total(cost)}</td><td>${total(cost.aMonth)}</td><td></td></tr></tfoot></table></div>
${cost.warnings.map((warning) => html`<p class="note warning">${warning}.</p>`)}
</section>`;
}

export function bills(week: TutoringBills): Markup {
  return html`<section aria-labelledby="bills"><h2 id="bills">The same site, two bills</h2>
<p>${week.says}</p>
<div class="pair">
${monthlyBill("One big instance", week.single, week.writeUp.singleUSD, "over ")}
${monthlyBill("Scaled", week.scaled, week.writeUp.scaledUSD, "about ")}
</div>
<p class="note">Today’s figures are estimates from list prices. The write-up’s are of ${week.writeUp.year}: other prices, and a bill whose lines are not known. Instances that alone cost over 300 USD then: ${[...new Set(week.candidatesOf2015.map(({ instanceType }) => instanceType))].join(", ")}.</p>
</section>`;
}

function monthlyBill(name: string, bill: MonthlyBill, then: number, about: string): Markup {
  return html`<div class="wide"><table class="bill"><caption>${name} <strong>${dollars(bill.usd)} USD a month</strong> <small>write-up, 2015: ${about}${then} USD</small></caption>
<tbody>${bill.lines.map(
    ({ service, item, usd }) =>
      html`<tr><th scope="row">${service} <small>${item}</small></th><td>${dollars(usd)}</td></tr>`,
  )}</tbody></table></div>`;
}
