/** `warden lab break` and `warden lab heal`: what is done to the running lab from another terminal. */
import { describeFault, type Fault, whatBreaks } from "@warden/lab/faults";
import type { WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import { inLab } from "../lab.ts";

export interface BreakFlags {
  readonly node?: string;
  /** Milliseconds. */
  readonly delay?: number;
}

export interface HealFlags {
  readonly node?: string;
}

export async function labBreak(context: WardenContext, flags: BreakFlags, text: string): Promise<Status> {
  const what = whatIn(text);
  const { breakInLab } = await context.lab();
  const fault = faultOf(what, flags);
  await inLab(() => breakInLab(fault));
  context.out.write(`Done: ${describeFault(fault)}.\n`);
  if (what !== "power") context.out.write(`\`sudo npx warden lab heal ${what}\` ends it.\n`);
  return status.done;
}

export async function labHeal(context: WardenContext, { node }: HealFlags, text?: string): Promise<Status> {
  const what = text === undefined ? undefined : whatIn(text);
  const { healInLab } = await context.lab();
  const which = { ...(what !== undefined && { what }), ...(node !== undefined && { node }) };
  const healed = await inLab(() => healInLab(which));
  for (const fault of healed) context.out.write(`No longer: ${describeFault(fault)}.\n`);
  if (healed.length === 0) context.out.write("Nothing of that was broken.\n");
  return status.done;
}

function whatIn(text: string): Fault["what"] {
  const what = whatBreaks.find((each) => each === text);
  if (what === undefined) throw new Problem(status.usage, `Nothing is called ${text}`, `name ${whatBreaks.join(", ")}`);
  return what;
}

function faultOf(what: Fault["what"], { node, delay }: BreakFlags): Fault {
  if (delay !== undefined && what !== "files") throw wrong("Only files have a --delay", "leave it out");
  switch (what) {
    case "files":
      return { what, ...(node !== undefined && { node }), ...(delay !== undefined && { delay }) };
    case "sessions":
    case "cache":
    case "database":
    case "warden":
      if (node !== undefined) throw wrong(`There is one ${what} for all nodes`, "leave out --node");
      return { what };
    default:
      if (node === undefined)
        throw wrong(`Each node has its own ${what}`, "say --node ID; `sudo npx warden lab status` lists them");
      return { what, node };
  }
}

const wrong = (message: string, mend: string): Problem => new Problem(status.usage, message, mend);
