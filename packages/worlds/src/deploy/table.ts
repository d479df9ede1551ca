import { CreateTableCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { tableKeys } from "@warden/functions/deployed";
import { type DeployContext, named } from "./context.ts";

/** The one table. @returns its name */
export async function deployTable(context: DeployContext): Promise<string> {
  const TableName = named(context, "table");
  const { dynamodb } = context.clients;
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: tableKeys.partition, AttributeType: "S" },
        { AttributeName: tableKeys.sort, AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: tableKeys.partition, KeyType: "HASH" },
        { AttributeName: tableKeys.sort, KeyType: "RANGE" },
      ],
    }),
  );
  const TimeToLiveSpecification = { AttributeName: tableKeys.expires, Enabled: true };
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return TableName;
}
