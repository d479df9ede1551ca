/**
 * Tells what happens, line by line: what AWS says on its event bus and what Warden says on its own, read from a queue
 * as anybody could.
 */
import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import type { Clock } from "@warden/aws-local";
import * as z from "zod";
import type { Clients } from "./deploy/context.ts";

export interface StoryLine {
  /** Milliseconds since the start. */
  readonly at: number;
  readonly who: string;
  readonly text: string;
  readonly tone: "step" | "good" | "bad" | "note";
}

export type Told = Omit<StoryLine, "at">;

/** How often the queue is read, in milliseconds. */
const readEvery = 200;

/** Call it before the first event that matters. @returns a function that ends the story */
export async function narrate(
  clients: Clients,
  clock: Clock,
  busName: string,
  tell: (told: Told) => void,
): Promise<() => void> {
  const queueUrl = await storyQueue(clients, busName);
  const timer = clock.every(readEvery, async () => {
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return;
    for (const message of Messages) {
      const told = toldOf(message.Body ?? "");
      if (told !== undefined) tell(told);
    }
    const Entries = Messages.map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle ?? "",
    }));
    await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  });
  return () => timer.cancel();
}

async function storyQueue(clients: Clients, busName: string): Promise<string> {
  const { QueueUrl = "" } = await clients.sqs.send(new CreateQueueCommand({ QueueName: "story" }));
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  const arn = Attributes?.["QueueArn"] ?? "";
  const allow = {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: arn,
  };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [allow] });
  await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const interesting = [
    { bus: "default", pattern: { source: ["aws.ec2", "aws.autoscaling"] } },
    {
      bus: busName,
      pattern: { source: ["warden"], "detail-type": ["Node Phase Changed", "Incident Opened", "Incident Closed"] },
    },
  ];
  for (const { bus, pattern } of interesting) {
    const rule = { Name: "story", EventBusName: bus };
    await clients.events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }));
    await clients.events.send(
      new PutTargetsCommand({ Rule: "story", EventBusName: bus, Targets: [{ Id: "story", Arn: arn }] }),
    );
  }
  return QueueUrl;
}

const eventSchema = z.object({ "detail-type": z.string(), detail: z.record(z.string(), z.unknown()) });

/** Anybody may send to the queue, and what is no JSON must not stop the story. */
function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function toldOf(body: string): Told | undefined {
  const event = eventSchema.safeParse(jsonIn(body)).data;
  if (event === undefined) return undefined;
  const { detail } = event;
  const text = (name: string): string => String(detail[name] ?? "");
  switch (event["detail-type"]) {
    case "Node Phase Changed":
      return phaseChange(text("key"), text("phase"), text("why"));
    case "Incident Opened":
      return { who: "warden", text: text("why"), tone: "bad" };
    case "Incident Closed":
      return { who: "warden", text: text("why"), tone: "good" };
    case "EC2 Instance State-change Notification":
      return { who: "ec2", text: `${text("instance-id")} is ${text("state")}`, tone: "note" };
    case "EC2 Instance-launch Lifecycle Action":
    case "EC2 Instance-terminate Lifecycle Action":
      return {
        who: "autoscaling",
        text: `${text("EC2InstanceId")} waits at ${text("LifecycleHookName")}`,
        tone: "note",
      };
    case "EC2 Instance Launch Successful":
      return { who: "autoscaling", text: `${text("EC2InstanceId")} is in the group`, tone: "note" };
    case "EC2 Instance Terminate Successful":
      return { who: "autoscaling", text: `${text("EC2InstanceId")} has left the group`, tone: "note" };
    case "EC2 Instance Launch Unsuccessful":
    case "EC2 Instance Terminate Unsuccessful":
      return { who: "autoscaling", text: text("StatusMessage") || text("Description"), tone: "bad" };
    case "EC2 Spot Instance Interruption Warning":
      return { who: "ec2", text: `${text("instance-id")} is reclaimed in two minutes`, tone: "bad" };
    default:
      return undefined;
  }
}

const goodPhases: ReadonlySet<string> = new Set(["in-service", "gone"]);
const badPhases: ReadonlySet<string> = new Set(["on-hold", "refused"]);

function phaseChange(key: string, phase: string, why: string): Told {
  const instance = key.split("/").at(-1) ?? key;
  const tone = goodPhases.has(phase) ? "good" : badPhases.has(phase) ? "bad" : "step";
  return { who: "warden", text: `${instance} ${phase}: ${why}`, tone };
}
