/** The two events of Run Command; both best effort ("Monitoring Systems Manager events", event examples). */
import type { ServiceEvent, Surroundings } from "../../region.ts";
import type { Command, Invocation } from "./command.ts";
import { type CommandDetails, type InvocationDetails, statusOfCommand, statusOfInvocation } from "./command-status.ts";

type Place = Pick<Surroundings, "region" | "account">;

/** Carries the command's parameters: one more reason why no secret may stand in them. */
export function commandEvent(command: Command, details: CommandDetails, place: Place): ServiceEvent {
  return {
    source: "aws.ssm",
    detailType: "EC2 Command Status-change Notification",
    resources: command.instanceIds.map((instanceId) => instanceArn(instanceId, place)),
    detail: {
      "command-id": command.commandId,
      "document-name": command.document.name,
      "expire-after": new Date(command.expiresAt).toISOString(),
      parameters: command.parameters,
      "requested-date-time": new Date(command.requestedAt).toISOString(),
      status: statusOfCommand(details),
    },
  };
}

export function invocationEvent(invocation: Invocation, details: InvocationDetails, place: Place): ServiceEvent {
  const { command, instanceId } = invocation;
  return {
    source: "aws.ssm",
    detailType: "EC2 Command Invocation Status-change Notification",
    resources: [instanceArn(instanceId, place)],
    detail: {
      "command-id": command.commandId,
      "document-name": command.document.name,
      "instance-id": instanceId,
      "requested-date-time": new Date(command.requestedAt).toISOString(),
      status: statusOfInvocation(details),
    },
  };
}

const instanceArn = (instanceId: string, { region, account }: Place): string =>
  `arn:aws:ec2:${region}:${account}:instance/${instanceId}`;
