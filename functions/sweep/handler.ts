/** Runs each minute and finds what no event told about. */
import { type SweepPorts, type Swept, sweep } from "@warden/control";
import type { Loop } from "@warden/worlds/loop";
import type { ScheduledEvent } from "aws-lambda";
import { chain } from "../chain.ts";

export function sweepHandler(loop: Loop, ports: SweepPorts) {
  return chain<ScheduledEvent, Swept>(loop).handler(async () => {
    const swept = await sweep(loop.deps, ports);
    loop.metrics.addMetric("NodesSwept", "Count", swept.nodes);
    loop.metrics.addMetric("NodesWoken", "Count", swept.woken);
    return swept;
  });
}
