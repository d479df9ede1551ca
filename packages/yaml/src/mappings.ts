/**
 * The two shapes of a scenario: mappings with known keys, and entries whose kind is told by one of their keys. Plain
 * unions would answer a wrong entry with the complaints of every kind at once; here the kind is chosen first.
 */
import * as z from "zod";
import { didYouMean, inWords } from "./words.ts";

/** A mapping with exactly these keys. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const names = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return `a mapping with ${theKeys(names)}`;
      return `${didYouMean(issue.keys, names)}${theKeys(names)}`;
    },
  });
}

/** One of several mappings, told apart by the key that gives each its name. */
export function oneOf<Kinds extends Readonly<Record<string, z.ZodType>>>(what: string, kinds: Kinds) {
  const names = Object.keys(kinds);
  return z.unknown().transform((found, context): z.output<Kinds[keyof Kinds]> => {
    const keys = typeof found === "object" && found !== null ? Object.keys(found) : [];
    const [kind, ...more] = keys.filter((key) => Object.hasOwn(kinds, key));
    const schema = kind === undefined ? undefined : kinds[kind];
    if (schema === undefined || more.length > 0) {
      context.addIssue({
        code: "custom",
        message: `${didYouMean(keys, names)}${what}, which has one of ${inWords(names)}`,
      });
      return z.NEVER;
    }
    const result = schema.safeParse(found);
    // A table of schemas forgets which key gave this one; it came from that table, so it is one of its outputs.
    if (result.success) return result.data as z.output<Kinds[keyof Kinds]>;
    for (const { message, path, ...issue } of result.error.issues) {
      const keys = issue.code === "unrecognized_keys" ? issue.keys : undefined;
      const params = issue.code === "custom" ? issue.params : { keys };
      context.addIssue({ code: "custom", message, path, params });
    }
    return z.NEVER;
  });
}

export function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, {
    error: ({ input }) => {
      const guess = typeof input === "string" ? didYouMean([input], values) : "";
      return `${guess}${values.length === 1 ? "only" : "one of"} ${inWords(values)}`;
    },
  });
}

const theKeys = (names: readonly string[]): string =>
  names.length === 0 ? "no keys: {}" : names.length === 1 ? `the key ${names[0]}` : `the keys ${inWords(names)}`;
