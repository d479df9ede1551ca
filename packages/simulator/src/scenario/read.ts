/** Reads a scenario or a policy in YAML or JSON, or says what is wrong with it so that it can be mended at night. */
import { type ReadText, readText } from "@warden/yaml";
import { type PolicyChanges, policySchema } from "./policy.ts";
import { type Scenario, scenarioSchema } from "./schema.ts";
import { nonsenseIn } from "./sense.ts";

/** @param defaults the name it has when it names itself not: that of its file */
export function readScenario(text: string, defaults: { readonly name?: string } = {}): ReadText<Scenario> {
  const completed = (given: unknown): unknown => withName(given, defaults.name);
  return readText(text, { schema: scenarioSchema, completed, nonsense: nonsenseIn });
}

/** What of a site's policy is to be another. */
export function readPolicy(text: string): ReadText<PolicyChanges> {
  return readText(text, { schema: policySchema });
}

function withName(given: unknown, name: string | undefined): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return name === undefined || "name" in given ? given : { name, ...given };
}
