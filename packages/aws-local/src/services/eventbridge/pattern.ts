/**
 * EventBridge's event patterns: does this event match that pattern? Pure, so that a rule, a test and a handler can
 * all ask the same question. The reading of the pattern's text is in `pattern-language.ts`.
 *
 * The meaning follows AWS's published Event Ruler, which EventBridge runs: the event is flattened into leaves, each
 * with its path and its place in the arrays around it, and all fields of a pattern have to be found in the same
 * array elements ("array consistency" in its README).
 */
import { type Branch, type FieldRule, type Leaf, readPattern } from "./pattern-language.ts";

export { InvalidPattern } from "./pattern-language.ts";

export interface EventPattern {
  readonly text: string;
  matches(event: object): boolean;
}

/** Reads a pattern once, to match many events; throws `InvalidPattern` with EventBridge's own words. */
export function eventPattern(text: string): EventPattern {
  const branches = readPattern(text);
  return {
    text,
    matches(event) {
      const leaves = leavesOf(event);
      return branches.some((branch) => matchesFrom(branch, 0, leaves, noPlace));
    },
  };
}

/** Where a leaf stands: which element of each array around it. Arrays are numbered in the order of the event. */
type Place = ReadonlyMap<number, number>;

const noPlace: Place = new Map();

interface PlacedLeaf {
  readonly value: Leaf;
  readonly place: Place;
}

type Leaves = ReadonlyMap<string, readonly PlacedLeaf[]>;

/** Whether the fields of the branch from `index` on can be found in array elements that agree with `place`. */
function matchesFrom(branch: Branch, index: number, leaves: Leaves, place: Place): boolean {
  const field = branch[index];
  if (field === undefined) return true;
  const candidates = (leaves.get(field.path) ?? []).filter((leaf) => agree(place, leaf.place));
  if (field.absent && candidates.length === 0) return matchesFrom(branch, index + 1, leaves, place);
  return candidates.some(
    (leaf) => accepts(field, leaf.value) && matchesFrom(branch, index + 1, leaves, new Map([...place, ...leaf.place])),
  );
}

const accepts = (field: FieldRule, value: Leaf): boolean => field.tests.some((test) => test(value));

function agree(one: Place, other: Place): boolean {
  for (const [array, element] of one) {
    const otherElement = other.get(array);
    if (otherElement !== undefined && otherElement !== element) return false;
  }
  return true;
}

function leavesOf(event: object): Leaves {
  const leaves = new Map<string, PlacedLeaf[]>();
  let arrays = 0;

  function walk(value: unknown, path: string, place: Place): void {
    if (Array.isArray(value)) walkArray(value, path, place);
    else if (isObject(value)) walkObject(value, path === "" ? "" : `${path}.`, place);
    else if (isLeaf(value)) add(path, { value, place });
  }

  function walkArray(items: readonly unknown[], path: string, place: Place): void {
    const array = arrays++;
    items.forEach((item, index) => {
      // Leaves straight in an array carry no place of their own: ["a","b"] has one field with two values.
      walk(item, path, isObject(item) || Array.isArray(item) ? new Map([...place, [array, index]]) : place);
    });
  }

  function walkObject(object: object, prefix: string, place: Place): void {
    for (const [name, member] of Object.entries(object)) walk(member, prefix + name, place);
  }

  function add(path: string, leaf: PlacedLeaf): void {
    const known = leaves.get(path);
    if (known === undefined) leaves.set(path, [leaf]);
    else known.push(leaf);
  }

  walkObject(event, "", noPlace);
  return leaves;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
