/**
 * How Warden hears of its caches. The topic may not be encrypted (ElastiCache guide, "Managing ElastiCache Amazon SNS
 * notifications"): its messages name a cache and what happened, and no more.
 */
import type { Lanes } from "./lanes.ts";
import { named } from "./named.ts";

export const cacheTopic = () => new aws.sns.Topic("CacheTopic", { name: named("caches") });

export function listenToCaches(topic: aws.sns.Topic, { normal }: Lanes): void {
  new aws.sns.TopicSubscription("CacheTopicSubscription", {
    ...{ topic: topic.arn, protocol: "sqs", endpoint: normal.queue.arn },
    redrivePolicy: $jsonStringify({ deadLetterTargetArn: normal.dlq.arn }),
  });
}
