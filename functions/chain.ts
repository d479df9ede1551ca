/** What surrounds every handler: its log lines carry the invocation, and its metrics leave when it ends. */
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { Tools } from "@warden/worlds/loop";

/**
 * Without middy's early end: it answers just before the time-out, but what it gave up on goes on when the environment
 * thaws, beside the next batch. Lambda's own time-out ends the process, and that is the crash we are built for.
 */
export const chain = <Event, Result>({ logger, metrics }: Tools) =>
  middy<Event, Result>({ timeoutEarlyInMillis: 0 }).use(injectLambdaContext(logger)).use(logMetrics(metrics));
