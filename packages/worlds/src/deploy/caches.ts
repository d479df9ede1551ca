/**
 * How Warden hears of its caches: node-based caches of ElastiCache tell a topic, which may not be encrypted (ElastiCache
 * guide, "Managing ElastiCache Amazon SNS notifications"), and the normal lane listens to it.
 */
import { CreateReplicationGroupCommand } from "@aws-sdk/client-elasticache";
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import type { Dependency } from "@warden/control";
import type { Deployment } from "../deployment.ts";
import { arn, type DeployContext, named } from "./context.ts";

export const cacheTopicName = (context: DeployContext): string => named(context, "caches");

export async function deployCacheTopic(context: DeployContext, { normal }: Deployment["queues"]): Promise<void> {
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
}

/** As a site has them: two nodes in two zones, the second takes over when the first fails, and the topic is told. */
export async function deployCaches(context: DeployContext, caches: readonly Dependency[]): Promise<void> {
  for (const { name, part } of caches) {
    await context.clients.elastiCache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: name,
        ReplicationGroupDescription: `Moodle's ${part}`,
        Engine: "valkey",
        CacheNodeType: "cache.t4g.small",
        NumCacheClusters: 2,
        AutomaticFailoverEnabled: true,
        MultiAZEnabled: true,
        NotificationTopicArn: arn(context, "sns", cacheTopicName(context)),
      }),
    );
  }
}
