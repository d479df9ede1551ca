/**
 * What has ended stays as it is. One list shows how all nodes of a command stand, so those that are looked at a moment
 * later, each by an event of its own, need no list of their own.
 */
import type { Invocation } from "@warden/control";
import type { InstanceId } from "@warden/fleet";

export interface EndedInvocations {
  /** Undefined unless the invocations of all these instances are known to have ended. */
  of(commandId: string, instances: readonly InstanceId[]): ReadonlyMap<InstanceId, Invocation> | undefined;
  keep(commandId: string, invocations: ReadonlyMap<InstanceId, Invocation>): void;
}

/** Commands that are remembered: enough for a thousand nodes under way at a time. */
const most = 100;

export function createEndedInvocations(): EndedInvocations {
  const byCommand = new Map<string, ReadonlyMap<InstanceId, Invocation>>();
  return {
    of(commandId, instances) {
      const known = byCommand.get(commandId);
      return known !== undefined && instances.every((id) => known.has(id)) ? known : undefined;
    },
    keep(commandId, invocations) {
      byCommand.delete(commandId);
      byCommand.set(commandId, new Map([...invocations].filter(([, each]) => each.status === "ended")));
      const [oldest] = byCommand.keys();
      if (byCommand.size > most && oldest !== undefined) byCommand.delete(oldest);
    },
  };
}
