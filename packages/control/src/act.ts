/**
 * The one executor. What was decided is recorded first, whole or not at all; only then are the calls made, those of
 * many nodes in one call where AWS allows it. Whatever stands here may be repeated: a crash between any two lines ends
 * in the same place.
 */
import { type Action, type Decision, type NodeKey, type NodeName, nodeKey, type Policy } from "@warden/fleet";
import { type Fault, isFault } from "./fault.ts";
import { documentOf } from "./interpret.ts";
import type { LifecycleAction, OutgoingCommand, Ports } from "./ports.ts";

/** A decision that was recorded, and what its calls need to know. */
export interface Recorded {
  readonly name: NodeName;
  readonly decision: Decision;
  readonly policy: Policy;
  readonly targetGroupArns: readonly string[];
}

/** @returns the keys whose calls failed for a reason that may pass, with the reason */
export async function act(recorded: readonly Recorded[], ports: Ports): Promise<ReadonlyMap<NodeKey, unknown>> {
  const failed = new Map<NodeKey, unknown>();
  const attempt = async (keys: readonly NodeKey[], call: () => Promise<unknown>): Promise<void> => {
    try {
      await call();
    } catch (error) {
      for (const key of keys) failed.set(key, error);
    }
  };
  // Capacity first, deregistration before the drain command, completion last: the order in which each decision names them.
  await Promise.all(
    deregistrations(recorded).map(({ arn, nodes }) =>
      attempt(nodes.map(nodeKey), () =>
        ports.loadBalancing.deregister(
          arn,
          nodes.map((node) => node.instance),
        ),
      ),
    ),
  );
  await Promise.all([
    ...outgoingCommands(recorded).map((command) => attempt(command.keys, () => send(command, ports))),
    ...recorded.flatMap((each) =>
      each.decision.actions.map((action) => attempt([nodeKey(each.name)], () => actOnNode(each, action, ports))),
    ),
  ]);
  return failed;
}

async function actOnNode(each: Recorded, action: Action, ports: Ports): Promise<void> {
  switch (action.type) {
    case "complete-lifecycle-action":
      return complete(each, action, ports);
    case "terminate-instance":
      return unlessGone(() => ports.autoScaling.terminateInstance(each.name.instance, action.shrink));
    case "set-desired-capacity":
      return ports.autoScaling.setDesiredCapacity(each.name.group, action.desired);
    case "deregister-targets":
    case "send-command":
      // Made for many nodes at once, above.
      return;
  }
}

/**
 * "No active lifecycle action" means that it is done already, by us, by another or by time: the record learns it, so
 * that it is not asked again.
 */
async function complete(
  { name, decision }: Recorded,
  action: Extract<Action, { type: "complete-lifecycle-action" }>,
  ports: Ports,
): Promise<void> {
  const lifecycleAction: LifecycleAction = {
    group: name.group,
    hook: action.hook,
    instance: name.instance,
    token: action.token,
  };
  const answered = await ports.autoScaling.completeLifecycleAction(lifecycleAction, action.result);
  const { episode } = decision.record;
  if (answered === "no-active-action" && episode !== undefined) await ports.store.closeEpisode(nodeKey(name), episode);
}

/** Already gone is as good as done. */
async function unlessGone(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isFault(error, "gone")) throw error;
  }
}

// ---- Load balancer ------------------------------------------------------------------------------------------------

function deregistrations(recorded: readonly Recorded[]): { arn: string; nodes: NodeName[] }[] {
  const byTargetGroup = new Map<string, NodeName[]>();
  for (const { name, decision, targetGroupArns } of recorded) {
    if (!decision.actions.some((action) => action.type === "deregister-targets")) continue;
    for (const arn of targetGroupArns) byTargetGroup.set(arn, [...(byTargetGroup.get(arn) ?? []), name]);
  }
  return [...byTargetGroup].map(([arn, nodes]) => ({ arn, nodes }));
}

// ---- Commands -----------------------------------------------------------------------------------------------------

interface Outgoing extends OutgoingCommand {
  readonly keys: readonly NodeKey[];
}

/** SendCommand takes at most 50 instance ids. */
const mostInstances = 50;

/** Commands that share a batch id are one sending, however many nodes it reaches. */
function outgoingCommands(recorded: readonly Recorded[]): Outgoing[] {
  const batches = new Map<string, { action: SendCommand; nodes: Recorded[] }>();
  for (const each of recorded) {
    for (const action of each.decision.actions) {
      if (action.type !== "send-command") continue;
      const batch = batches.get(action.batch) ?? { action, nodes: [] };
      batch.nodes.push(each);
      batches.set(action.batch, batch);
    }
  }
  return [...batches.values()].flatMap(({ action, nodes }) =>
    chunks(nodes, mostInstances).map((chunk) => ({
      document: documentOf[action.step],
      instances: chunk.map((each) => each.name.instance),
      parameters: parametersOf(action, chunk[0]?.name.site ?? ""),
      batch: action.batch,
      delivery: Math.max(...chunk.map((each) => each.policy.commandDelivery)),
      keys: chunk.map((each) => nodeKey(each.name)),
    })),
  );
}

type SendCommand = Extract<Action, { type: "send-command" }>;

function parametersOf(action: SendCommand, site: string): Record<string, string> {
  const common = { BatchId: action.batch, Site: site };
  const maintenance = action.closed ? "maintenance" : "open";
  switch (action.step) {
    case "bootstrap":
    case "install":
    case "preflight":
      return { ...common, Release: action.release, Digest: action.digest };
    case "verify":
    case "push-config": {
      const expected = { Maintenance: maintenance, Upgrade: action.pending ? "expected" : "none" };
      return { ...common, Release: action.release, Digest: action.digest, ...expected };
    }
    case "upgrade":
      return { ...common, Release: action.release, Digest: action.digest, Maintenance: maintenance };
    case "rehearse":
      return { ...common, Release: action.release, Digest: action.digest, Copy: action.copy ?? "" };
    case "maintenance":
      return { ...common, Maintenance: maintenance };
    case "drain":
      return { ...common, Deadline: new Date(action.deadline).toISOString() };
    case "purge-cache":
      return { ...common, Cause: action.cause ?? action.batch };
    case "drain-status":
    case "evidence":
      return common;
  }
}

/**
 * One instance that SSM does not know, or that lacks the stage's tag, makes it refuse the whole command, so the fifty are then
 * tried one by one. Who is refused is written down as an answer: it was certainly not sent, and need not be looked for.
 */
async function send(command: Outgoing, ports: Ports): Promise<void> {
  const commandIds: string[] = [];
  const refused: Record<string, string> = {};
  try {
    commandIds.push(await ports.commands.send(command));
  } catch (error) {
    const [only, ...others] = command.instances;
    if (others.length > 0 && (refusesInstance(error) || isFault(error, "denied"))) return sendOneByOne(command, ports);
    if (only === undefined || !refusesInstance(error)) throw error;
    refused[only] = error.message;
  }
  await ports.store.addBatch(command.batch, { commandIds, refused });
}

/** A document that is missing or another than expected is no instance's fault: that is an error to be seen, and tried again. */
const refusesInstance = (error: unknown): error is Fault =>
  isFault(error, "gone") || (isFault(error) && error.code === "UnsupportedPlatformType");

async function sendOneByOne(command: Outgoing, ports: Ports): Promise<void> {
  const commandIds: string[] = [];
  const refused = new Map<string, Fault>();
  try {
    for (const instance of command.instances) {
      try {
        commandIds.push(await ports.commands.send({ ...command, instances: [instance] }));
      } catch (error) {
        if (!refusesInstance(error) && !isFault(error, "denied")) throw error;
        refused.set(instance, error);
      }
    }
    // Denied for all alike it is no instance's fault: a permission is missing.
    const [first, ...others] = refused.values();
    if (commandIds.length === 0 && [first, ...others].every((fault) => fault?.kind === "denied")) throw first;
  } finally {
    // What was sent before a throttled call is known all the same.
    const known = commandIds.length > 0 || [...refused.values()].some(({ kind }) => kind !== "denied");
    const messages = Object.fromEntries([...refused].map(([instance, { message }]) => [instance, message]));
    if (known) await ports.store.addBatch(command.batch, { commandIds, refused: messages });
  }
}

export function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}
