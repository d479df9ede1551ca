/** May every function do what it must? Asked of IAM beforehand, so that a missing grant shows here and not in a launch. */

import { inParallel } from "@warden/control";
import { functions, type WardenFunction } from "@warden/functions/catalogue";
import type { Reach } from "../context.ts";
import { bad, check, type Finding, ok, redeploy } from "./check.ts";

export interface GrantFacts {
  readonly functionName: string;
  readonly asked: number;
  /** Undefined: there is no such role. */
  readonly missing: readonly { readonly action: string; readonly resource: string }[] | undefined;
}

export const grantsCheck = check(
  "grants",
  (reach) => Promise.all(functions.map((each) => readGrants(each, reach))),
  judgeGrants,
);

export function judgeGrants(facts: readonly GrantFacts[]): Finding[] {
  return facts.flatMap(({ functionName, asked, missing }) => {
    const subject = `function ${functionName}`;
    if (missing === undefined) return [bad(subject, "its role does not exist", redeploy)];
    if (missing.length === 0) return [ok(subject, `all ${asked} grants are allowed`)];
    return missing.map(({ action, resource }) => bad(subject, `may not ${action} on ${resource}`, redeploy));
  });
}

async function readGrants(each: WardenFunction, { deployment, inspection }: Reach): Promise<GrantFacts> {
  const roleArn = deployment.functions[each.name]?.roleArn;
  const questions = questionsOf(each, deployment);
  const asked = [...questions.values()].reduce((total, actions) => total + actions.length, 0);
  if (roleArn === undefined) return { functionName: each.name, asked, missing: undefined };
  const missing: { action: string; resource: string }[] = [];
  let exists = true;
  await inParallel([...questions], 4, async ([resource, actions]) => {
    const denied = await inspection.denied(roleArn, actions, resource, deployment.stage);
    if (denied === undefined) exists = false;
    for (const action of denied ?? []) missing.push({ action, resource });
  });
  return { functionName: each.name, asked, missing: exists ? missing : undefined };
}

/** One question a resource, with all actions on it: so an answer always tells which resource it is about. */
export function questionsOf(
  { grants, trigger }: Pick<WardenFunction, "grants" | "trigger">,
  { resources, queues }: Reach["deployment"],
): Map<string, string[]> {
  const questions = new Map<string, string[]>();
  for (const { action, on } of grants) {
    for (const name of on) {
      const ownLane = trigger.kind === "lane" ? [queues[trigger.lane].arn] : [];
      const arns = name === "own lane" ? ownLane : name === "anything" ? ["*"] : (resources[name] ?? []);
      for (const arn of arns) questions.set(arn, [...(questions.get(arn) ?? []), action]);
    }
  }
  return questions;
}
