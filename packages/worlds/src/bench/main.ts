/** `npm run bench [-- NAME] [--json]`: measures, and says which of the design's bars are met. */
import { parseArgs } from "node:util";
import { bundles } from "./bundles.ts";
import { idle } from "./idle.ts";
import { launch } from "./launch.ts";
import { isMet, type Measure } from "./measure.ts";
import { peers } from "./peers.ts";
import { speed } from "./speed.ts";

const all: Readonly<Record<string, () => Promise<readonly Measure[]>>> = { bundles, launch, idle, peers, speed };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => all[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(", ")}: choose from ${Object.keys(all).join(", ")}.\n`);
  process.exit(2);
}

for (const name of positionals.length > 0 ? positionals : Object.keys(all)) {
  if (!values.json) process.stdout.write(`${name}\n`);
  for (const measure of (await all[name]?.()) ?? []) {
    process.stdout.write(
      values.json ? `${JSON.stringify({ bench: name, ...measure, met: isMet(measure) })}\n` : line(measure),
    );
  }
}

function line(measure: Measure): string {
  const { name, value, unit, bar, note } = measure;
  const figure = `${value.toFixed(value < 100 ? 2 : 0)} ${unit}`;
  const judged = bar === undefined ? "" : `  ${isMet(measure) ? "met" : "MISSED"}, bar ${barOf(bar)}`;
  return `  ${name.padEnd(48)}${figure.padStart(16)}${judged}${note === undefined ? "" : `\n      ${note}`}\n`;
}

function barOf(bar: NonNullable<Measure["bar"]>): string {
  return "most" in bar ? `≤ ${Number(bar.most.toFixed(2))}` : `≥ ${bar.least}`;
}
