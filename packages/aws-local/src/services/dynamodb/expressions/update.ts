/**
 * Applies an update expression to an item and gives back the new one. Every operand is read from the item as it was
 * before; only then are the results written, and list elements removed last, so that indexes keep their meaning.
 */

import { setMembers } from "../compare.ts";
import { validationException } from "../errors.ts";
import { addNumbers, subtractNumbers } from "../numbers.ts";
import { type AttributeValue, bytesAsText, type Item, typeOf } from "../values.ts";
import { valueAt } from "./evaluate.ts";
import type { Path, SetValue, Update } from "./syntax.ts";

export function updated(item: Item, update: Update): Item {
  const writes = [
    ...update.set.map(({ path, value }) => ({ path, value: evaluate(value, item) })),
    ...update.add.map(({ path, value }) => ({ path, value: sum(valueAt(item, path), value) })),
    ...update.delete.flatMap(({ path, value }) => difference(path, valueAt(item, path), value)),
  ];
  const removals = [...update.remove, ...writes.filter(({ value }) => value === undefined).map(({ path }) => path)];

  let result: AttributeValue = { M: { ...item } };
  for (const { path, value } of writes.toSorted((a, b) => compareLastSteps(a.path, b.path)))
    if (value !== undefined) result = replaced(result, path, value);
  for (const path of removals.toSorted((a, b) => compareLastSteps(b, a))) result = replaced(result, path, undefined);
  return result.M ?? {};
}

/** Every path that the update touches, for ReturnValues UPDATED_OLD and UPDATED_NEW. */
export const touchedPaths = (update: Update): Path[] => [
  ...[...update.set, ...update.add, ...update.delete].map(({ path }) => path),
  ...update.remove,
];

function evaluate(value: SetValue, item: Item): AttributeValue {
  switch (value.kind) {
    case "value":
      return value.value;
    case "path": {
      const found = valueAt(item, value.path);
      if (found === undefined)
        throw validationException("The provided expression refers to an attribute that does not exist in the item");
      return found;
    }
    case "if_not_exists":
      return valueAt(item, value.path) ?? evaluate(value.otherwise, item);
    case "list_append": {
      const [left, right] = [evaluate(value.left, item), evaluate(value.right, item)];
      if (left.L === undefined || right.L === undefined) throw wrongType();
      return { L: [...left.L, ...right.L] };
    }
    default: {
      const [left, right] = [evaluate(value.left, item), evaluate(value.right, item)];
      if (left.N === undefined || right.N === undefined) throw wrongType();
      return { N: value.kind === "+" ? addNumbers(left.N, right.N) : subtractNumbers(left.N, right.N) };
    }
  }
}

const wrongType = (): Error => validationException("An operand in the update expression has an incorrect data type");

/** ADD: a number grows, a set gains members; what is missing begins as zero or as the empty set. */
function sum(old: AttributeValue | undefined, more: AttributeValue): AttributeValue {
  if (old === undefined) return more;
  if (old.N !== undefined && more.N !== undefined) return { N: addNumbers(old.N, more.N) };
  if (typeOf(old) !== typeOf(more)) throw wrongType();
  if (old.SS !== undefined) return { SS: [...new Set([...old.SS, ...(more.SS ?? [])])] };
  if (old.NS !== undefined) return { NS: [...new Set([...old.NS, ...(more.NS ?? [])])] };
  if (old.BS === undefined) throw wrongType();
  const members = new Set(setMembers(old));
  const added = (more.BS ?? []).filter((bytes) => !members.has(bytesAsText(bytes)));
  return { BS: [...old.BS, ...added] };
}

/** DELETE: a set loses members, and goes with its last one. */
function difference(
  path: Path,
  old: AttributeValue | undefined,
  less: AttributeValue,
): { path: Path; value: AttributeValue | undefined }[] {
  if (old === undefined) return [];
  if (typeOf(old) !== typeOf(less)) throw wrongType();
  const gone = new Set(setMembers(less));
  const kept = {
    SS: old.SS?.filter((member) => !gone.has(member)),
    NS: old.NS?.filter((member) => !gone.has(member)),
    BS: old.BS?.filter((member) => !gone.has(bytesAsText(member))),
  };
  if (kept.SS !== undefined && kept.SS.length > 0) return [{ path, value: { SS: kept.SS } }];
  if (kept.NS !== undefined && kept.NS.length > 0) return [{ path, value: { NS: kept.NS } }];
  if (kept.BS !== undefined && kept.BS.length > 0) return [{ path, value: { BS: kept.BS } }];
  return [{ path, value: undefined }];
}

/** Elements set beyond a list's end are appended in the order of their indexes. */
function compareLastSteps(left: Path, right: Path): number {
  const [a, b] = [left.at(-1), right.at(-1)];
  return typeof a === "number" && typeof b === "number" ? a - b : 0;
}

/** A copy of `container` with `value` at `path`, or without what stands there. */
function replaced(container: AttributeValue, path: Path, value: AttributeValue | undefined): AttributeValue {
  const [step, ...rest] = path;
  if (step === undefined) return value ?? container;
  const child = rest.length === 0 ? value : replaced(childOf(container, step), rest, value);
  if (typeof step === "string" && container.M !== undefined) {
    const { [step]: _, ...others } = container.M;
    return { M: child === undefined ? others : { ...container.M, [step]: child } };
  }
  if (typeof step === "number" && container.L !== undefined)
    return { L: container.L.toSpliced(step, 1, ...(child === undefined ? [] : [child])) };
  throw invalidPath();
}

function childOf(container: AttributeValue, step: string | number): AttributeValue {
  const child = typeof step === "number" ? container.L?.[step] : container.M?.[step];
  if (child === undefined) throw invalidPath();
  return child;
}

const invalidPath = (): Error =>
  validationException("The document path provided in the update expression is invalid for update");
