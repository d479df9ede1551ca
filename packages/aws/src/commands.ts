/** Run Command, as the loop needs it. */
import {
  type CommandInvocation,
  GetCommandInvocationCommand,
  paginateDescribeInstanceInformation,
  paginateListCommandInvocations,
  paginateListCommands,
  SendCommandCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { type CommandsPort, type Invocation, isFault } from "@warden/control";
import { type InstanceId, instanceId } from "@warden/fleet";
import { type DocumentName, documentNamed, nameWith, sha256Of } from "@warden/moodle";
import { calling } from "./classify.ts";
import { createEndedInvocations } from "./ended-invocations.ts";
import type { Pace } from "./pacing.ts";
import { pagesOf } from "./pages.ts";

/**
 * How the names of documents begin in this account, where other stages have theirs, and the version of each that this Warden
 * was deployed with: another one may say something else.
 */
export interface RegisteredDocuments {
  readonly prefix: string;
  readonly versions: Readonly<Record<DocumentName, string>>;
}

export function commandsPort(client: SSMClient, pace: Pace, documents: RegisteredDocuments): CommandsPort {
  const ended = createEndedInvocations();
  return {
    async online(ids) {
      const online = new Set<InstanceId>();
      for (const part of pagesOf(ids, 50)) {
        await pace.take("readCommands");
        await calling("ssm:DescribeInstanceInformation", async () => {
          const filters = { Filters: [{ Key: "InstanceIds", Values: part }], MaxResults: 50 };
          for await (const page of paginateDescribeInstanceInformation({ client }, filters)) {
            for (const each of page.InstanceInformationList ?? []) {
              if (each.PingStatus === "Online" && each.InstanceId !== undefined)
                online.add(instanceId(each.InstanceId));
            }
          }
        });
      }
      return online;
    },

    async send(command) {
      await pace.take("sendCommand");
      const answer = await calling("ssm:SendCommand", () =>
        client.send(
          new SendCommandCommand({
            DocumentName: nameWith(documents.prefix, command.document),
            DocumentVersion: documents.versions[command.document],
            DocumentHash: sha256Of(documentNamed(command.document)),
            DocumentHashType: "Sha256",
            InstanceIds: [...command.instances],
            Parameters: Object.fromEntries(Object.entries(command.parameters).map(([name, value]) => [name, [value]])),
            Comment: command.batch,
            TimeoutSeconds: Math.max(30, Math.round(command.delivery / 1000)),
            MaxConcurrency: "100%",
            // Every node answers for itself: the failure of one must not keep the command from the others.
            MaxErrors: "100%",
          }),
        ),
      );
      return answer.Command?.CommandId ?? "";
    },

    async invocations(commandId, instances) {
      const known = ended.of(commandId, instances);
      if (known !== undefined) return known;
      const invocations = new Map<InstanceId, Invocation>();
      await pace.take("readCommands");
      await unlessGone("ssm:ListCommandInvocations", async () => {
        for await (const page of paginateListCommandInvocations(
          { client },
          { CommandId: commandId, Details: true, MaxResults: 50 },
        )) {
          for (const each of page.CommandInvocations ?? []) {
            if (each.InstanceId !== undefined) invocations.set(instanceId(each.InstanceId), invocationOf(each));
          }
        }
      });
      for (const [id, invocation] of invocations) {
        if (invocation.status === "ended" && invocation.output.length >= listedOutput) {
          invocations.set(id, { ...invocation, output: await wholeOutput(commandId, id) });
        }
      }
      ended.keep(commandId, invocations);
      return invocations;
    },

    async find(document, batch, since) {
      await pace.take("readCommands");
      return calling("ssm:ListCommands", async () => {
        const found: string[] = [];
        const filters = [
          { key: "DocumentName", value: nameWith(documents.prefix, document) },
          { key: "InvokedAfter", value: new Date(since - clockSkew).toISOString().replace(/\.\d+Z$/, "Z") },
        ] as const;
        for await (const page of paginateListCommands({ client }, { Filters: [...filters] })) {
          for (const command of page.Commands ?? []) {
            if (command.Comment === batch && command.CommandId !== undefined) found.push(command.CommandId);
          }
        }
        return found;
      });
    },
  };

  async function wholeOutput(commandId: string, instance: InstanceId): Promise<string> {
    await pace.take("readCommands");
    const answer = await calling("ssm:GetCommandInvocation", () =>
      client.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instance })),
    );
    return answer.StandardOutputContent ?? "";
  }
}

/** A command that the lists do not know (yet) has no invocations there. */
async function unlessGone(action: string, call: () => Promise<void>): Promise<void> {
  try {
    await calling(action, call);
  } catch (error) {
    if (!isFault(error, "gone")) throw error;
  }
}

/** Lists cut the output of a plugin after 2,500 characters (CommandPlugin, API reference). */
const listedOutput = 2500;

/** Our clock and that of the service may differ. */
const clockSkew = 60_000;

function invocationOf(invocation: CommandInvocation): Invocation {
  switch (invocation.Status) {
    case "Pending":
    case "InProgress":
    case "Delayed":
    case "Cancelling":
    case undefined:
      return { status: "under-way" };
    default: {
      const output = invocation.CommandPlugins?.map((plugin) => plugin.Output ?? "").join("\n") ?? "";
      return { status: "ended", detail: invocation.StatusDetails ?? invocation.Status, output };
    }
  }
}
