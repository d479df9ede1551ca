/** CreateTable, DescribeTable, ListTables, UpdateTable and DeleteTable. */

import type * as sdk from "@aws-sdk/client-dynamodb";
import { ResourceInUseException } from "@aws-sdk/client-dynamodb";
import type { Range, Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { invalidParameter, notModelled, validationException } from "./errors.ts";
import { secondaryIndex } from "./indexes.ts";
import { assertDefinitionsMatch, indexDefinition, keyAttributes, type RequestedIndex } from "./schema.ts";
import { createTable } from "./table.ts";
import { described } from "./table-description.ts";
import { type TableRecord, type Tables, tableName } from "./tables.ts";

interface Delays {
  /** CreateTable, DeleteTable and the building of an index, until they are done. */
  readonly tableChange: Range;
  /** A write until a global secondary index shows it. */
  readonly indexPropagation: Range;
}

export function tableOperations(tables: Tables, { clock, random, region, account }: Surroundings, delays: Delays) {
  const later = (task: () => void): void => {
    const delay = random.integer(delays.tableChange.low, delays.tableChange.high);
    if (delay === 0) task();
    else clock.after(delay, task);
  };

  function addIndex(record: TableRecord, requested: RequestedIndex): void {
    const definition = indexDefinition(requested, record.attributeTypes);
    record.indexKeySchemas.set(definition.name, [...requested.KeySchema]);
    const lag = { clock, random, delay: delays.indexPropagation };
    const index = secondaryIndex(definition, record.table.key, lag);
    for (const entry of record.table.items.segment(0, 1)) index.backfill(entry);
    record.table.indexes.set(definition.name, index);
    record.indexStatus.set(definition.name, "ACTIVE");
  }

  return {
    CreateTable(input) {
      refuseUnmodelled(input);
      const {
        AttributeDefinitions = [],
        KeySchema = [],
        GlobalSecondaryIndexes = [],
        BillingMode = "PROVISIONED",
      } = input;
      const name = tableName(input.TableName);
      if (tables.records.has(name))
        throw new ResourceInUseException({ message: `Table already exists: ${name}`, $metadata: {} });
      assertDefinitionsMatch(AttributeDefinitions, [
        KeySchema,
        ...GlobalSecondaryIndexes.map((index) => index.KeySchema),
      ]);
      assertThroughput(BillingMode, input.ProvisionedThroughput);
      const attributeTypes = new Map(AttributeDefinitions.map((one) => [one.AttributeName, one.AttributeType]));
      const record: TableRecord = {
        table: createTable(name, keyAttributes(KeySchema, attributeTypes)),
        arn: `arn:aws:dynamodb:${region}:${account}:table/${name}`,
        tableId: random.uuid(),
        createdAt: clock.now(),
        status: "CREATING",
        attributeTypes,
        keySchema: [...KeySchema],
        billingMode: BillingMode,
        throughput: input.ProvisionedThroughput,
        indexStatus: new Map(),
        indexKeySchemas: new Map(),
        tags: new Map(input.Tags?.map(({ Key, Value }) => [Key, Value])),
        deletionProtection: input.DeletionProtectionEnabled ?? false,
        encrypted: input.SSESpecification?.Enabled ?? false,
        encryptionKey: input.SSESpecification?.KMSMasterKeyId,
        pointInTimeRecovery: undefined,
        timeToLive: undefined,
        counted: { at: clock.now(), items: 0, bytes: 0 },
      };
      for (const index of GlobalSecondaryIndexes) addIndex(record, index);
      tables.records.set(name, record);
      const answer = { TableDescription: described(record, clock) };
      later(() => {
        record.status = "ACTIVE";
      });
      return answer;
    },

    DescribeTable: (input) => ({ Table: described(tables.record(input.TableName), clock) }),

    ListTables({ ExclusiveStartTableName: start, Limit = 100 }) {
      const names = [...tables.records.keys()].toSorted().filter((name) => start === undefined || name > start);
      const page = names.slice(0, Limit);
      return { TableNames: page, ...(page.length < names.length ? { LastEvaluatedTableName: page.at(-1) } : {}) };
    },

    UpdateTable(input) {
      refuseUnmodelled(input);
      const record = tables.record(input.TableName);
      if (record.status !== "ACTIVE")
        throw new ResourceInUseException({
          message: `Attempt to change a resource which is still in use: Table is being ${record.status === "CREATING" ? "created" : "updated"}: ${record.table.name}`,
          $metadata: {},
        });
      const [change, another] = input.GlobalSecondaryIndexUpdates ?? [];
      if (another !== undefined)
        throw validationException(
          "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        );
      if (change?.Update !== undefined) throw notModelled("changing the throughput of an index");
      for (const { AttributeName, AttributeType } of input.AttributeDefinitions ?? [])
        record.attributeTypes.set(AttributeName, AttributeType);
      applySettings(record, input);
      if (change?.Create !== undefined) {
        const { Create } = change;
        if (record.table.indexes.has(Create.IndexName))
          throw validationException(`Attempting to create an index which already exists: ${Create.IndexName}`);
        indexDefinition(Create, record.attributeTypes);
        record.status = "UPDATING";
        later(() => {
          addIndex(record, Create);
          record.status = "ACTIVE";
        });
      }
      if (change?.Delete !== undefined) removeIndex(record, change.Delete.IndexName);
      return { TableDescription: described(record, clock) };
    },

    DeleteTable(input) {
      const record = tables.record(input.TableName);
      if (record.deletionProtection)
        throw validationException(
          "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
        );
      record.status = "DELETING";
      const answer = { TableDescription: described(record, clock) };
      later(() => tables.records.delete(record.table.name));
      return answer;
    },
  } satisfies Operations<typeof sdk>;
}

type Changeable = Partial<
  Pick<
    Validated<sdk.UpdateTableCommandInput> & Validated<sdk.CreateTableCommandInput>,
    | "StreamSpecification"
    | "LocalSecondaryIndexes"
    | "ReplicaUpdates"
    | "VectorIndexes"
    | "VectorIndexUpdates"
    | "ResourcePolicy"
    | "GlobalTableSourceArn"
  >
>;

function refuseUnmodelled(input: Changeable): void {
  if (input.StreamSpecification?.StreamEnabled === true) throw notModelled("a stream of a table");
  for (const parameter of [
    "LocalSecondaryIndexes",
    "ReplicaUpdates",
    "VectorIndexes",
    "VectorIndexUpdates",
    "ResourcePolicy",
    "GlobalTableSourceArn",
  ] as const)
    if (input[parameter] !== undefined) throw notModelled(`the parameter ${parameter}`);
}

function assertThroughput(billingMode: sdk.BillingMode, throughput: object | undefined): void {
  if (billingMode === "PROVISIONED" && throughput === undefined)
    throw invalidParameter(
      "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    );
  if (billingMode === "PAY_PER_REQUEST" && throughput !== undefined)
    throw invalidParameter(
      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    );
}

function applySettings(record: TableRecord, input: Validated<sdk.UpdateTableCommandInput>): void {
  if (input.BillingMode !== undefined) assertThroughput(input.BillingMode, input.ProvisionedThroughput);
  record.billingMode = input.BillingMode ?? record.billingMode;
  if (record.billingMode === "PAY_PER_REQUEST") record.throughput = undefined;
  else record.throughput = input.ProvisionedThroughput ?? record.throughput;
  record.deletionProtection = input.DeletionProtectionEnabled ?? record.deletionProtection;
  if (input.SSESpecification !== undefined) {
    record.encrypted = input.SSESpecification.Enabled ?? record.encrypted;
    record.encryptionKey = input.SSESpecification.KMSMasterKeyId ?? record.encryptionKey;
  }
}

function removeIndex(record: TableRecord, name: string): void {
  if (!record.table.indexes.delete(name))
    throw validationException(`The table does not have the specified index: ${name}`);
  record.indexStatus.delete(name);
  record.indexKeySchemas.delete(name);
}
