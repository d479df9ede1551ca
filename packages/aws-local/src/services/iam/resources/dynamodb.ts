/** DynamoDB: tables and indexes; a transaction is allowed item by item, each by the action of its kind. */
import type { Input, Mapping, ResourceLookups, Touch } from "./request.ts";

export const dynamodb: Mapping = (operation, input, lookups) => {
  switch (operation) {
    case "TransactWriteItems":
      return transaction(input, writes, lookups);
    case "TransactGetItems":
      return transaction(input, { Get: "GetItem" }, lookups);
    case "BatchGetItem":
    case "BatchWriteItem":
      return [
        {
          resources: input
            .member("RequestItems")
            .keys()
            .map((name) => tableArn(name, lookups)),
        },
      ];
    case "Query":
    case "Scan":
      return [{ resources: [tableOrIndex(input, lookups)] }];
    default:
      return [
        {
          resources: [
            ...input.texts("TableName").map((name) => tableArn(name, lookups)),
            ...input.texts("ResourceArn"),
          ],
        },
      ];
  }
};

const writes = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "ConditionCheckItem" };

/** There is no action for the transaction itself (DynamoDB guide, "Using IAM with DynamoDB transactions"). */
function transaction(input: Input, kinds: Readonly<Record<string, string>>, lookups: ResourceLookups): Touch[] {
  return input.items("TransactItems").flatMap((item) =>
    Object.entries(kinds).flatMap(([kind, action]) =>
      item
        .member(kind)
        .texts("TableName")
        .map((name) => ({ action, resources: [tableArn(name, lookups)] })),
    ),
  );
}

function tableOrIndex(input: Input, lookups: ResourceLookups): string {
  const table = tableArn(input.text("TableName") ?? "*", lookups);
  const index = input.text("IndexName");
  return index === undefined ? table : `${table}/index/${index}`;
}

function tableArn(name: string, { region, account }: ResourceLookups): string {
  return name.startsWith("arn:") ? name : `arn:aws:dynamodb:${region}:${account}:table/${name}`;
}
