/**
 * How Warden hears of its caches: node-based caches of ElastiCache tell a topic, which may not be encrypted (ElastiCache
 * guide, "Managing ElastiCache Amazon SNS notifications"), and the normal lane listens to it.
 */
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import type { Deployment } from "../deployment.ts";
import { type DeployContext, named } from "./context.ts";

export const cacheTopicName = (context: DeployContext): string => named(context, "caches");

/** @returns the topic's ARN, to be named as the notification topic of each cache */
export async function deployCacheTopic(context: DeployContext, { normal }: Deployment["queues"]): Promise<string> {
  const { sns } = context.clients;
  const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: cacheTopicName(context) }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: normal.arn,
      Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: normal.dlqArn }) },
    }),
  );
  return TopicArn;
}
