/**
 * Warden's own share of the time of a launch: from the moment a node's answer can be read until AWS accepts the call
 * that it leads to. What the node or AWS takes is not in it.
 */
import type { CallRecord } from "@warden/aws-local/wire/gate";
import type { ModelledMachine } from "../virtual.ts";

/** The bucket of EC2 Auto Scaling, the narrowest of those that every node needs (an estimate, see the limits of `packages/aws`). */
const completions = { burst: 40, perSecond: 10 };

export function createOwnShare(now: () => number) {
  const finishedAt = new Map<string, { readonly document: string; readonly at: number }>();
  let seconds: number[] = [];
  let completed = 0;

  function watchDocuments(machine: ModelledMachine): void {
    const run = machine.run.bind(machine);
    machine.run = (document) => {
      const running = run(document);
      void running?.finished.then(({ exitCode }) => {
        if (exitCode === 0) finishedAt.set(machine.instanceId, { document: document.documentName, at: now() });
      });
      return running;
    };
  }

  function called({ operation, input, errorCode }: CallRecord): void {
    if (errorCode !== undefined || typeof input !== "object" || input === null) return;
    if (operation === "CompleteLifecycleAction" && Reflect.get(input, "LifecycleHookName") === "warden-launch") {
      completed += 1;
      ledTo([Reflect.get(input, "InstanceId")], "Warden-Verify");
    }
    if (operation === "SendCommand" && Reflect.get(input, "DocumentName") === "Warden-Verify") {
      const ids: unknown = Reflect.get(input, "InstanceIds");
      if (Array.isArray(ids)) ledTo(ids, "Warden-Bootstrap");
    }
  }

  function ledTo(nodes: readonly unknown[], document: string): void {
    for (const node of nodes) {
      const finished = finishedAt.get(String(node));
      if (finished?.document !== document) continue;
      seconds.push((now() - finished.at) / 1000);
      finishedAt.delete(String(node));
    }
  }

  return {
    watchDocuments,
    called,
    reset() {
      seconds = [];
      completed = 0;
    },
    total: () => ({ seconds, lowerBound: Math.max(0, completed - completions.burst) / completions.perSecond }),
  };
}
