/** What people are asked when a site lets Warden take a node away only with their approval. */
import type { Plan } from "@warden/fleet";
import type { Notification, Whose } from "./notification.ts";

export interface WantedPlan extends Plan {
  /** By which it is approved. */
  readonly plan: string;
  /** Of the node: site, group and instance. */
  readonly key: string;
}

export function approvalNotification({ key, plan, reason }: WantedPlan, { site, stage }: Whose): Notification {
  const [, group = "", instance = ""] = key.split("/");
  const subject = `${site}: approve the replacement of ${instance}?`.slice(0, 100);
  const where = `--site ${site} --stage ${stage}`;
  const what = `Warden wants to replace ${instance} of ${group}, because ${reason}`;
  const commands = [`npx warden approve ${plan} ${where}`, `npx warden explain ${instance} ${where}`];
  const mail = [
    `${what}.`,
    "",
    "What happens next: without an approval, nothing. With one it is drained and replaced, within the group's budget.",
    "An approval is of just this, and for an hour; when the node is well by then, it stays.",
    `What to run: ${commands.join("\n             ")}`,
  ];
  return {
    subject,
    mail: `${mail.join("\n")}\n`,
    card: {
      ...{ version: "1.0", source: "custom" },
      content: {
        ...{ textType: "client-markdown", title: subject, description: `${what}.` },
        nextSteps: commands.map((command) => `Run ${command}`),
      },
      metadata: { threadId: `${stage}/${key}`, summary: subject },
    },
  };
}
