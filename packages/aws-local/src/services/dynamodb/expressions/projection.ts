/** Parses a projection expression and cuts an item down to it. */
import type { AttributeValue, Item } from "../values.ts";
import { valueAt } from "./evaluate.ts";
import { assertNoOverlap } from "./overlaps.ts";
import type { Placeholders } from "./placeholders.ts";
import { readerOf } from "./reader.ts";
import type { Path } from "./syntax.ts";

export function parseProjection(text: string, placeholders: Placeholders): readonly Path[] {
  const reader = readerOf(text, "ProjectionExpression", placeholders);
  const paths = [reader.path()];
  while (reader.cursor.takeIf(",")) paths.push(reader.path());
  assertNoOverlap(paths, reader.note);
  reader.finish();
  return paths;
}

/** Only what stands at `paths`. Elements taken out of a list close ranks, in the order of the list. */
export function projected(item: Item, paths: readonly Path[]): Record<string, AttributeValue> {
  return (
    cut(
      { M: { ...item } },
      paths.filter((path) => valueAt(item, path) !== undefined),
    ).M ?? {}
  );
}

function cut(value: AttributeValue, paths: readonly Path[]): AttributeValue {
  if (paths.some((path) => path.length === 0)) return value;
  const children = new Map<string | number, Path[]>();
  for (const [step, ...rest] of paths) {
    if (step !== undefined) children.set(step, [...(children.get(step) ?? []), rest]);
  }
  if (value.L !== undefined) return { L: value.L.flatMap((element, index) => cutChild(element, children.get(index))) };
  const members = Object.entries(value.M ?? {});
  return {
    M: Object.fromEntries(
      members.flatMap(([name, member]) => cutChild(member, children.get(name)).map((kept) => [name, kept] as const)),
    ),
  };
}

const cutChild = (child: AttributeValue, paths: readonly Path[] | undefined): AttributeValue[] =>
  paths === undefined ? [] : [cut(child, paths)];
