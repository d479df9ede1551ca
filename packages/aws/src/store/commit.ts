/** One decision as one transaction: the record, its ledger entry, its heartbeat and its part in the group. */
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type {
  CalendarChange,
  Change,
  IncidentsChange,
  LedgerEntry,
  RolloutChange,
  UpgradeChange,
} from "@warden/control";
import { type Assigned, type GroupName, groupName, type SiteName } from "@warden/fleet";
import { type Item, toItem } from "./items.ts";
import {
  beatItem,
  calendarItem,
  groupStateItem,
  type ItemKey,
  incidentsItem,
  ledgerPartition,
  ledgerSort,
  nodeItem,
  outboxPartition,
  rolloutItem,
  upgradeItem,
} from "./keys.ts";

/** Seconds. A ledger row is kept 90 days, the record of a node that is gone a week. */
const ledgerLifetime = 90 * 86_400;
const goneLifetime = 7 * 86_400;

export function transactionOf(table: string, change: Change): TransactWriteItem[] {
  return [
    node(table, change),
    ...(change.quiet ? [] : ledgerPuts(table, change.ledger).map((Put) => ({ Put }))),
    ...beat(table, change),
    ...group(table, change),
  ];
}

function node(table: string, { key, record, version, dueAt, ledger: { why, at } }: Change): TransactWriteItem {
  const expires = record.phase.name === "gone" ? Math.floor(at / 1000) + goneLifetime : undefined;
  return versioned(table, nodeItem(key), version, { record, dueAt, why, expires });
}

/** Whoever wrote it in between has won. @param version the one that was read; 0 when there was none */
function versioned(table: string, key: ItemKey, version: number, value: Record<string, unknown>): TransactWriteItem {
  const Item = toItem({ ...key, ...value, version: version + 1 });
  if (version === 0) return { Put: { TableName: table, Item, ConditionExpression: "attribute_not_exists(pk)" } };
  return {
    Put: {
      TableName: table,
      Item,
      ConditionExpression: "version = :version",
      ExpressionAttributeValues: toItem({ ":version": version }),
    },
  };
}

/** A rollout's decision; with its end, what the group's nodes are assigned from now on. */
export function rolloutTransactionOf(table: string, change: RolloutChange): TransactWriteItem[] {
  const { rollout, version, dueAt, ledger, conclude, begins } = change;
  const { site, group, candidate } = rollout;
  return [
    versioned(table, rolloutItem(site, group), version, { rollout, dueAt, why: ledger.why }),
    ...ledgerPuts(table, ledger).map((Put) => ({ Put })),
    ...(conclude ? [assignment(table, site, group, candidate)] : []),
    ...(begins ? [unlessUnderWay(table, upgradeItem(site), "upgrade")] : []),
  ];
}

/** An upgrade's decision, and what groups are assigned from now on. */
export function upgradeTransactionOf(table: string, change: UpgradeChange): TransactWriteItem[] {
  const { upgrade, version, dueAt, ledger, assign, begins } = change;
  const { site } = upgrade;
  return [
    versioned(table, upgradeItem(site), version, { upgrade, dueAt, why: ledger.why }),
    ...ledgerPuts(table, ledger).map((Put) => ({ Put })),
    ...Object.entries(assign).map(([group, assigned]) => assignment(table, site, groupName(group), assigned)),
    ...Object.keys(begins ? upgrade.to : {}).map((group) =>
      unlessUnderWay(table, rolloutItem(site, groupName(group)), "rollout"),
    ),
  ];
}

/** What is open by now, and a row for each that opened or closed. */
export function incidentsTransactionOf(table: string, change: IncidentsChange): TransactWriteItem[] {
  const { site, open, version, ledger } = change;
  return [
    versioned(table, incidentsItem(site), version, { open }),
    ...ledger.flatMap((entry) => ledgerPuts(table, entry)).map((Put) => ({ Put })),
  ];
}

/** The freezes and what is held for them, and a row for each that began, ended or was changed by a person. */
export function calendarTransactionOf(table: string, change: CalendarChange): TransactWriteItem[] {
  const { site, calendar, version, ledger } = change;
  return [
    versioned(table, calendarItem(site), version, { site, calendar }),
    ...ledger.flatMap((entry) => ledgerPuts(table, entry)).map((Put) => ({ Put })),
  ];
}

const assignment = (table: string, site: SiteName, group: GroupName, assigned: Assigned): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: toItem({ ...groupStateItem(site, group) }),
    UpdateExpression: "SET assigned = :assigned",
    ExpressionAttributeValues: toItem({ ":assigned": assigned }),
  },
});

/** Of a rollout and an upgrade, begun at the same moment, one has to wait for the other. */
const unlessUnderWay = (table: string, key: ItemKey, what: "rollout" | "upgrade"): TransactWriteItem => ({
  ConditionCheck: {
    TableName: table,
    Key: toItem({ ...key }),
    ConditionExpression: "attribute_not_exists(pk) OR #what.#phase IN (:done, :returned)",
    ExpressionAttributeNames: { "#what": what, "#phase": "phase" },
    ExpressionAttributeValues: toItem({ ":done": "done", ":returned": "returned" }),
  },
});

/** The row itself, and what is published of it in the outbox. */
export function ledgerPuts(table: string, entry: LedgerEntry): { TableName: string; Item: Item }[] {
  const sk = ledgerSort(entry);
  const expires = Math.floor(entry.at / 1000) + ledgerLifetime;
  const row = { TableName: table, Item: toItem({ ...entry, pk: ledgerPartition(entry.key), sk, expires }) };
  if (!isPublished(entry)) return [row];
  // Evidence of decisions is large and nothing that is published; what people are told of is published with all that is known.
  const evidence = entry.kind === "incident" || entry.kind === "peak" ? entry.evidence : {};
  return [row, { TableName: table, Item: toItem({ ...entry, evidence, pk: outboxPartition, sk, expires }) }];
}

const published: readonly LedgerEntry["kind"][] = ["decision", "rollout", "upgrade", "incident", "freeze", "peak"];

const isPublished = ({ kind }: LedgerEntry): boolean => published.includes(kind);

function beat(table: string, { key, beat: change }: Change): TransactWriteItem[] {
  if (change === undefined) return [];
  if (change === "none") return [{ Delete: { TableName: table, Key: toItem({ ...beatItem(key) }) } }];
  return [{ Put: { TableName: table, Item: toItem({ ...beatItem(key), ...change }) } }];
}

/** All that a node changes in the state it shares with its group, in one update; nothing when it changes nothing. */
function group(table: string, change: Change): TransactWriteItem[] {
  const { record, slot, launchOutcome, health, keptEnds } = change;
  const add: string[] = [];
  const drop: string[] = [];
  const remove: string[] = [];
  const set: string[] = [];
  const values: Record<string, unknown> = {};
  const me = new Set([record.instance]);
  let condition: string | undefined;

  if (slot?.claim === true) {
    add.push("slots :me");
    condition = "(attribute_not_exists(slots) AND :limit > :zero) OR size(slots) < :limit OR contains(slots, :id)";
    Object.assign(values, { ":me": me, ":limit": slot.limit, ":zero": 0, ":id": record.instance });
  } else if (slot?.claim === false) {
    remove.push("slots :me");
    values[":me"] = me;
  }
  if (health !== undefined) {
    (health === "unhealthy" ? add : remove).push("unhealthy :ill");
    values[":ill"] = me;
  }
  if (launchOutcome === "succeeded") {
    set.push("failedLaunches = :none");
    values[":none"] = 0;
  } else if (launchOutcome !== undefined) {
    add.push("failedLaunches :one");
    values[":one"] = 1;
  }
  if (launchOutcome === "kept") {
    set.push("kept = :kept");
    values[":kept"] = record.instance;
  } else if (keptEnds) {
    drop.push("kept");
  }

  const clauses = [
    set.length > 0 ? `SET ${set.join(", ")}` : "",
    add.length > 0 ? `ADD ${add.join(", ")}` : "",
    drop.length > 0 ? `REMOVE ${drop.join(", ")}` : "",
    remove.length > 0 ? `DELETE ${remove.join(", ")}` : "",
  ].filter((clause) => clause !== "");
  if (clauses.length === 0) return [];
  return [
    {
      Update: {
        TableName: table,
        Key: toItem({ ...groupStateItem(record.site, record.group) }),
        UpdateExpression: clauses.join(" "),
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: toItem(values) }),
        ...(condition !== undefined && { ConditionExpression: condition }),
      },
    },
  ];
}
