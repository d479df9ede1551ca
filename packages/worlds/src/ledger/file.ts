/**
 * A site's ledger as a file: a line of JSON for the site with its policy, then one for each entry. `warden ledger` writes
 * it, `warden simulate --from-ledger` reads it.
 */
import {
  type DecisionEvidence,
  inParallel,
  type LedgerEntry,
  readNode,
  type Site,
  type Store,
  siteSchema,
} from "@warden/control";
import { type InstanceId, type NodeName, nodeKey, parseNodeKey } from "@warden/fleet";
import * as z from "zod/mini";
import { readObservation } from "./observation.ts";

export interface LedgerFile {
  readonly site: Site;
  /** Of each node, its decisions in the order in which they were made. */
  readonly nodes: ReadonlyMap<InstanceId, readonly LedgerDecision[]>;
  /** Entries without the evidence to decide anew: of an older Warden, or about a call that was denied. */
  readonly leftOut: number;
}

export interface LedgerDecision extends DecisionEvidence {
  readonly name: NodeName;
  readonly at: number;
  readonly phase: string;
  readonly why: string;
  readonly actions: readonly string[];
}

export type LedgerRead =
  | { readonly ok: true; readonly ledger: LedgerFile }
  | { readonly ok: false; readonly line: number; readonly found: string; readonly allowed: string };

export function writeLedger(site: Site, entries: readonly LedgerEntry[]): string {
  const lines = [{ ledger: 1, ...site }, ...[...entries].sort((a, b) => a.at - b.at)];
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}

/** Of every node that is remembered: a record is kept for a week after its node is gone. */
export async function ledgerOf({ site, groups }: Site, store: Store): Promise<readonly LedgerEntry[]> {
  const nodes = await Promise.all(groups.map((group) => store.nodesOf(site, group)));
  const entries: LedgerEntry[] = [];
  await inParallel(nodes.flat(), queriesAtOnce, async ({ record }) => {
    entries.push(...(await store.ledger(nodeKey(record), mostEntries)));
  });
  return entries;
}

/** More than a node decides in a day of trouble. */
const mostEntries = 5000;

/** Each node's story is a partition of its own, so a thousand nodes are a thousand queries. */
const queriesAtOnce = 25;

export function readLedger(text: string): LedgerRead {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const head = headSchema.safeParse(parsed(lines[0]));
  if (!head.success) {
    return {
      ok: false,
      line: 1,
      found: shortened(lines[0]),
      allowed: "the line of a site that `warden ledger` writes",
    };
  }
  const nodes = new Map<InstanceId, LedgerDecision[]>();
  let leftOut = 0;
  for (const [index, line] of lines.slice(1).entries()) {
    const entry = entrySchema.safeParse(parsed(line));
    if (!entry.success) {
      return { ok: false, line: index + 2, found: shortened(line), allowed: "an entry that `warden ledger` writes" };
    }
    const decision = decisionIn(entry.data);
    if (decision === undefined) leftOut += 1;
    else nodes.set(decision.name.instance, [...(nodes.get(decision.name.instance) ?? []), decision]);
  }
  const { ledger: _, ...site } = head.data;
  return { ok: true, ledger: { site, nodes, leftOut } };
}

function decisionIn({ key, at, kind, phase, why, actions, evidence }: Entry): LedgerDecision | undefined {
  const name = parseNodeKey(key);
  const seen = readObservation(evidence["seen"]);
  const before = evidence["before"] === undefined ? undefined : readNode(evidence["before"]);
  if (kind !== "decision" || name === undefined || phase === undefined || seen === undefined) return undefined;
  if (before !== undefined && before.kind !== "read") return undefined;
  return { name, at, phase, why, actions, before: before?.record, seen };
}

const headSchema = z.extend(siteSchema, { ledger: z.literal(1) });

const entrySchema = z.object({
  key: z.string(),
  at: z.number(),
  kind: z.string(),
  phase: z.optional(z.string()),
  why: z.string(),
  actions: z.array(z.string()),
  evidence: z.record(z.string(), z.unknown()),
});
type Entry = z.output<typeof entrySchema>;

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "");
  } catch {
    return undefined;
  }
}

const shortened = (line = "nothing"): string => (line.length <= 60 ? line : `${line.slice(0, 59)}…`);
