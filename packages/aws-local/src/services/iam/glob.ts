/** Wildcards of policies: `*` for any characters, `?` for one; `${…}` for a value of the request's context. */

/** The values of a context key; undefined where the request has none. */
export type Lookup = (key: string) => readonly string[] | undefined;

export interface Pattern {
  matches(text: string, lookup: Lookup): boolean;
}

interface PatternOptions {
  /** Policies of version 2008-10-17 have no variables. */
  readonly variables: boolean;
  /** Actions are compared without regard to case. */
  readonly ignoreCase?: boolean;
  /** Without wildcards only variables are replaced, as `StringEquals` does. */
  readonly wildcards?: boolean;
}

export function pattern(text: string, options: PatternOptions): Pattern {
  const parts = options.variables ? partsOf(text) : [{ text }];
  if (parts.every((part) => part.text !== undefined)) {
    const fixed = expression(parts.map(({ text: literal = "" }) => source(literal, options)).join(""), options);
    return { matches: (candidate) => fixed.test(candidate) };
  }
  return {
    matches(candidate, lookup) {
      const sources = parts.map((part) => partSource(part, options, lookup));
      // A variable without a value makes the whole text match nothing (IAM guide, "Policy variables").
      if (sources.includes(undefined)) return false;
      return expression(sources.join(""), options).test(candidate);
    },
  };
}

interface Part {
  readonly text?: string;
  readonly key?: string;
  readonly otherwise?: string;
}

/** `${aws:username}`, `${aws:PrincipalTag/team, 'nobody'}`, and `${*}`, `${?}`, `${$}` for the characters themselves. */
function partsOf(text: string): Part[] {
  return text.split(/(\$\{[^}]*\})/).map((piece) => {
    const [, inside] = /^\$\{([^}]*)\}$/.exec(piece) ?? [];
    if (inside === undefined) return { text: piece };
    const [, key = inside, otherwise] = /^([^,]*?)\s*,\s*'(.*)'$/.exec(inside) ?? [];
    return otherwise === undefined ? { key: key.trim() } : { key: key.trim(), otherwise };
  });
}

function partSource(part: Part, options: PatternOptions, lookup: Lookup): string | undefined {
  if (part.text !== undefined) return source(part.text, options);
  const key = part.key ?? "";
  if (["*", "?", "$"].includes(key)) return escaped(key);
  const values = lookup(key);
  const value = values?.length === 1 ? values[0] : part.otherwise;
  return value === undefined ? undefined : escaped(value);
}

function source(text: string, { wildcards = true }: PatternOptions): string {
  return wildcards ? escaped(text).replaceAll("\\*", "[^]*").replaceAll("\\?", "[^]") : escaped(text);
}

const expression = (source: string, { ignoreCase = false }: PatternOptions): RegExp =>
  new RegExp(`^${source}$`, ignoreCase ? "iu" : "u");

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
