/** The documented shapes with ids of our own: `samples/<kind>.json` or `samples/<kind>.<case>.json`. */
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("samples/", import.meta.url);

export interface Sample {
  /** File name without `.json`. */
  readonly name: string;
  readonly kind: string;
  readonly body: string;
}

export const samples: readonly Sample[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({
    name: file.replace(/\.json$/, ""),
    kind: file.replace(/\..*$/, ""),
    body: readFileSync(new URL(file, folder), "utf8"),
  }));

export function sample(name: string): string {
  const found = samples.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no sample ${name}`);
  return found.body;
}

type Json = Record<string, unknown>;

/** A sample with changes in its envelope and its detail; `undefined` takes a field out. */
export function changed(name: string, envelope: Json, detail: Json = {}): string {
  const event: Json & { detail?: Json } = JSON.parse(sample(name));
  return JSON.stringify({ ...event, ...(event.detail && { detail: { ...event.detail, ...detail } }), ...envelope });
}
