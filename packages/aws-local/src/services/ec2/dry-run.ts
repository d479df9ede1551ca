/** Every operation of EC2 takes `DryRun`: permission is checked, and then nothing is done. */
import type { Call, EmbeddedService } from "../../service.ts";
import { dryRun } from "./errors.ts";

export function refusingDryRuns(service: EmbeddedService): EmbeddedService {
  const operations: Record<string, (input: never, call: Call) => unknown> = {};
  for (const [name, operation] of Object.entries(service.operations)) {
    if (operation === undefined) continue;
    operations[name] = (input, call) => {
      if (isDryRun(input)) throw dryRun();
      return operation(input, call);
    };
  }
  return { ...service, operations };
}

const isDryRun = (input: unknown): boolean =>
  typeof input === "object" && input !== null && "DryRun" in input && input.DryRun === true;
