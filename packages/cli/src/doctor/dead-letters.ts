/** Did a message fail so often that its lane gave it up? */
import { length } from "@warden/fleet";
import { bad, check, type Finding, ok } from "./check.ts";
import type { QueueFacts } from "./inspection.ts";

interface Facts {
  readonly now: number;
  readonly queues: readonly { readonly lane: string; readonly facts: QueueFacts | undefined }[];
}

export const deadLettersCheck = check(
  "dead letters",
  async ({ deps, deployment, inspection }): Promise<Facts> => ({
    now: deps.now(),
    queues: await Promise.all(
      (["urgent", "normal"] as const).map(async (lane) => ({
        lane,
        facts: await inspection.queue(deployment.queues[lane].dlqUrl),
      })),
    ),
  }),
  judgeDeadLetters,
);

export function judgeDeadLetters({ now, queues }: Facts): Finding[] {
  return queues.map(({ lane, facts }) => {
    const subject = `lane ${lane}`;
    if (facts === undefined) return bad(subject, "its dead-letter queue does not exist", "deploy the stage again");
    if (facts.messages === 0) return ok(subject, "no dead letters");
    const age = facts.oldestAt === undefined ? "" : `, the oldest sent ${length(now - facts.oldestAt)} ago`;
    const count = facts.messages === 1 ? "1 dead letter" : `${facts.messages} dead letters`;
    return bad(
      subject,
      `${count}${age}`,
      `look for the error in the log of reconcile-${lane}, mend it, then start a redrive of the queue`,
    );
  });
}
