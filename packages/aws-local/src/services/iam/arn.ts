/** Comparing ARNs: each of the six parts by itself, so a `*` in the region never swallows the account. */
import { type Lookup, type Pattern, pattern } from "./glob.ts";

export function arnPattern(text: string, variables: boolean): Pattern {
  const parts = partsOf(text);
  if (parts.length < 6) return pattern(text, { variables });
  const patterns = parts.map((part) => pattern(part, { variables }));
  return {
    matches(arn: string, lookup: Lookup) {
      const given = sixParts(arn.split(":"));
      return given.length === 6 && patterns.every((part, index) => part.matches(given[index] ?? "", lookup));
    },
  };
}

/** `arn:partition:service:region:account:resource`, where the resource may hold more colons. */
const sixParts = (parts: string[]): string[] =>
  parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];

/** Of a policy's ARN: the colon in `${aws:username}` separates nothing. */
const partsOf = (arn: string): string[] => sixParts(arn.split(/:(?![^{]*\})/));
