/** Who is told by Warden's topic: a subscriber's queue, and the cards that a chat would show. */
import { SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import type { VirtualWorld } from "@warden/worlds/virtual";
import * as z from "zod";

const envelope = z.object({ Subject: z.string(), Message: z.string() });

/** A queue that listens to the topic. @returns what it heard, the oldest first */
export async function subscribe(world: VirtualWorld): Promise<() => Promise<z.infer<typeof envelope>[]>> {
  const { sqs, sns } = world.clients;
  const [TopicArn = ""] = world.deployment.resources["topic"] ?? [];
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "inbox" }));
  const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const Endpoint = answer.Attributes?.["QueueArn"] ?? "";
  const allow = { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ ...allow, Resource: Endpoint }] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body = "" }) => envelope.parse(JSON.parse(Body)));
  };
}

export const cardsSent = (world: VirtualWorld): z.infer<typeof card>[] =>
  world.calls
    .filter(({ operation }) => operation === "Publish")
    .map(({ input }) => published.parse(input))
    .map(({ Message }) => card.parse(JSON.parse(shapes.parse(JSON.parse(Message)).https)));

const published = z.object({ MessageStructure: z.literal("json"), Message: z.string() });
const shapes = z.object({ default: z.string(), https: z.string() });
/** As the guide of Amazon Q Developer has it: nothing may be missing, and nothing else may be there. */
const card = z.strictObject({
  version: z.literal("1.0"),
  source: z.literal("custom"),
  content: z.strictObject({
    textType: z.literal("client-markdown"),
    title: z.string().max(250),
    description: z.string().max(8000),
    nextSteps: z.optional(z.array(z.string().max(350))),
  }),
  metadata: z.strictObject({ threadId: z.string().max(250), summary: z.string() }),
});
