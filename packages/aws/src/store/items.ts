/** What lies in the table, checked as it is read: another version of Warden may have written it. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import {
  type Beat,
  calendarSchema,
  type GroupState,
  incidentSchema,
  type LedgerEntry,
  orderSchema,
  readNode,
  rolloutSchema,
  type SentBatch,
  type Site,
  type StopSwitch,
  type StoredCalendar,
  type StoredIncidents,
  type StoredNode,
  type StoredRollout,
  type StoredUpgrade,
  siteSchema,
  upgradeSchema,
  wantedSchema,
} from "@warden/control";
import { groupName, instanceId, type NodeKey, type Order } from "@warden/fleet";
import * as z from "zod/mini";

export type Item = Record<string, AttributeValue>;

export const toItem = (value: Readonly<Record<string, unknown>>): Item =>
  marshall(value, { removeUndefinedValues: true });

/** Sets come back as sets; numbers as numbers, which is exact for all that Warden stores. */
export const fromItem = (item: Item): Record<string, unknown> => unmarshall(item);

const storedNode = z.object({
  record: z.unknown(),
  version: z.int(),
  dueAt: z.optional(z.number()),
  why: z.string(),
});

/** `newer` also for what cannot be read at all: neither may be written over. */
export function readStoredNode(item: Item): StoredNode | "newer" {
  const outer = storedNode.safeParse(fromItem(item)).data;
  const inner = readNode(outer?.record);
  if (outer === undefined || inner.kind !== "read") return "newer";
  return { record: inner.record, version: outer.version, dueAt: outer.dueAt, why: outer.why };
}

/** DynamoDB has no empty set: it is left out. */
const strings = z._default(z.set(z.string()), () => new Set<string>());

const sharedChange = z.object({ id: z.string(), at: z.number(), why: z.string() });

const groupState = z.object({
  assigned: z.optional(z.object({ release: z.string(), digest: z.string() })),
  slots: strings,
  failedLaunches: z._default(z.int(), 0),
  kept: z.optional(z.string()),
  unhealthy: strings,
  installed: z._default(z.boolean(), false),
  changed: z.optional(sharedChange),
  stale: z.optional(sharedChange),
});

export function readGroupState(
  item: Item | undefined,
  rollout: Item | undefined,
  upgrade: Item | undefined,
): GroupState {
  const read = groupState.parse(item === undefined ? {} : fromItem(item));
  return {
    assigned: read.assigned,
    rollout: rollout && readRollout(rollout),
    upgrade: upgrade && readUpgrade(upgrade),
    installed: read.installed,
    slots: [...read.slots].map(instanceId),
    failedLaunches: read.failedLaunches,
    kept: read.kept === undefined ? undefined : instanceId(read.kept),
    unhealthy: [...read.unhealthy].map(instanceId),
    changed: read.changed,
    stale: read.stale,
  };
}

const storedRollout = z.object({
  rollout: rolloutSchema,
  version: z.int(),
  dueAt: z.optional(z.number()),
  why: z.string(),
});

function readRollout(item: Item): StoredRollout {
  const { rollout, version, dueAt, why } = storedRollout.parse(fromItem(item));
  return { rollout, version, dueAt, why };
}

const storedUpgrade = z.object({
  upgrade: upgradeSchema,
  version: z.int(),
  dueAt: z.optional(z.number()),
  why: z.string(),
});

export function readUpgrade(item: Item): StoredUpgrade {
  const { upgrade, version, dueAt, why } = storedUpgrade.parse(fromItem(item));
  return { upgrade, version, dueAt, why };
}

const storedIncidents = z.object({ open: z.array(incidentSchema), version: z.int() });

export function readIncidents(item: Item | undefined): StoredIncidents {
  return item === undefined ? { open: [], version: 0 } : storedIncidents.parse(fromItem(item));
}

const storedCalendar = z.object({ calendar: calendarSchema, version: z.int() });

export function readCalendar(item: Item | undefined): StoredCalendar {
  return item === undefined
    ? { calendar: { freezes: [], held: {} }, version: 0 }
    : storedCalendar.parse(fromItem(item));
}

export const readOrder = (item: Item): Order => orderSchema.parse(fromItem(item));

const stopSwitch = z.object({ by: z.string(), reason: z.string(), at: z.number() });
export const readStop = (item: Item): StopSwitch => stopSwitch.parse(fromItem(item));

const sentBatch = z.object({ commandIds: strings, refusals: strings });

/** Refusals lie in a set, so that parts of a batch add to each other's. */
export const refusalsOf = (refused: SentBatch["refused"]): string[] =>
  Object.entries(refused).map(([instance, message]) => `${instance} ${message}`);

export function readBatch(item: Item): SentBatch {
  const read = sentBatch.parse(fromItem(item));
  const refused = [...read.refusals].map((text) => {
    const space = text.indexOf(" ");
    return [text.slice(0, space), text.slice(space + 1)];
  });
  return { commandIds: [...read.commandIds], refused: Object.fromEntries(refused) };
}

const beat = z.object({
  key: z.pipe(
    z.string(),
    z.transform((key) => key as NodeKey),
  ),
  action: z.object({
    group: z.pipe(z.string(), z.transform(groupName)),
    hook: z.string(),
    instance: z.pipe(z.string(), z.transform(instanceId)),
    token: z.pipe(
      z.optional(z.string()),
      z.transform((token) => token),
    ),
  }),
  hookTimeout: z.number(),
  nextAt: z.number(),
  until: z.number(),
});

export function readBeat(item: Item): Beat {
  const { action, ...rest } = beat.parse(fromItem(item));
  return { ...rest, action: { ...action, token: action.token } };
}

const ledgerEntry = z.object({
  v: z.literal(1),
  key: z.pipe(
    z.string(),
    z.transform((key) => key as NodeKey),
  ),
  at: z.number(),
  id: z.string(),
  kind: z.enum([
    "decision",
    "rollout",
    "upgrade",
    "shared-change",
    "incident",
    "freeze",
    "peak",
    "unparsable",
    "denied",
    "newer",
  ]),
  phase: z.optional(z.string()),
  phaseBefore: z.optional(z.string()),
  why: z.string(),
  actions: z.array(z.string()),
  wants: z.optional(wantedSchema),
  evidence: z.record(z.string(), z.unknown()),
});

export function readLedgerEntry(item: Item): LedgerEntry {
  const { phase, phaseBefore, ...rest } = ledgerEntry.parse(fromItem(item));
  return { ...rest, phase, phaseBefore };
}

export const readSite = (item: Item): Site => siteSchema.parse(fromItem(item)["site"]);
