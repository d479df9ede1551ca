/** A loop whose log goes where the world wants it, for functions that run inside this process. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { Log } from "@warden/control";
import { type DepsOptions, depsOf, type Loop, type Tools } from "./loop.ts";

export function quietLoop(options: DepsOptions): Loop {
  return { deps: depsOf(options), ...quietTools() };
}

export function quietTools(): Tools {
  return {
    logger: new Logger({ serviceName: "warden", logLevel: "SILENT" }),
    metrics: new UnprintedMetrics({ namespace: "Warden", serviceName: "warden" }),
  };
}

/** Printing is how metrics leave a Lambda function; here there is nobody to read them. */
class UnprintedMetrics extends Metrics {
  override publishStoredMetrics(): this {
    this.clearMetrics();
    return this;
  }
}

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly details: Record<string, unknown>;
}

export function collectingLog(lines: LogLine[]): Log {
  const at =
    (level: LogLine["level"]) =>
    (message: string, details: Record<string, unknown> = {}): void => {
      lines.push({ level, message, details });
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
