/** Query and Scan: a page of a table or index, at most `Limit` items or 1 MB of them before the filter. */
import type * as sdk from "@aws-sdk/client-dynamodb";
import type { Operations } from "../../service.ts";
import { consumedCapacity, readUnits } from "./capacity.ts";
import { equalValues } from "./compare.ts";
import { invalidParameter, validationException } from "./errors.ts";
import { holds, valueAt } from "./expressions/evaluate.ts";
import { parseKeyCondition } from "./expressions/key-condition.ts";
import { parseCondition } from "./expressions/parse.ts";
import { placeholdersOf } from "./expressions/placeholders.ts";
import { parseProjection, projected } from "./expressions/projection.ts";
import type { Condition, Path } from "./expressions/syntax.ts";
import { pathsOf } from "./expressions/walk.ts";
import type { SecondaryIndex } from "./indexes.ts";
import { keyNames } from "./keys.ts";
import { refuseLegacyParameters } from "./legacy.ts";
import type { Entry } from "./ordered-items.ts";
import { startEntry } from "./paging.ts";
import type { Table } from "./table.ts";
import type { Tables } from "./tables.ts";
import type { Item } from "./values.ts";

/** Developer Guide, "Paginating table query results". */
const LARGEST_PAGE = 1024 * 1024;

export function queryOperations(tables: Tables) {
  return {
    Query(input) {
      refuseLegacyParameters(input);
      const { KeyConditionExpression, FilterExpression, ProjectionExpression } = input;
      if (KeyConditionExpression === undefined)
        throw validationException(
          "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        );
      const source = sourceOf(tables, input);
      const placeholders = placeholdersOf(input, { ProjectionExpression, FilterExpression, KeyConditionExpression });
      const condition = parseKeyCondition(KeyConditionExpression, source.key, placeholders);
      const filter = parsed(FilterExpression, (text) => parseCondition(text, "FilterExpression", placeholders));
      if (filter !== undefined) assertNoKeyFiltered(filter, source);
      const projection = parsed(ProjectionExpression, (text) => parseProjection(text, placeholders));
      placeholders.assertAllUsed();

      const { sort } = condition;
      const forward = input.ScanIndexForward !== false;
      const start = startEntry(source, input.ExclusiveStartKey);
      if (start !== undefined && !isInside(start, source, condition))
        throw validationException("The provided starting key is outside query boundaries based on provided conditions");
      const inOrder = walk(source.items.partition(condition.partition), forward);
      const candidates = matchingRun(inOrder, (entry) => {
        if (start !== undefined && source.items.compare(entry, start) * (forward ? 1 : -1) <= 0) return false;
        return sort === undefined || holds(sort, entry.item);
      });
      return answer(source, input, candidates, filter, projection);
    },

    Scan(input) {
      refuseLegacyParameters(input);
      const { FilterExpression, ProjectionExpression } = input;
      const { segment, total } = segmentOf(input);
      const source = sourceOf(tables, input);
      const placeholders = placeholdersOf(input, { ProjectionExpression, FilterExpression });
      const filter = parsed(FilterExpression, (text) => parseCondition(text, "FilterExpression", placeholders));
      const projection = parsed(ProjectionExpression, (text) => parseProjection(text, placeholders));
      placeholders.assertAllUsed();
      const start = startEntry(source, input.ExclusiveStartKey);
      const candidates = source.items.segment(segment, total, start);
      return answer(source, input, candidates, filter, projection);
    },
  } satisfies Operations<typeof sdk>;
}

const parsed = <T>(expression: string | undefined, parse: (text: string) => T): T | undefined =>
  expression === undefined ? undefined : parse(expression);

/** A table or one of its indexes, as something to be read. */
export interface Source {
  readonly table: Table;
  readonly index: SecondaryIndex | undefined;
  readonly key: Table["key"];
  readonly items: Table["items"];
}

interface ReadRequest {
  readonly TableName: string;
  readonly IndexName?: string | undefined;
  readonly ConsistentRead?: boolean | undefined;
  readonly Select?: sdk.Select | undefined;
  readonly Limit?: number | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly ReturnConsumedCapacity?: sdk.ReturnConsumedCapacity | undefined;
}

function sourceOf(tables: Tables, request: ReadRequest): Source {
  const table = tables.active(request.TableName);
  if (request.IndexName === undefined) return { table, index: undefined, key: table.key, items: table.items };
  const index = table.indexes.get(request.IndexName);
  if (index === undefined)
    throw validationException(`The table does not have the specified index: ${request.IndexName}`);
  if (request.ConsistentRead === true)
    throw validationException("Consistent reads are not supported on global secondary indexes");
  return { table, index, key: index.key, items: index.items };
}

function* walk(entries: readonly Entry[], forward: boolean): Iterable<Entry> {
  const last = entries.length - 1;
  for (let index = 0; index <= last; index++) {
    const entry = entries[forward ? index : last - index];
    if (entry !== undefined) yield entry;
  }
}

/** In the order of the sort key, what a key condition matches stands together. */
function* matchingRun(entries: Iterable<Entry>, matches: (entry: Entry) => boolean): Iterable<Entry> {
  let begun = false;
  for (const entry of entries) {
    if (matches(entry)) {
      begun = true;
      yield entry;
    } else if (begun) return;
  }
}

function assertNoKeyFiltered(filter: Condition, { key }: Source): void {
  const names = pathsOf(filter).map(([name]) => name);
  const name = keyNames(key).find((keyName) => names.includes(keyName));
  if (name !== undefined)
    throw validationException(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
    );
}

function isInside(start: Entry, { key }: Source, condition: ReturnType<typeof parseKeyCondition>): boolean {
  const partition = start.item[key.partition];
  return (
    partition !== undefined &&
    equalValues(partition, condition.partition) &&
    (condition.sort === undefined || holds(condition.sort, start.item))
  );
}

function segmentOf(input: { Segment?: number | undefined; TotalSegments?: number | undefined }) {
  const { Segment: segment, TotalSegments: total } = input;
  if (segment === undefined && total === undefined) return { segment: 0, total: 1 };
  if (segment === undefined)
    throw validationException(
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    );
  if (total === undefined)
    throw validationException(
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    );
  if (segment >= total)
    throw validationException(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    );
  return { segment, total };
}

function answer(
  source: Source,
  request: ReadRequest,
  candidates: Iterable<Entry>,
  filter: Condition | undefined,
  projection: readonly Path[] | undefined,
): Omit<sdk.QueryCommandOutput, "$metadata"> {
  const show = shownBy(source, request, projection);
  const page = pageOf(candidates, request.Limit);
  const found = filter === undefined ? page.entries : page.entries.filter((entry) => holds(filter, entry.item));
  const units = readUnits(page.bytes, request.ConsistentRead === true ? "strong" : "eventual");
  return {
    Items: request.Select === "COUNT" ? undefined : found.map((entry) => show(entry.item)),
    Count: found.length,
    ScannedCount: page.entries.length,
    LastEvaluatedKey: page.last === undefined ? undefined : startKeyOf(page.last, source),
    ConsumedCapacity: consumedCapacity(
      request.ReturnConsumedCapacity,
      source.table.name,
      source.index === undefined
        ? { table: units, indexes: {} }
        : { table: 0, indexes: { [source.index.name]: units } },
    ),
  };
}

/** `last` is there when the page ended before the candidates did, or exactly with them: DynamoDB does not look ahead. */
function pageOf(candidates: Iterable<Entry>, limit: number | undefined) {
  const entries: Entry[] = [];
  let bytes = 0;
  for (const entry of candidates) {
    entries.push(entry);
    bytes += entry.size;
    if (entries.length === limit || bytes > LARGEST_PAGE) return { entries, bytes, last: entry };
  }
  return { entries, bytes, last: undefined };
}

function startKeyOf(entry: Entry, { table, key }: Source) {
  const names = new Set([...keyNames(table.key), ...keyNames(key)]);
  return Object.fromEntries(Object.entries(entry.item).filter(([name]) => names.has(name)));
}

function shownBy({ index }: Source, request: ReadRequest, projection: readonly Path[] | undefined) {
  const { Select } = request;
  if (Select === "SPECIFIC_ATTRIBUTES" && projection === undefined)
    throw validationException(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    );
  if (Select !== undefined && Select !== "SPECIFIC_ATTRIBUTES" && projection !== undefined)
    throw validationException(`Cannot specify the ProjectionExpression when choosing to get ${Select}`);
  if (Select === "ALL_PROJECTED_ATTRIBUTES" && index === undefined)
    throw invalidParameter("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  if (Select === "ALL_ATTRIBUTES" && index !== undefined && index.projection !== "ALL")
    throw invalidParameter(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  const hidden = index === undefined ? [] : (projection ?? []).filter(([name]) => !index.projects(String(name)));
  if (hidden.length > 0)
    throw invalidParameter(
      `Global secondary index ${index?.name} does not project [${hidden.map(([name]) => name).join(", ")}]`,
    );
  if (projection === undefined) return (item: Item) => ({ ...item });
  const paths = projection;
  return (item: Item) => (paths.some((path) => valueAt(item, path) !== undefined) ? projected(item, paths) : {});
}
