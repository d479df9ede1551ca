/** The loop in a Lambda function: everything it needs to know stands in its environment. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { SNSClient } from "@aws-sdk/client-sns";
import { notificationsPort, paced } from "@warden/aws";
import type { Lane, Log } from "@warden/control";
import { registeredDocumentsSchema } from "./deployment.ts";
import { depsOf, type Loop, type Notifier, type Tools } from "./loop.ts";

export function loopFromEnvironment(): Loop {
  const { logger, metrics } = tools();
  const now = (): number => Date.now();
  const deps = depsOf({
    deployment: {
      table: required("WARDEN_TABLE"),
      bus: required("WARDEN_BUS"),
      queueUrls: { urgent: required("WARDEN_URGENT_QUEUE"), normal: required("WARDEN_NORMAL_QUEUE") },
      documents: registeredDocumentsSchema().parse(JSON.parse(required("WARDEN_DOCUMENTS"))),
    },
    client: {},
    pace: paced(Number(required("WARDEN_SHARE")), { now, sleep: (ms) => sleep(ms) }),
    log: logOf(logger),
    now,
    id: () => randomUUID().replaceAll("-", "").slice(0, 12),
  });
  return { deps, logger, metrics };
}

export const notifierFromEnvironment = (): Notifier => ({
  ...tools(),
  stage: required("WARDEN_STAGE"),
  notifications: notificationsPort(new SNSClient({}), required("WARDEN_TOPIC")),
});

function tools(): Tools {
  const logger = new Logger({ serviceName: "warden" });
  // X-Ray's own active tracing joins the trace: the SDK passes the header on, the logger prints it. No tracer library.
  return { logger, metrics: new Metrics({ namespace: "Warden", serviceName: "warden" }) };
}

export function laneFromEnvironment(): Lane {
  const lane = required("WARDEN_LANE");
  if (lane !== "urgent" && lane !== "normal") throw new Error(`WARDEN_LANE is ${lane}, not urgent or normal`);
  return lane;
}

function logOf(logger: Logger): Log {
  return {
    info: (message, details = {}) => logger.info(message, details),
    warn: (message, details = {}) => logger.warn(message, details),
    error: (message, details = {}) => logger.error(message, details),
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`the environment has no ${name}`);
  return value;
}
