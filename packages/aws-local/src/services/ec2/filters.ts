/**
 * EC2's filters: all filters must match, any value of one suffices, `*` and `?` are wildcards, and case counts
 * (EC2 User Guide, "List and filter your resources").
 */
import { notModelled } from "./errors.ts";

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

/** What a filter of this name compares with, for one kind of resource. */
export type Filterable<Item> = Readonly<Record<string, (item: Item) => readonly (string | undefined)[]>>;

export function matcherOf<Item>(
  filters: readonly Filter[] | undefined,
  filterable: Filterable<Item>,
  tagsOf?: (item: Item) => Readonly<Record<string, string>>,
): (item: Item) => boolean {
  const tests = (filters ?? []).map((filter) => {
    const valuesOf = valuesFor(filter.Name ?? "", filterable, tagsOf);
    const patterns = (filter.Values ?? []).map(pattern);
    return (item: Item) =>
      valuesOf(item).some((value) => value !== undefined && patterns.some((matches) => matches(value)));
  });
  return (item) => tests.every((test) => test(item));
}

function valuesFor<Item>(
  name: string,
  filterable: Filterable<Item>,
  tagsOf: ((item: Item) => Readonly<Record<string, string>>) | undefined,
): (item: Item) => readonly (string | undefined)[] {
  const known = filterable[name];
  if (known !== undefined) return known;
  if (tagsOf !== undefined && name === "tag-key") return (item) => Object.keys(tagsOf(item));
  if (tagsOf !== undefined && name.startsWith("tag:")) return (item) => [tagsOf(item)[name.slice("tag:".length)]];
  throw notModelled(`The filter '${name}'`);
}

/** A backslash takes the special meaning from the character after it. */
function pattern(text: string): (value: string) => boolean {
  if (!/[*?\\]/.test(text)) return (value) => value === text;
  const expression = text.replace(/\\(.)|[\s\S]/g, (token, escaped: string | undefined) => {
    if (escaped !== undefined) return quoted(escaped);
    if (token === "*") return "[\\s\\S]*";
    if (token === "?") return "[\\s\\S]";
    return quoted(token);
  });
  const compiled = new RegExp(`^${expression}$`);
  return (value) => compiled.test(value);
}

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
