/** `warden up`: a whole world on this machine, told line by line, until Ctrl-C. */
import { styleText } from "node:util";
import type { WardenContext } from "../context.ts";
import { Problem, printable, type Status, status } from "../errors.ts";
import type { LocalOptions, LocalWorld, StoryLine } from "../local-world.ts";

export interface UpFlags {
  readonly port: number;
  readonly consolePort: number;
  readonly desired: number;
  readonly speed: number;
  readonly timing: "quick" | "aws";
  readonly inspect?: number;
  readonly json: boolean;
}

export async function up(context: WardenContext, flags: UpFlags): Promise<Status> {
  const { json, ...options } = flags;
  const interrupted = context.interruption();
  const tell = (line: StoryLine): void => {
    if (!json) context.out.write(`${lineOf(line, context.out.isTTY === true)}\n`);
  };
  const world = await start(options, tell, context).catch((error: unknown) => {
    // Ctrl-C in a terminal reaches every process that the start needs: that they end is no failure.
    if (interrupted.aborted) return undefined;
    throw error;
  });
  if (world === undefined) return status.done;
  try {
    context.out.write(json ? `${JSON.stringify(readyLine(world))}\n` : readyText(world, flags.desired));
    await aborted(interrupted);
    if (!json) context.out.write("Ending everything; Ctrl-C again to force it.\n");
  } finally {
    await world.stop();
  }
  return status.done;
}

async function start(
  options: LocalOptions,
  tell: (line: StoryLine) => void,
  { startLocal }: WardenContext,
): Promise<LocalWorld> {
  try {
    return await startLocal(options, tell);
  } catch (error) {
    throw portTaken(error, options.port, options.consolePort) ?? error;
  }
}

/** Node's own error names the port. */
export function portTaken(error: unknown, port: number, consolePort?: number): Problem | undefined {
  if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) return undefined;
  const taken = "port" in error && typeof error.port === "number" ? error.port : port;
  const flag = taken === consolePort && taken !== port ? "--console-port" : "--port";
  return new Problem(
    status.unreachable,
    `Port ${taken} is taken by another program`,
    `end that one, or choose another port with ${flag} ${taken + 1}`,
  );
}

const readyLine = ({ endpoint, console, region }: LocalWorld) => ({
  ready: true,
  endpoint,
  console: console ?? null,
  region,
});

const readyText = (world: LocalWorld, desired: number): string =>
  howToTalk(world, desired, {
    wants: `${desired} nodes`,
    ...(world.console !== undefined && { also: `The console is at ${world.console}.` }),
    look: "npx warden doctor",
    end: "Ctrl-C ends everything.",
  });

/** What can be done with a world that is there, and how it ends. */
export function howToTalk(
  { endpoint, region }: { readonly endpoint: string; readonly region: string },
  desired: number,
  said: { readonly wants: string; readonly also?: string; readonly look: string; readonly end: string },
): string {
  const lines = [
    "",
    `Ready: AWS answers at ${endpoint} (${region}); the Auto Scaling group moodle wants ${said.wants}.`,
    ...(said.also === undefined ? [] : [said.also]),
    "In another terminal:",
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    "  npx warden nodes --watch",
    `  aws autoscaling set-desired-capacity --auto-scaling-group-name moodle --desired-capacity ${desired + 1}`,
    `  ${said.look}`,
    said.end,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

export function lineOf({ at, who, text, tone }: StoryLine, colours: boolean): string {
  const line = `${elapsed(at)}  ${printable(who).padEnd(whoWidth)}  ${printable(text)}`;
  const style = { step: undefined, good: "green", bad: "red", note: "dim" } as const;
  const chosen = style[tone];
  return chosen === undefined || !colours ? line : styleText(chosen, line, { validateStream: false });
}

const whoWidth = 20;

/** `  0:07.3`, minutes and seconds. */
function elapsed(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return `${Math.floor(tenths / 600)}:${seconds}`.padStart(8);
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
