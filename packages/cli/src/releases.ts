/** Releases as operators name them: an archive on this machine, or one that lies in Warden's bucket. */
import { stat } from "node:fs/promises";
import type { AboutRelease, OpenedRelease, ReleaseManifest } from "@warden/moodle/release";
import type { SiteConfiguration } from "@warden/moodle/site";
import type { Reach } from "./context.ts";
import { Problem, status } from "./errors.ts";

export interface NamedRelease {
  readonly name: string;
  readonly manifest: ReleaseManifest;
  /** To the bucket, when it is not there. */
  upload(): Promise<void>;
}

/** @param release an archive's file, or a name */
export async function releaseNamed(release: string, reach: Reach): Promise<NamedRelease> {
  const { readAbout, releaseName } = await import("@warden/moodle/release");
  if (await isFile(release)) {
    const opened = await openedArchive(release);
    const { manifest } = readAbout(opened.about);
    return { name: opened.name, manifest, upload: () => reach.releases.put(opened) };
  }
  const found = releaseName.test(release) ? await reach.releases.find(release) : undefined;
  if (found === undefined) {
    throw new Problem(
      status.usage,
      `There is no file ${release}, and no release of that name in the bucket`,
      "name an archive of `warden moodle build`, or one that `warden moodle list` shows",
    );
  }
  const about = aboutIn(found, readAbout);
  if (about === undefined) {
    throw new Problem(
      status.usage,
      `Nothing in the bucket says what the release ${release} is`,
      "name its archive's file, and what is missing is put there",
    );
  }
  return { name: release, manifest: about.manifest, upload: async () => {} };
}

/** What a release is that lies in the bucket; undefined for one that an image brought, or of which nothing is told. */
export async function aboutNamed(name: string, { releases }: Reach): Promise<AboutRelease | undefined> {
  const { readAbout, releaseName } = await import("@warden/moodle/release");
  const found = releaseName.test(name) ? await releases.find(name) : undefined;
  return found && aboutIn(found, readAbout);
}

/** What a newer Warden wrote is not understood: then nothing is known. */
function aboutIn(
  { about }: { readonly about: string | undefined },
  readAbout: (text: string) => AboutRelease,
): AboutRelease | undefined {
  try {
    return about === undefined ? undefined : readAbout(about);
  } catch {
    return undefined;
  }
}

async function openedArchive(file: string): Promise<OpenedRelease> {
  const { openRelease, Refusal } = await import("@warden/moodle/release");
  try {
    return await openRelease(file);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Problem(status.usage, error.message, error.mend);
  }
}

/** The configuration is made for a branch of Moodle: where the code's web root is, what PHP must have. */
export async function needSameBranch(
  { name, manifest }: NamedRelease,
  configuration: SiteConfiguration,
  file: string,
): Promise<void> {
  const { branchOf } = await import("@warden/moodle/release");
  if (branchOf(configuration.release) === manifest.branch) return;
  throw new Problem(
    status.usage,
    `The release ${name} is Moodle ${manifest.moodle}, and ${file} is written for ${configuration.release}: its nodes would get the wrong files (since 5.1 the web server serves public/)`,
    "write the release's own branch as `release` in it",
  );
}

/** For people, where little room is: its version and the beginning of its digest. */
export const shortName = (release: string): string => release.replace(/-([0-9a-f]{8})[0-9a-f]{24}$/, "-$1");

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
