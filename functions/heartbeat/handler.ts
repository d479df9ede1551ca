/** Runs each minute and extends the lifecycle actions that are still being worked on. */
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import { type Beaten, heartbeat } from "@warden/control";
import type { Loop } from "@warden/worlds/loop";
import type { ScheduledEvent } from "aws-lambda";

export function heartbeatHandler(loop: Loop) {
  return middy<ScheduledEvent, Beaten>()
    .use(injectLambdaContext(loop.logger))
    .use(logMetrics(loop.metrics))
    .handler(async () => {
      const beaten = await heartbeat(loop.deps);
      loop.metrics.addMetric("HeartbeatsRecorded", "Count", beaten.extended);
      if (beaten.failed > 0) loop.metrics.addMetric("HeartbeatsFailed", "Count", beaten.failed);
      return beaten;
    });
}
