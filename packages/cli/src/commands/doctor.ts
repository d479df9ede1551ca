/** `warden doctor`: everything that Warden needs, looked at once, with the evidence and the mend. */
import { styleText } from "node:util";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { bad, type Check, type Finding, type Scope } from "../doctor/check.ts";
import { deadLettersCheck } from "../doctor/dead-letters.ts";
import { denialsCheck } from "../doctor/denials.ts";
import { documentsCheck } from "../doctor/documents.ts";
import { functionsCheck } from "../doctor/functions.ts";
import { grantsCheck } from "../doctor/grants.ts";
import { groupsCheck } from "../doctor/groups.ts";
import { rulesCheck } from "../doctor/rules.ts";
import { sweepCheck } from "../doctor/sweep.ts";
import { tableCheck } from "../doctor/table.ts";
import { printable, type Status, status } from "../errors.ts";
import { problemOf } from "../faults.ts";
import type { PlaceFlags } from "../flags.ts";
import { targetOf } from "../target.ts";

const checks: readonly Check[] = [
  tableCheck,
  sweepCheck,
  deadLettersCheck,
  rulesCheck,
  functionsCheck,
  grantsCheck,
  denialsCheck,
  groupsCheck,
  documentsCheck,
];

export async function doctor(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  if (flags.site !== undefined) await chooseSite(flags.site, reach);
  const scope = { site: flags.site };
  const results = await Promise.all(
    checks.map(async (each) => ({ check: each.name, findings: await examined(each, reach, scope, context) })),
  );
  const found = results.flatMap(({ check, findings }) => findings.map((finding) => ({ check, ...finding })));
  const well = !found.some((finding) => finding.state === "bad");
  context.out.write(flags.json ? `${JSON.stringify({ well, findings: found })}\n` : report(found, context));
  return well ? status.done : status.unwell;
}

/** What cannot be read is not well: nothing unknown may look green. */
async function examined(check: Check, reach: Reach, scope: Scope, { env }: WardenContext): Promise<readonly Finding[]> {
  try {
    return await check.run(reach, scope);
  } catch (error) {
    const { message, mend } = problemOf(error, env);
    return [bad(check.name, `could not be checked: ${message}`, mend)];
  }
}

type Found = Finding & { readonly check: string };

function report(found: readonly Found[], { out }: WardenContext): string {
  const paint = (finding: Finding, text: string): string => {
    const colour = { ok: "green", warning: "yellow", bad: "red" } as const;
    return out.isTTY === true ? styleText(colour[finding.state], text, { validateStream: false }) : text;
  };
  const width = Math.max(...found.map((finding) => finding.check.length));
  const lines = found.flatMap((finding) => [
    `${paint(finding, finding.state.padEnd(7))}  ${finding.check.padEnd(width)}  ${printable(`${finding.subject}: ${finding.evidence}`)}`,
    ...(finding.state === "ok" ? [] : [`${" ".repeat(7 + 2 + width + 2)}→ ${printable(finding.mend)}`]),
  ]);
  const count = (state: Finding["state"]): number => found.filter((finding) => finding.state === state).length;
  return `${[...lines, "", `${count("ok")} ok, ${count("warning")} warnings, ${count("bad")} bad.`].join("\n")}\n`;
}
