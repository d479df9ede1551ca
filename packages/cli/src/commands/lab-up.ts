/** `warden lab up`: the lab, told line by line, until Ctrl-C or `warden lab down`. */
import type { WardenContext } from "../context.ts";
import { type Status, status } from "../errors.ts";
import { inLab } from "../lab.ts";
import type { StoryLine } from "../local-world.ts";
import { aborted, howToTalk, lineOf, portTaken } from "./up.ts";

export interface LabUpFlags {
  readonly nodes: number;
  readonly port: number;
  readonly spot: boolean;
  /** A source tree, or an archive. */
  readonly moodle?: string;
}

export async function labUp(context: WardenContext, flags: LabUpFlags): Promise<Status> {
  const { nodes, port } = flags;
  const interrupted = context.interruption();
  const tell = (line: StoryLine): void => context.out.write(`${lineOf(line, context.out.isTTY === true)}\n`);
  const { startLab } = await context.lab();
  const lab = await inLab(() => startLab(flags, tell)).catch((error: unknown) => {
    // Ctrl-C in a terminal reaches every process that the start needs: that they end is no failure.
    if (interrupted.aborted) return undefined;
    throw portTaken(error, port) ?? error;
  });
  if (lab === undefined) return status.done;
  try {
    context.out.write(readyText(lab, nodes));
    await aborted(interrupted);
    context.out.write("Ending everything; Ctrl-C again to force it, and then `warden lab down`.\n");
  } finally {
    await lab.stop();
  }
  return status.done;
}

const readyText = (lab: { readonly endpoint: string; readonly region: string }, nodes: number): string =>
  howToTalk(lab, nodes, {
    wants: `${nodes} machines`,
    look: "sudo npx warden lab status",
    end: "Ctrl-C, or `sudo npx warden lab down`, ends everything.",
  });
