/** Whether a lab is running on this host, by a file that it keeps while it does. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { LabRefusal } from "./refusal.ts";

const file = "/run/warden-lab/running.json";

const running = z.object({
  pid: z.number(),
  /** When the process began, as the kernel says it: an id alone is used again. */
  began: z.string(),
  port: z.number(),
  /** Once AWS answers. */
  region: z.optional(z.string()),
});

type Running = z.infer<typeof running>;

interface Claim {
  /** AWS answers, as this Region. */
  answers(region: string): void;
  end(): void;
}

/** @throws LabRefusal while another lab runs */
export function claimLab(port: number): Claim {
  const other = runningLab();
  if (other !== undefined)
    throw new LabRefusal(`a lab is running already, as process ${other.pid}`, "`warden lab down` ends it");
  const own: Running = { pid: process.pid, began: beginOf(process.pid) ?? "", port };
  const write = (known: Running): void => writeFileSync(file, JSON.stringify(known));
  mkdirSync(dirname(file), { recursive: true });
  write(own);
  return { answers: (region) => write({ ...own, region }), end: forgetLab };
}

export const forgetLab = (): void => rmSync(dirname(file), { recursive: true, force: true });

/** Undefined when there is none, or when it was killed. */
export function runningLab(): Running | undefined {
  try {
    const found = running.parse(JSON.parse(readFileSync(file, "utf8")));
    return beginOf(found.pid) === found.began ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The 22nd field of its status; those before it may hold anything, but after the last bracket there are no names. */
function beginOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[19];
  } catch {
    return undefined;
  }
}
