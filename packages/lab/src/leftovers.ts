/**
 * Clears away what a lab made, also one that was killed: processes, mounts, networks, control groups and files, in the order
 * in which one sets the next free. Only what has the lab's own names is touched; each step is content where there is nothing.
 */
import { readdirSync } from "node:fs";
import { groupsNamed, killGroup, removeGroup } from "./control-groups.ts";
import { removeFolder } from "./machine.ts";
import { removeNetwork } from "./network.ts";
import { isOurs, labFolder } from "./places.ts";

export async function clearLeftovers(): Promise<void> {
  // The lab's own group has the shared file system: with its process everybody who waits for it is set free.
  const groups = [...groupsNamed(isOurs)].sort(([one]) => (one.startsWith("warden-lab") ? -1 : 1));
  for (const [, group] of groups) killGroup(group);
  removeFolder(labFolder);
  for (const name of namesIn("/run/netns").filter(isOurs)) removeNetwork(name);
  for (const [, group] of groups) await removeGroup(group);
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
