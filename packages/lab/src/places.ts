/** Where the lab keeps things on this host, and what its machines are called. */
import { join } from "node:path";

/** All that is the running lab's: goes with it. */
export const labFolder = "/var/tmp/warden-lab";

/** Prepared roots: stay for the next lab. */
export const cacheFolder = "/var/cache/warden-lab";

export const inLab = (...names: string[]): string => join(labFolder, ...names);

/** The configuration of the lab's site, as a person would have written it. */
export const siteFile = inLab("moodle.yaml");

/** `lab-` and the end of the instance id: the name of its control groups, its network and its link, of which Linux takes 15 characters. */
export const machineName = (instanceId: string): string => `lab-${instanceId.slice(-11)}`;

/** Whether a name is the lab's own: nothing else is ever touched. */
export const isOurs = (name: string): boolean => name === "warden-lab" || /^lab-[0-9a-f]{11}$/.test(name);
