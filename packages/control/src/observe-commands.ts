/** What became of the commands that records speak of: found by their batch, read as what the node said. */
import { type CommandView, type InstanceId, type NodeKey, type NodeRecord, nodeKey } from "@warden/fleet";
import { documentOf, interpret } from "./interpret.ts";
import type { Invocation, Ports } from "./ports.ts";

/** How the command in each record stands, with one list for all nodes of a command. */
export async function observeCommands(
  records: readonly NodeRecord[],
  ports: Ports,
  now: number,
): Promise<Map<NodeKey, CommandView>> {
  const outstanding = records.flatMap((record) => {
    const command = "command" in record.phase ? record.phase.command : undefined;
    return command === undefined ? [] : [{ record, command }];
  });
  const sent = await ports.store.batches([...new Set(outstanding.map(({ command }) => command.batch))]);

  const findBatch = memoized(async (batch: string) => {
    const command = outstanding.find((each) => each.command.batch === batch)?.command;
    if (command === undefined || now < command.intendedAt + searchAfter) return [];
    return ports.commands.find(documentOf[command.step], batch, command.intendedAt);
  });
  const located = await Promise.all(
    outstanding.map(async ({ record, command }) => {
      const batch = sent.get(command.batch);
      const refused = batch?.refused[record.instance];
      return { record, command, refused, commandIds: batch?.commandIds ?? (await findBatch(command.batch)) };
    }),
  );

  const invocationsOf = memoized((commandId: string) => {
    const asked = located.filter((each) => each.commandIds.includes(commandId));
    return ports.commands.invocations(
      commandId,
      asked.map((each) => each.record.instance),
    );
  });
  const views = new Map<NodeKey, CommandView>();
  await Promise.all(
    located.map(async ({ record, command, refused, commandIds }) => {
      const invocation = await firstInvocation(record.instance, commandIds, invocationsOf);
      const view: CommandView =
        refused !== undefined
          ? { status: "silent", detail: refused }
          : invocation === undefined
            ? // Of a batch that was sent in parts, this node's part may be the one that was not.
              { status: "not-found" }
            : interpret(command.step, invocation);
      views.set(nodeKey(record), view);
    }),
  );
  return views;
}

/** A lost command id is looked for only after the lists had time to show it. */
const searchAfter = 10_000;

async function firstInvocation(
  instance: InstanceId,
  commandIds: readonly string[],
  invocationsOf: (commandId: string) => Promise<ReadonlyMap<InstanceId, Invocation>>,
): Promise<Invocation | undefined> {
  for (const commandId of commandIds) {
    const invocation = (await invocationsOf(commandId)).get(instance);
    if (invocation !== undefined) return invocation;
  }
  return undefined;
}

/** One call for each argument, however many ask at once. */
function memoized<T>(load: (argument: string) => Promise<T>): (argument: string) => Promise<T> {
  const loading = new Map<string, Promise<T>>();
  return (argument) => {
    const existing = loading.get(argument);
    if (existing !== undefined) return existing;
    const started = load(argument);
    loading.set(argument, started);
    return started;
  };
}
