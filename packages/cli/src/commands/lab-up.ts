/** `warden lab up`: the lab, told line by line, until Ctrl-C or `warden lab down`. */
import type { WardenContext } from "../context.ts";
import { type Status, status } from "../errors.ts";
import { inLab } from "../lab.ts";
import type { StoryLine } from "../local-world.ts";
import { aborted, lineOf, portTaken } from "./up.ts";

export interface LabUpFlags {
  readonly nodes: number;
  readonly port: number;
}

export async function labUp(context: WardenContext, { nodes, port }: LabUpFlags): Promise<Status> {
  const interrupted = context.interruption();
  const tell = (line: StoryLine): void => context.out.write(`${lineOf(line, context.out.isTTY === true)}\n`);
  const { startLab } = await context.lab();
  const lab = await inLab(() => startLab({ nodes, port }, tell)).catch((error: unknown) => {
    // Ctrl-C in a terminal reaches every process that the start needs: that they end is no failure.
    if (interrupted.aborted) return undefined;
    throw portTaken(error, port) ?? error;
  });
  if (lab === undefined) return status.done;
  try {
    context.out.write(howToTalk(lab, nodes));
    await aborted(interrupted);
    context.out.write("Ending everything; Ctrl-C again to force it, and then `warden lab down`.\n");
  } finally {
    await lab.stop();
  }
  return status.done;
}

function howToTalk(
  { endpoint, region }: { readonly endpoint: string; readonly region: string },
  nodes: number,
): string {
  const lines = [
    "",
    `Ready: AWS answers at ${endpoint} (${region}); the Auto Scaling group moodle wants ${nodes} machines.`,
    "In another terminal:",
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    "  npx warden nodes --watch",
    `  aws autoscaling set-desired-capacity --auto-scaling-group-name moodle --desired-capacity ${nodes + 1}`,
    "  sudo npx warden lab status",
    "Ctrl-C, or `sudo npx warden lab down`, ends everything.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}
