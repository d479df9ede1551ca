import { describe, expect, it } from "vitest";
import { regionWithRecords } from "./region.ts";

const TableName = "records";
const Key = { site: { S: "a" }, at: { N: "1" } };

type Values = Record<string, { S: string } | { N: string } | { SS: string[] } | { L: { N: string }[] }>;

/** One item with a bit of everything, and three ways to send it an expression. */
async function itemWithEverything() {
  const { client } = await regionWithRecords();
  const Item = {
    ...Key,
    n: { N: "5" },
    s: { S: "alpha" },
    doc: { M: { phase: { S: "on" }, deep: { L: [{ N: "1" }, { M: { x: { N: "2" } } }] } } },
    steps: { L: [{ N: "1" }, { N: "2" }, { N: "3" }] },
    tags: { SS: ["p", "q"] },
    bytes: { B: new Uint8Array([1, 2, 3]) },
    nothing: { NULL: true },
  };
  await client.putItem({ TableName, Item });
  const given = (values: Values, names?: Record<string, string>) => ({
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    ...(names === undefined ? {} : { ExpressionAttributeNames: names }),
  });
  return {
    holds: (FilterExpression: string, values: Values = {}, names?: Record<string, string>) =>
      client.scan({ TableName, FilterExpression, ...given(values, names) }).then(({ Count }) => Count === 1),
    update: async (UpdateExpression: string, values: Values = {}, names?: Record<string, string>) => {
      await client.updateItem({ TableName, Key, UpdateExpression, ...given(values, names) });
      return (await client.getItem({ TableName, Key })).Item ?? {};
    },
    project: async (ProjectionExpression: string, names?: Record<string, string>) =>
      (await client.getItem({ TableName, Key, ProjectionExpression, ...given({}, names) })).Item,
  };
}

describe("conditions", () => {
  it.each<[string, Values, boolean]>([
    ["n = :v", { ":v": { N: "5.0" } }, true],
    ["n < :v", { ":v": { N: "10" } }, true],
    ["s < :v", { ":v": { S: "b" } }, true],
    ["n = :v", { ":v": { S: "5" } }, false],
    ["n < :v", { ":v": { S: "zzz" } }, false],
    ["absent = :v", { ":v": { N: "1" } }, false],
    ["absent <> :v", { ":v": { N: "1" } }, true],
    ["n BETWEEN :low AND :high", { ":low": { N: "5" }, ":high": { N: "6" } }, true],
    ["n IN (:a, :b)", { ":a": { N: "4" }, ":b": { N: "5" } }, true],
    ["attribute_exists(doc.deep[1].x)", {}, true],
    ["attribute_exists(doc.deep[2])", {}, false],
    ["attribute_not_exists(doc.gone)", {}, true],
    ["attribute_type(nothing, :t)", { ":t": { S: "NULL" } }, true],
    ["begins_with(s, :v)", { ":v": { S: "al" } }, true],
    ["contains(s, :v)", { ":v": { S: "ph" } }, true],
    ["contains(tags, :v)", { ":v": { S: "p" } }, true],
    ["contains(steps, :v)", { ":v": { N: "2" } }, true],
    ["tags = :v", { ":v": { SS: ["q", "p"] } }, true],
    ["size(bytes) = :v", { ":v": { N: "3" } }, true],
    ["size(doc) = :v", { ":v": { N: "2" } }, true],
    ["doc.deep[0] < doc.deep[1].x", {}, true],
  ])("%s with %j is %s", async (expression, values, expected) => {
    const { holds } = await itemWithEverything();
    expect(await holds(expression, values)).toBe(expected);
  });

  it("binds NOT before AND before OR", async () => {
    const { holds } = await itemWithEverything();
    const [yes, no] = ["attribute_exists(n)", "attribute_exists(absent)"];
    expect(await holds(`${yes} OR ${yes} AND ${no}`)).toBe(true);
    expect(await holds(`(${yes} OR ${yes}) AND ${no}`)).toBe(false);
    expect(await holds(`NOT ${no} AND ${no}`)).toBe(false);
    expect(await holds(`not (${no} and ${no})`)).toBe(true);
  });
});

describe("updates", () => {
  it("reads all operands from the item as it was", async () => {
    const { update } = await itemWithEverything();
    const item = await update("SET n = s, s = n");
    expect(item).toMatchObject({ n: { S: "alpha" }, s: { N: "5" } });
  });

  it("calculates exactly, where doubles would not", async () => {
    const { update } = await itemWithEverything();
    expect(await update("SET n = n + :v", { ":v": { N: "0.1" } })).toMatchObject({ n: { N: "5.1" } });
    expect(await update("SET n = n - :v", { ":v": { N: "5" } })).toMatchObject({ n: { N: "0.1" } });
    expect(await update("ADD n :v", { ":v": { N: "9007199254740993" } })).toMatchObject({
      n: { N: "9007199254740993.1" },
    });
  });

  it("writes and removes nested paths, list elements by their indexes before the update", async () => {
    const { update } = await itemWithEverything();
    const item = await update("SET doc.phase = :off, steps[9] = :off REMOVE doc.deep[0], steps[0], steps[1]", {
      ":off": { S: "off" },
    });
    expect(item).toMatchObject({
      doc: { M: { phase: { S: "off" }, deep: { L: [{ M: { x: { N: "2" } } }] } } },
      steps: { L: [{ N: "3" }, { S: "off" }] },
    });
  });

  it("adds to and deletes from sets; an empty set is no attribute", async () => {
    const { update } = await itemWithEverything();
    expect(await update("ADD tags :v", { ":v": { SS: ["r", "p"] } })).toMatchObject({ tags: { SS: ["p", "q", "r"] } });
    const item = await update("DELETE tags :v", { ":v": { SS: ["p", "q", "r"] } });
    expect(item).not.toHaveProperty("tags");
  });

  it("knows if_not_exists and list_append", async () => {
    const { update } = await itemWithEverything();
    const item = await update(
      "SET n = if_not_exists(n, :v), fresh = if_not_exists(fresh, :v), steps = list_append(:l, steps)",
      {
        ":v": { N: "1" },
        ":l": { L: [{ N: "0" }] },
      },
    );
    expect(item).toMatchObject({
      n: { N: "5" },
      fresh: { N: "1" },
      steps: { L: [{ N: "0" }, { N: "1" }, { N: "2" }, { N: "3" }] },
    });
  });

  it.each<[string, Values, string]>([
    ["SET n = absent", {}, "The provided expression refers to an attribute that does not exist in the item"],
    ["SET n = s + :v", { ":v": { N: "1" } }, "An operand in the update expression has an incorrect data type"],
    ["ADD s :v", { ":v": { N: "1" } }, "An operand in the update expression has an incorrect data type"],
    [
      "SET absent.x = :v",
      { ":v": { N: "1" } },
      "The document path provided in the update expression is invalid for update",
    ],
    [
      "SET n = :v REMOVE n",
      { ":v": { N: "1" } },
      "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]",
    ],
    [
      "SET n = :v SET s = :v",
      { ":v": { N: "1" } },
      'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
    ],
    [
      "ADD n :v",
      { ":v": { S: "1" } },
      "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
    ],
    ["SET n = n + n + n", {}, 'Invalid UpdateExpression: Syntax error; token: "+", near: "n + n"'],
    ["SET n :v", { ":v": { N: "1" } }, 'Invalid UpdateExpression: Syntax error; token: ":v", near: "n :v"'],
    ["SET n =", {}, 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "="'],
  ])("refuses %s with %j", async (expression, values, message) => {
    const { update } = await itemWithEverything();
    await expect(update(expression, values)).rejects.toMatchObject({ name: "ValidationException", message });
  });
});

describe("names and values", () => {
  it.each<[string, Values, Record<string, string> | undefined, string]>([
    [
      "status = :v",
      { ":v": { N: "1" } },
      undefined,
      "Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: status",
    ],
    [
      "#n = :v",
      { ":v": { N: "1" } },
      undefined,
      "Invalid FilterExpression: An expression attribute name used in the document path is not defined; attribute name: #n",
    ],
    [
      "n = :v",
      {},
      undefined,
      "Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :v",
    ],
    [
      "n = :v",
      { ":v": { N: "1" }, ":w": { N: "1" } },
      undefined,
      "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}",
    ],
    [
      "n = :v",
      { ":v": { N: "1" } },
      { "#n": "n" },
      "Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}",
    ],
    ["attribute_exist(n)", {}, undefined, "Invalid FilterExpression: Invalid function name; function: attribute_exist"],
    [
      "((n = :v))",
      { ":v": { N: "1" } },
      undefined,
      "Invalid FilterExpression: The expression has redundant parentheses;",
    ],
    [
      "n = n",
      {},
      undefined,
      "Invalid FilterExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]",
    ],
    [
      "n BETWEEN :a AND :b",
      { ":a": { N: "2" }, ":b": { N: "1" } },
      undefined,
      "Invalid FilterExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}",
    ],
    [
      "n = :v AND",
      { ":v": { N: "1" } },
      undefined,
      'Invalid FilterExpression: Syntax error; token: "<EOF>", near: "AND"',
    ],
    ["", {}, undefined, "Invalid FilterExpression: The expression can not be empty;"],
  ])("refuses %s with %j and %j", async (expression, values, names, message) => {
    const { holds } = await itemWithEverything();
    await expect(holds(expression, values, names)).rejects.toMatchObject({ name: "ValidationException", message });
  });
});

describe("projections", () => {
  it("cuts an item down to paths; list elements close ranks", async () => {
    const { project } = await itemWithEverything();
    expect(await project("#s, doc.deep[1].x, steps[0], steps[2]", { "#s": "s" })).toEqual({
      s: { S: "alpha" },
      doc: { M: { deep: { L: [{ M: { x: { N: "2" } } }] } } },
      steps: { L: [{ N: "1" }, { N: "3" }] },
    });
  });
});
