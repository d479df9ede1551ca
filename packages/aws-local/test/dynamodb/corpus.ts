/** Random requests to DynamoDB about a handful of items, so that they meet each other. */
import type {
  AttributeValue,
  DeleteItemCommandInput,
  DynamoDB,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Random } from "../../src/random.ts";

export interface Request {
  readonly kind: string;
  readonly input: object;
  send(client: DynamoDB): Promise<object>;
}

export function* corpus(random: Random, TableName: string, length: number): Iterable<Request> {
  for (let count = 0; count < length; count++) yield random.pick(makers)(random, TableName);
}

const request = <Input extends object>(
  kind: string,
  input: Input,
  send: (client: DynamoDB, input: Input) => Promise<object>,
): Request => ({ kind, input, send: (client) => send(client, input) });

const makers: readonly ((random: Random, TableName: string) => Request)[] = [
  put,
  put,
  update,
  update,
  update,
  remove,
  get,
  query,
  query,
  indexQuery,
  scan,
  transact,
];

function put(random: Random, TableName: string): Request {
  const expression = random.chance(0.4) ? conditional(random) : {};
  const ReturnValues = random.pick(["NONE", "ALL_OLD"] as const);
  return request<PutItemCommandInput>(
    "put",
    { TableName, Item: item(random), ReturnValues, ...expression },
    (client, input) => client.putItem(input),
  );
}

function update(random: Random, TableName: string): Request {
  const ReturnValues = random.pick(["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"] as const);
  return request<UpdateItemCommandInput>(
    "update",
    { TableName, Key: key(random), ReturnValues, ...updating(random) },
    (client, input) => client.updateItem(input),
  );
}

function remove(random: Random, TableName: string): Request {
  const expression = random.chance(0.5) ? conditional(random) : {};
  return request<DeleteItemCommandInput>(
    "delete",
    { TableName, Key: key(random), ReturnValues: "ALL_OLD", ...expression },
    (client, input) => client.deleteItem(input),
  );
}

function get(random: Random, TableName: string): Request {
  const projection = random.chance(0.5) ? { ProjectionExpression: random.pick(projections) } : {};
  return request<GetItemCommandInput>(
    "get",
    { TableName, Key: key(random), ConsistentRead: true, ...projection },
    (client, input) => client.getItem(input),
  );
}

function query(random: Random, TableName: string): Request {
  const values: Record<string, AttributeValue> = { ":site": { S: random.pick(sites) } };
  const range = random.pick(["", " AND #at > :low", " AND #at BETWEEN :low AND :high", " AND #at = :low"]);
  if (range.includes(":low")) values[":low"] = { N: String(random.integer(0, 3)) };
  if (range.includes(":high")) values[":high"] = { N: String(random.integer(3, 6)) };
  const startKey = { site: { S: values[":site"]?.S ?? "" }, at: { N: "2" } };
  const filter = random.chance(0.4) ? comparison(random, values) : undefined;
  return request<QueryCommandInput>(
    "query",
    {
      TableName,
      KeyConditionExpression: `site = :site${range}`,
      ExpressionAttributeValues: values,
      ...(range === "" ? {} : { ExpressionAttributeNames: { "#at": "at" } }),
      ...(filter === undefined ? {} : { FilterExpression: filter }),
      ScanIndexForward: random.chance(0.5),
      ...(random.chance(0.4) ? { Limit: random.integer(1, 3) } : {}),
      ...(range === "" && random.chance(0.3) ? { ExclusiveStartKey: startKey } : {}),
    },
    (client, input) => client.query(input),
  );
}

function indexQuery(random: Random, TableName: string): Request {
  return request<QueryCommandInput>(
    "index query",
    {
      TableName,
      IndexName: "due",
      KeyConditionExpression: "lane = :lane AND dueAt <= :now",
      ExpressionAttributeValues: {
        ":lane": { S: random.pick(["0", "1"]) },
        ":now": { N: String(random.integer(0, 9)) },
      },
      ScanIndexForward: random.chance(0.5),
    },
    (client, input) => client.query(input),
  );
}

function scan(random: Random, TableName: string): Request {
  const ExpressionAttributeValues: Record<string, AttributeValue> = {};
  const FilterExpression = comparison(random, ExpressionAttributeValues);
  const values = Object.keys(ExpressionAttributeValues).length === 0 ? {} : { ExpressionAttributeValues };
  return request<ScanCommandInput>(
    "scan",
    { TableName, FilterExpression, Select: "COUNT", ...values },
    (client, input) => client.scan(input),
  );
}

function transact(random: Random, TableName: string): Request {
  const TransactItems = Array.from({ length: random.integer(1, 3) }, () =>
    random.pick([
      () => ({ Put: { TableName, Item: item(random), ...(random.chance(0.5) ? conditional(random) : {}) } }),
      () => ({ Update: { TableName, Key: key(random), ...updating(random) } }),
      () => ({ Delete: { TableName, Key: key(random) } }),
      () => ({ ConditionCheck: { TableName, Key: key(random), ...conditional(random) } }),
    ])(),
  );
  return request<TransactWriteItemsCommandInput>(
    "transaction",
    { TransactItems, ClientRequestToken: random.uuid() },
    (client, input) => client.transactWriteItems(input),
  );
}

const sites = ["a", "b"];

const key = (random: Random) => ({ site: { S: random.pick(sites) }, at: { N: String(random.integer(0, 5)) } });

function item(random: Random): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = key(random);
  for (const name of ["n", "s", "steps", "doc", "tags"])
    if (random.chance(0.6)) attributes[name] = valueFor(random, name);
  if (random.chance(0.5)) attributes["lane"] = { S: random.pick(["0", "1"]) };
  if (random.chance(0.7)) attributes["dueAt"] = { N: String(random.integer(1, 9)) };
  return attributes;
}

/**
 * Mostly of the type that the attribute has elsewhere. `doc` is always a map, for moto skips an update below anything
 * else, and `dueAt` is never 0, for moto's BETWEEN takes 0 for a missing attribute.
 */
function valueFor(random: Random, name: string): AttributeValue {
  switch (name !== "doc" && random.chance(0.1) ? random.pick(["n", "s", "steps"]) : name) {
    case "n":
      return { N: random.pick(["0", "1", "2", "-5", "3.25", "100", "0.001"]) };
    case "s":
      return { S: random.pick(["", "alpha", "alphabet", "beta", "é"]) };
    case "steps":
      return { L: [{ N: "1" }, { S: "x" }, { M: { k: { N: "2" } } }].slice(0, random.integer(0, 3)) };
    case "doc":
      return { M: { phase: { S: random.pick(["on", "off"]) }, tries: { N: String(random.integer(0, 3)) } } };
    default:
      return { SS: ["p", "q", "r"].slice(random.integer(0, 2)) };
  }
}

const projections = ["site, n", "doc.phase", "steps[0], s", "steps[1], n", "doc.absent, n", "doc"];

function conditional(random: Random) {
  const ExpressionAttributeValues: Record<string, AttributeValue> = {};
  const ConditionExpression = condition(random, ExpressionAttributeValues);
  return Object.keys(ExpressionAttributeValues).length === 0
    ? { ConditionExpression }
    : { ConditionExpression, ExpressionAttributeValues };
}

function condition(random: Random, values: Record<string, AttributeValue>): string {
  const left = comparison(random, values);
  if (random.chance(0.5)) return random.chance(0.8) ? left : `NOT ${left}`;
  const right = comparison(random, values);
  return random.pick([
    `${left} AND ${right}`,
    `${left} OR ${right}`,
    `NOT (${left} OR ${right})`,
    `${left} OR ${right} AND ${left}`,
    `(${left} OR ${right}) AND NOT (${left})`,
  ]);
}

/** One comparison or function over attributes that are no keys; adds the values it needs. */
function comparison(random: Random, values: Record<string, AttributeValue>): string {
  const add = (value: AttributeValue): string => {
    const name = `:c${Object.keys(values).length}`;
    values[name] = value;
    return name;
  };
  const attribute = random.pick(["n", "s", "steps", "doc", "tags"]);
  return random.pick([
    () => `attribute_exists(${random.pick([attribute, "doc.phase", "steps[1]"])})`,
    () => `attribute_not_exists(${attribute})`,
    () => `${attribute} ${random.pick(["=", "<>"])} ${add(valueFor(random, attribute))}`,
    () => `n ${random.pick(["<", "<=", ">", ">="])} ${add({ N: String(random.integer(-5, 5)) })}`,
    () => `dueAt BETWEEN ${add({ N: "2" })} AND ${add({ N: "6" })}`,
    () => `s IN (${add({ S: "alpha" })}, ${add({ S: "beta" })})`,
    () => `begins_with(s, ${add({ S: "al" })})`,
    () => `contains(${random.pick(["s", "tags"])}, ${add({ S: random.pick(["p", "a"]) })})`,
    () => `attribute_type(${attribute}, ${add({ S: random.pick(["N", "S", "L", "M", "SS"]) })})`,
    () => `attribute_type(s, ${add({ S: "S" })}) AND size(s) ${random.pick(["<", ">="])} ${add({ N: "5" })}`,
    () => `doc.phase = ${add({ S: "on" })}`,
  ])();
}

function updating(random: Random) {
  const ExpressionAttributeValues: Record<string, AttributeValue> = {};
  const clauses = random.pick(updates)(random, ExpressionAttributeValues);
  const values = Object.keys(ExpressionAttributeValues).length === 0 ? {} : { ExpressionAttributeValues };
  return { UpdateExpression: clauses, ...values };
}

type Values = Record<string, AttributeValue>;

const updates: readonly ((random: Random, values: Values) => string)[] = [
  (random, values) => {
    values[":s"] = valueFor(random, "s");
    return "SET s = :s";
  },
  (random, values) => {
    values[":n"] = { N: random.pick(["1", "0.5", "-3"]) };
    return `SET n = ${random.pick(["n + :n", "n - :n", "if_not_exists(n, :n)"])}`;
  },
  (_, values) => {
    Object.assign(values, { ":zero": { N: "0" }, ":one": { N: "1" } });
    return "SET n = if_not_exists(n, :zero) + :one REMOVE s";
  },
  (random, values) => {
    values[":l"] = { L: [{ S: random.pick(["x", "y"]) }] };
    return `SET steps = ${random.pick(["list_append(steps, :l)", "list_append(:l, steps)", "list_append(if_not_exists(steps, :l), :l)"])}`;
  },
  (_, values) => {
    values[":phase"] = { S: "off" };
    return "SET doc.phase = :phase";
  },
  (_, values) => {
    values[":x"] = { S: "x" };
    return "SET steps[1] = :x";
  },
  (random) => `REMOVE ${random.pick(["s", "n, s", "steps[0]", "doc.tries", "steps[0], steps[1]", "lane"])}`,
  (_, values) => {
    values[":one"] = { N: "1" };
    return "ADD n :one";
  },
  (random, values) => {
    values[":set"] = { SS: [random.pick(["p", "z"])] };
    return `${random.pick(["ADD", "DELETE"])} tags :set`;
  },
  (random, values) => {
    values[":due"] = { N: String(random.integer(1, 9)) };
    return "SET dueAt = :due";
  },
];
