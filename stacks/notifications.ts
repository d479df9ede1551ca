/**
 * Who is told. The topic is not encrypted: CloudWatch may not use SNS's own key, and one of the account's would cost more
 * than it protects, as its messages are names of alarms and what nodes complain of (CloudWatch guide, "Notifying users on
 * alarm changes"). A chat in Slack or Teams subscribes by Amazon Q Developer.
 */
import { named } from "./named.ts";
import type { Stage } from "./stage.ts";

export function notifications({ tell }: Stage) {
  const topic = new aws.sns.Topic("Alarms", { name: named("alarms") });
  for (const [index, endpoint] of tell.entries())
    new aws.sns.TopicSubscription(`Told${index + 1}`, { topic: topic.arn, protocol: "email", endpoint });
  return topic;
}
