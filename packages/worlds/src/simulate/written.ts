/** What Warden writes down, read from its transactions; and how inputs of calls are read at all. */
import { outboxPartition } from "@warden/aws";
import { incidentSchema, rolloutSchema } from "@warden/control";
import type { FactDetail } from "@warden/simulator";
import * as z from "zod/mini";
import { localSite } from "../local-site.ts";

export type Written = Extract<FactDetail, { kind: "phase" | "rollout" | "upgrade" | "incident" }>;

/**
 * What is written down with a decision: of a node or an upgrade the row for the outbox, since publishing it may fail, and is
 * made up for by a sweep, and so of an incident; of a rollout itself.
 */
export function writtenIn(input: Fields): Written[] {
  const writes = input["TransactItems"];
  if (!Array.isArray(writes)) return [];
  return writes.flatMap((write): Written[] => {
    const item = fieldsOf(fieldsOf(fieldsOf(write)["Put"])["Item"]);
    const stored = (name: string): string => text(fieldsOf(item[name])["S"]);
    if (stored("sk") === "rollout") return [rolloutIn(item, stored("why"))];
    if (stored("pk") !== outboxPartition) return [];
    if (stored("kind") === "upgrade") return [{ kind: "upgrade", phase: stored("phase"), why: stored("why") }];
    if (stored("kind") === "incident") return [incidentIn(item, stored("phase"))];
    if (stored("kind") !== "decision") return [];
    const node = stored("key").split("/").at(-1) ?? localSite;
    return [{ kind: "phase", node, phase: stored("phase"), why: stored("why") }];
  });
}

function incidentIn(item: Fields, phase: string): Written {
  const { part } = z.object({ incident: incidentSchema }).parse(attributeValue(item["evidence"])).incident;
  return { kind: "incident", part, is: phase === "closed" ? "closed" : "opened" };
}

function rolloutIn(item: Fields, why: string): Written {
  const { id, phase, candidate, lastGood, members, because } = rolloutSchema.parse(attributeValue(item["rollout"]));
  const { release, digest } = candidate;
  return { kind: "rollout", id, phase, candidate: digest, lastGood: lastGood.digest, release, members, why, because };
}

/** Of an attribute of DynamoDB, as far as a rollout and an incident have its kinds. */
function attributeValue(attribute: unknown): unknown {
  const { S, N, L, M } = fieldsOf(attribute);
  if (Array.isArray(L)) return L.map(attributeValue);
  if (M !== undefined)
    return Object.fromEntries(Object.entries(fieldsOf(M)).map(([name, each]) => [name, attributeValue(each)]));
  return N === undefined ? S : Number(N);
}

export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {});
export const text = (value: unknown): string => (typeof value === "string" ? value : "");
