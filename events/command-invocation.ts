/**
 * A command of Warden's ended on one node. Only `detail` is read: in the guide's own sample `resources` names another
 * instance. The status is not handed on, because "Success" is no proof that the work was done.
 */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { commandId, documentName, managedNodeId, word } from "./shapes/names.ts";
import { time } from "./shapes/time.ts";

/** How Warden's documents begin: other commands of the account are none of its business. */
const ours = "Warden-";
/** There is nothing to read yet. An unknown status counts as an end, so that somebody looks. */
const underWay = ["Pending", "InProgress", "In Progress", "Delayed", "Cancelling"];

export const commandInvocation = defineEvent({
  name: "command-invocation",
  lane: "normal",
  source: "aws.ssm",
  detailTypes: ["EC2 Command Invocation Status-change Notification"],
  detail: { "document-name": [{ prefix: ours }], status: [{ "anything-but": underWay }] },
  schema: () =>
    z.object({
      time,
      detail: z.object({
        "command-id": commandId,
        "document-name": documentName,
        "instance-id": managedNodeId,
        status: word,
      }),
    }),
  points({ detail }) {
    if (!detail["document-name"].startsWith(ours)) return { nothingToDo: "the command is not one of Warden's" };
    if (underWay.includes(detail.status)) return { nothingToDo: "the command has not ended" };
    const node = detail["instance-id"];
    if (node.startsWith("mi-")) return { nothingToDo: "the command ran on a machine outside EC2" };
    return [{ kind: "command", commandId: detail["command-id"], instanceId: node }];
  },
});
