/** Counts what AWS bills by the unit, from the calls themselves. */
import type { CallRecord } from "@warden/aws-local/wire/gate";
import { type BilledUnits, type FunctionUse, logBytesOf } from "@warden/simulator";

/** Bytes of the lines that an invocation logs: its context and its metrics (an estimate). */
const logLines = 900;

export function createUnits() {
  let tableWrites = 0;
  let tableReads = 0;
  let queueRequests = 0;
  let events = 0;

  function add({ service, operation, input }: CallRecord): void {
    if (service === "sqs") queueRequests += 1;
    if (service === "events") events += listIn(input, "Entries").length;
    if (service !== "dynamodb") return;
    switch (operation) {
      case "TransactWriteItems":
        // "Two underlying writes of every item" (DynamoDB guide, transactions).
        for (const item of listIn(input, "TransactItems")) tableWrites += 2 * kilobytes(item);
        return;
      case "BatchWriteItem":
        tableWrites += itemsOfTables(input).length;
        return;
      case "BatchGetItem":
        tableReads += itemsOfTables(input).length;
        return;
      case "Query":
      case "GetItem":
        tableReads += 1;
        return;
      default:
        tableWrites += kilobytes(input);
    }
  }

  return {
    add,
    reset() {
      tableWrites = 0;
      tableReads = 0;
      queueRequests = 0;
      events = 0;
    },
    total(functions: Readonly<Record<string, FunctionUse>>): BilledUnits {
      const invocations = Object.values(functions).reduce((sum, use) => sum + use.invocations, 0);
      const ofLanes = Object.entries(functions)
        .filter(([name]) => name.startsWith("reconcile"))
        .reduce((sum, [, use]) => sum + use.invocations, 0);
      return {
        tableWrites,
        tableReads,
        // For each batch Lambda receives once and deletes once.
        queueRequests: queueRequests + 2 * ofLanes,
        events,
        scheduleInvocations: 0,
        logBytes: logBytesOf(invocations * logLines, invocations),
      };
    },
  };
}

const kilobytes = (item: unknown): number => Math.ceil(JSON.stringify(item).length / 1024);

function listIn(input: unknown, name: string): readonly unknown[] {
  const value: unknown = typeof input === "object" && input !== null ? Reflect.get(input, name) : undefined;
  return Array.isArray(value) ? value : [];
}

/** `RequestItems` holds, by table, either a list or an object with `Keys`. */
function itemsOfTables(input: unknown): readonly unknown[] {
  const tables: unknown = typeof input === "object" && input !== null ? Reflect.get(input, "RequestItems") : undefined;
  if (typeof tables !== "object" || tables === null) return [];
  return Object.values(tables).flatMap((table: unknown) => (Array.isArray(table) ? table : listIn(table, "Keys")));
}
