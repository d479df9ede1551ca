/** A topic, its subscriptions, and who may publish to it. */
import type { ResourcePolicies, ServicePrincipal } from "../../region.ts";

export interface Topic {
  readonly arn: string;
  readonly name: string;
  /** As set; `Policy` only when it is not the default one. */
  readonly attributes: Record<string, string>;
  readonly tags: Map<string, string>;
  readonly subscriptions: Map<string, Subscription>;
  deletedSubscriptions: number;
}

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: "sqs" | "lambda";
  readonly endpoint: string;
  readonly attributes: Record<string, string>;
}

/** The policy that a new topic carries: everything for its own account. */
export function defaultPolicy(topicArn: string, account: string): string {
  const actions = `GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe
    ListSubscriptionsByTopic Publish`.split(/\s+/);
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": account } },
      },
    ],
  });
}

/** Older integrations publish with `AWS:SourceOwner`, which the default policy lets in; EventBridge does not. */
const publishForOwner = new Set(["cloudwatch.amazonaws.com", "autoscaling.amazonaws.com", "elasticache.amazonaws.com"]);

export function mayPublish(topic: Topic, from: ServicePrincipal, policies: ResourcePolicies): boolean {
  const policy = topic.attributes["Policy"];
  if (policy === undefined) return publishForOwner.has(from.service);
  return policies.allows(policy, { principal: from, action: "sns:Publish", resource: topic.arn });
}
