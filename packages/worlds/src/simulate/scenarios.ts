/** Scenarios by name or from a file, and reports for people: what the command needs of the simulator. */
import { readFile } from "node:fs/promises";
import { builtinNames, builtinScenario, readPolicy, readScenario, type Scenario } from "@warden/simulator";
import { type Problem, problemInWords } from "@warden/yaml";

export { htmlReport, type Report, renderReport, type SampleRun } from "@warden/simulator";
export { builtinNames, problemInWords, readPolicy };

export type FoundScenario =
  | { readonly kind: "found"; readonly scenario: Scenario }
  | { readonly kind: "unreadable"; readonly problems: readonly Problem[] }
  /** Neither a built-in scenario nor a file. */
  | { readonly kind: "missing" };

/** @param source the name of a built-in scenario, or the path of a file */
export async function findScenario(source: string): Promise<FoundScenario> {
  const builtin = builtinScenario(source);
  if (builtin !== undefined) return { kind: "found", scenario: builtin };
  const text = await textOf(source);
  if (text === undefined) return { kind: "missing" };
  const read = readScenario(text);
  return read.ok ? { kind: "found", scenario: read.value } : { kind: "unreadable", problems: read.problems };
}

/** What a built-in scenario is about, for a list. */
export function aboutBuiltin(name: string): string {
  return builtinScenario(name)?.about ?? "";
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
