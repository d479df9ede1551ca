/** A queue and its messages. */
import { kitchen, type Step, step } from "./step.ts";

export const sqsSteps: readonly Step[] = [
  step("sqs CreateQueue", async (c, found) => {
    const answer = await c.sqs.createQueue({ QueueName: kitchen, Attributes: { VisibilityTimeout: "5" } });
    found.put("queue", answer.QueueUrl);
    return answer;
  }),
  step("sqs GetQueueUrl", (c) => c.sqs.getQueueUrl({ QueueName: kitchen })),
  step("sqs GetQueueUrl of a queue that does not exist", (c) => c.sqs.getQueueUrl({ QueueName: "nobody" })),
  step("sqs GetQueueAttributes", (c, found) =>
    c.sqs.getQueueAttributes({ QueueUrl: found.get("queue"), AttributeNames: ["All"] }),
  ),
  step("sqs SetQueueAttributes with a value that cannot be", (c, found) =>
    c.sqs.setQueueAttributes({ QueueUrl: found.get("queue"), Attributes: { VisibilityTimeout: "soon" } }),
  ),
  step("sqs SendMessage", (c, found) =>
    c.sqs.sendMessage({
      QueueUrl: found.get("queue"),
      MessageBody: "soup",
      MessageAttributes: { hot: { DataType: "String", StringValue: "yes" } },
    }),
  ),
  step("sqs ReceiveMessage", async (c, found) => {
    const answer = await c.sqs.receiveMessage({
      QueueUrl: found.get("queue"),
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    found.put("receipt", answer.Messages?.[0]?.ReceiptHandle);
    return answer;
  }),
  step("sqs ReceiveMessage while it is invisible", (c, found) =>
    c.sqs.receiveMessage({ QueueUrl: found.get("queue") }),
  ),
  step("sqs SendMessageBatch", (c, found) =>
    c.sqs.sendMessageBatch({
      QueueUrl: found.get("queue"),
      Entries: [
        { Id: "a", MessageBody: "bread" },
        { Id: "b", MessageBody: "salt" },
      ],
    }),
  ),
  step("sqs SendMessageBatch with one id twice", (c, found) =>
    c.sqs.sendMessageBatch({
      QueueUrl: found.get("queue"),
      Entries: [
        { Id: "a", MessageBody: "bread" },
        { Id: "a", MessageBody: "salt" },
      ],
    }),
  ),
  step("sqs ChangeMessageVisibility", (c, found) =>
    c.sqs.changeMessageVisibility({
      QueueUrl: found.get("queue"),
      ReceiptHandle: found.get("receipt"),
      VisibilityTimeout: 10,
    }),
  ),
  step("sqs DeleteMessage", (c, found) =>
    c.sqs.deleteMessage({ QueueUrl: found.get("queue"), ReceiptHandle: found.get("receipt") }),
  ),
  step("sqs DeleteMessage with a receipt handle that is none", (c, found) =>
    c.sqs.deleteMessage({ QueueUrl: found.get("queue"), ReceiptHandle: "nonsense" }),
  ),
  step("sqs DeleteQueue", (c, found) => c.sqs.deleteQueue({ QueueUrl: found.get("queue") })),
];
