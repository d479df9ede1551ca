/** Where things lie, by name: without a client, so that who deploys can name them, too. */
import type { GroupOfSite } from "@warden/fleet";

export const lastGoodParameter = ({ site, group }: Record<keyof GroupOfSite, string>): string =>
  `/warden/${site}/${group}/last-good`;

export const bundleKey = (digest: string): string => `bundles/${digest}.tar`;

export const releaseFolder = "releases/";
export const releaseKey = (name: string): string => `${releaseFolder}${name}.tar.gz`;

/** What an instance of a group that was there before runs when it first starts. */
export const userDataKey = (site: string): string => `user-data/${site}.sh`;
