/** What an answer is made of, without its values: every member that is there, by its path, with its type. */

export function shapeOf(value: unknown, path = ""): string[] {
  if (value === undefined) return [];
  if (value === null || typeof value !== "object") return [`${path}: ${value === null ? "null" : typeof value}`];
  if (value instanceof Date) return [`${path}: date`];
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => shapeOf(item, `${path}[]`));
    return items.length === 0 ? [`${path}: empty list`] : [...new Set(items)];
  }
  return Object.entries(value)
    .filter(([name]) => name !== "$metadata")
    .flatMap(([name, member]) => shapeOf(member, path === "" ? name : `${path}.${name}`));
}
