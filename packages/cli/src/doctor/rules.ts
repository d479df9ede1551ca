/** Do events and schedules reach Warden? */
import { bad, check, type Finding, ok, redeploy } from "./check.ts";
import type { RuleFacts } from "./inspection.ts";

interface Named {
  readonly name: string;
  readonly facts: RuleFacts | undefined;
}

export const rulesCheck = check(
  "rules",
  async ({ deployment, inspection }) => ({
    events: await Promise.all(
      deployment.rules.map(async (name): Promise<Named> => ({ name, facts: await inspection.rule(name) })),
    ),
    schedules: await Promise.all(
      deployment.schedules.map(async (name): Promise<Named> => ({ name, facts: await inspection.rule(name) })),
    ),
    own: await Promise.all(
      deployment.ownRules.map(
        async (name): Promise<Named> => ({ name, facts: await inspection.rule(name, deployment.bus) }),
      ),
    ),
  }),
  judgeRules,
);

export function judgeRules(facts: {
  readonly events: readonly Named[];
  readonly schedules: readonly Named[];
  readonly own: readonly Named[];
}): Finding[] {
  return [...judged("rule", facts.events), ...judged("schedule", facts.schedules), ...judged("own rule", facts.own)];
}

/** The healthy ones are one line together. */
function judged(kind: string, rules: readonly Named[]): Finding[] {
  const wrong = rules.flatMap((rule) => wrongWith(kind, rule));
  const well = rules.length - wrong.length;
  if (rules.length === 0) return [bad(`${kind}s`, "the deployment names none", redeploy)];
  return well === 0 ? wrong : [ok(`${kind}s`, `${well} enabled`), ...wrong];
}

function wrongWith(kind: string, { name, facts }: Named): Finding[] {
  const subject = `${kind} ${name}`;
  if (facts === undefined) return [bad(subject, "it does not exist", redeploy)];
  if (!facts.enabled)
    return [bad(subject, "it is disabled", `enable it with \`aws events enable-rule --name ${name}\``)];
  if (facts.targets === 0) return [bad(subject, "it has no target, so it leads nowhere", redeploy)];
  return [];
}
