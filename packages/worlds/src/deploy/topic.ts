/** The topic by which people are told; who listens subscribes himself. */
import { CreateTopicCommand } from "@aws-sdk/client-sns";
import { type DeployContext, named } from "./context.ts";

/** @returns its ARN */
export async function deployTopic(context: DeployContext): Promise<string> {
  const { TopicArn = "" } = await context.clients.sns.send(new CreateTopicCommand({ Name: named(context, "alarms") }));
  return TopicArn;
}
