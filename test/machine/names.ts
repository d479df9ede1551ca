/** What the machine suite makes on this system is called by its worker, and can be told from all else. */
import { join } from "node:path";
import { groupsNamed } from "@warden/lab/control-groups";
import { namesIn } from "@warden/lab/leftovers";
import { clearMachine } from "@warden/lab/machine";

const everything = "/var/tmp";
const prefix = "warden-machine-";

/** Small numbers: no two files that run at the same time have the same one, and the next file has it again. */
export const worker = process.env["VITEST_POOL_ID"] ?? "1";

export const machineName = `${prefix}${worker}`;
/** Of the instance metadata. */
export const metadataNetwork = `${machineName}-aws`;
/** Whatever a machine needs besides: its data tier, its files, and what carries connections. */
export const partsName = `${machineName}-parts`;

/**
 * Of its data tier: below those that the kernel gives to whoever asks for any, and above those of `freePort`, so nobody has taken
 * one by then.
 */
const port = (index: number): number => 30_000 + 10 * Number(worker) + index;
export const ports = { database: port(0), sessions: port(1), cache: port(2) };

export const placeOf = (name: string) => ({ name, folder: join(everything, name) });

/** Once before the first file: clears what a run left that was killed, of whichever worker. */
export async function setup(): Promise<void> {
  const isOurs = (name: string): boolean => /^warden-machine-\d+(-aws|-parts)?$/.test(name);
  const names = [...groupsNamed(isOurs).keys(), ...[everything, "/run/netns"].flatMap(namesIn).filter(isOurs)];
  // Parts first: nothing ends that waits for its shared files.
  for (const name of [...new Set(names)].sort().reverse()) await clearMachine(placeOf(name));
}
