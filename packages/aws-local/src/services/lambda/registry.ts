/** The functions of the region, and how callers refer to them. */
import { ResourceNotFoundException } from "@aws-sdk/client-lambda";
import type { Surroundings } from "../../region.ts";
import type { LambdaFunction } from "./function.ts";

export type FunctionRegistry = ReturnType<typeof createFunctionRegistry>;

export function createFunctionRegistry({ region, account }: Surroundings) {
  const byName = new Map<string, LambdaFunction>();
  const arnOf = (name: string): string => `arn:aws:lambda:${region}:${account}:function:${name}`;

  /** By name, `account:function:name` or ARN, each with or without `:$LATEST`. */
  function find(reference: string, qualifier = "$LATEST"): LambdaFunction | undefined {
    const match = /^(?:(?:arn:aws:lambda:([a-z0-9-]+):)?(\d{12}):function:)?([A-Za-z0-9_-]+)(?::([$\w-]+))?$/.exec(
      reference,
    );
    if (match === null) return undefined;
    const [, inRegion = region, inAccount = account, name = "", version = qualifier] = match;
    return inRegion === region && inAccount === account && version === "$LATEST" ? byName.get(name) : undefined;
  }

  function need(reference: string, qualifier?: string): LambdaFunction {
    const found = find(reference, qualifier);
    if (found !== undefined) return found;
    const name = reference.startsWith("arn:") ? reference : arnOf(reference);
    const version = qualifier === undefined ? "" : `:${qualifier}`;
    throw new ResourceNotFoundException({
      Type: "User",
      message: `Function not found: ${name}${version}`,
      $metadata: {},
    });
  }

  return {
    arnOf,
    find,
    need,
    add: (added: LambdaFunction) => void byName.set(added.name, added),
    remove: (removed: LambdaFunction) => void byName.delete(removed.name),
    isCurrent: (candidate: LambdaFunction) => byName.get(candidate.name) === candidate,
    all: () => [...byName.values()],
  };
}
