/** The two lanes with their dead-letter queues, and the leave for EventBridge and the topic of caches to write to them. */
import { CreateQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { laneSettings } from "@warden/functions/catalogue";
import { breakpointTimeout, deadLetterRetention } from "@warden/functions/deployed";
import type { Deployment } from "../deployment.ts";
import { cacheTopicName } from "./caches.ts";
import { arn, type DeployContext, named } from "./context.ts";

type Queue = Deployment["queues"]["urgent"];

export async function deployLanes(context: DeployContext, debugging: boolean): Promise<Deployment["queues"]> {
  return {
    urgent: await deployLane(context, "urgent", debugging),
    normal: await deployLane(context, "normal", debugging),
  };
}

async function deployLane(context: DeployContext, lane: "urgent" | "normal", debugging: boolean): Promise<Queue> {
  const { visibility, deliveries } = laneSettings[lane];
  const dlqName = named(context, `${lane}-dlq`);
  const name = named(context, lane);
  const dlqArn = arn(context, "sqs", dlqName);
  const queueArn = arn(context, "sqs", name);
  const dlqUrl = await createQueue(context, dlqName, {
    MessageRetentionPeriod: String(deadLetterRetention),
    Policy: fromOwn(context, dlqArn),
  });
  const url = await createQueue(context, name, {
    VisibilityTimeout: String(debugging ? breakpointTimeout : visibility),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dlqArn, maxReceiveCount: deliveries }),
    Policy: fromOwn(context, queueArn),
  });
  return { url, arn: queueArn, dlqUrl, dlqArn };
}

async function createQueue(
  context: DeployContext,
  QueueName: string,
  attributes: Record<string, string>,
): Promise<string> {
  const { QueueUrl } = await context.clients.sqs.send(new CreateQueueCommand({ QueueName }));
  await context.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes }));
  return QueueUrl ?? "";
}

/** Only this deployment's own rules, and its own topic. */
function fromOwn(context: DeployContext, queueArn: string): string {
  const from = (Service: string, source: string) => ({
    Effect: "Allow",
    Principal: { Service },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnLike: { "aws:SourceArn": source } },
  });
  const rules = from("events.amazonaws.com", arn(context, "events", `rule/${named(context, "*")}`));
  const topic = from("sns.amazonaws.com", arn(context, "sns", cacheTopicName(context)));
  return JSON.stringify({ Version: "2012-10-17", Statement: [rules, topic] });
}
