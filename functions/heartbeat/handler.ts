/** Runs each minute and extends the lifecycle actions that are still being worked on. */
import { type Beaten, heartbeat } from "@warden/control";
import type { Loop } from "@warden/worlds/loop";
import type { ScheduledEvent } from "aws-lambda";
import { chain } from "../chain.ts";

export function heartbeatHandler(loop: Loop) {
  return chain<ScheduledEvent, Beaten>(loop).handler(async () => {
    const beaten = await heartbeat(loop.deps);
    loop.metrics.addMetric("HeartbeatsRecorded", "Count", beaten.extended);
    if (beaten.failed > 0) loop.metrics.addMetric("HeartbeatsFailed", "Count", beaten.failed);
    return beaten;
  });
}
