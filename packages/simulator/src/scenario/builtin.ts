/** The scenarios that come with Warden, read from the files beside this package's sources. */
import { readdirSync, readFileSync } from "node:fs";
import { problemInWords } from "@warden/yaml";
import { readScenario } from "./read.ts";
import type { Scenario } from "./schema.ts";

const folder = new URL("../../scenarios/", import.meta.url);

export const builtinNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();

/** Undefined when there is none of that name. */
export function builtinText(name: string): string | undefined {
  return builtinNames().includes(name) ? readFileSync(new URL(`${name}.yaml`, folder), "utf8") : undefined;
}

export function builtinScenario(name: string): Scenario | undefined {
  const text = builtinText(name);
  if (text === undefined) return undefined;
  const read = readScenario(text, { name });
  if (!read.ok) throw new Error(`the built-in scenario ${name}: ${read.problems.map(problemInWords).join("; ")}`);
  return read.value;
}
