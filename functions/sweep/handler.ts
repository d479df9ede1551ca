/** Runs each minute and finds what no event told about. */
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import { type Swept, sweep } from "@warden/control";
import type { Loop } from "@warden/worlds/loop";
import type { ScheduledEvent } from "aws-lambda";

export function sweepHandler(loop: Loop) {
  return middy<ScheduledEvent, Swept>()
    .use(injectLambdaContext(loop.logger))
    .use(logMetrics(loop.metrics))
    .handler(async () => {
      const swept = await sweep(loop.deps);
      loop.metrics.addMetric("NodesSwept", "Count", swept.nodes);
      loop.metrics.addMetric("NodesWoken", "Count", swept.woken);
      return swept;
    });
}
