/** Parameters from before expressions existed (2014). Nobody should write them any more, so they are refused aloud. */
import { notModelled } from "./errors.ts";

const legacyParameters = [
  "AttributesToGet",
  "AttributeUpdates",
  "ConditionalOperator",
  "Expected",
  "KeyConditions",
  "QueryFilter",
  "ScanFilter",
  "ReturnItemCollectionMetrics",
] as const;

export function refuseLegacyParameters(request: object): void {
  for (const parameter of legacyParameters) {
    const value: unknown = Reflect.get(request, parameter);
    if (value !== undefined && value !== "NONE") throw notModelled(`the parameter ${parameter}`);
  }
}
