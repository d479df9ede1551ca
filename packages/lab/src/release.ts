/**
 * What the lab's nodes run: a Moodle, from an archive of `warden moodle build` or built here from a source tree, or the small
 * application that stands for it.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { releaseKey, releaseStore } from "@warden/aws";
import type { OpenedRelease } from "@warden/moodle/release";
import { type ReleaseName, releaseNames } from "@warden/moodle/site";
import { createTar } from "nanotar";
import { application } from "./application/application.ts";
import { LabRefusal } from "./refusal.ts";

export type Release = NotMoodle | Moodle;

interface NotMoodle {
  readonly kind: "not-moodle";
  /** Ends with the first 32 digits of the archive's digest: by it a node fetches and checks it. */
  readonly name: string;
  readonly archive: Uint8Array;
}

interface Moodle extends OpenedRelease {
  readonly kind: "moodle";
  /** As a site's configuration names it. */
  readonly version: ReleaseName;
}

export interface Building {
  /** Where the archive of a source tree is put. */
  readonly output: string;
  tell(text: string): void;
}

/** @param path an archive, or a directory with Moodle's code @throws LabRefusal with what somebody can do */
export async function moodleRelease(path: string, building: Building): Promise<Release> {
  const { branchOf, openRelease, readAbout, Refusal } = await import("@warden/moodle/release");
  try {
    const kind = await stat(path).catch(() => undefined);
    if (kind === undefined) throw new LabRefusal(`there is no ${path}`, "name a source tree of Moodle, or an archive");
    const opened = await openRelease(kind.isDirectory() ? await build(resolve(path), building) : path);
    const { branch, moodle } = readAbout(opened.about).manifest;
    const version = releaseNames.find((name) => branchOf(name) === branch);
    if (version !== undefined) return { kind: "moodle", version, ...opened };
    throw new LabRefusal(
      `${path} is Moodle ${moodle}, which Warden does not know`,
      `take ${releaseNames.join(" or ")}`,
    );
  } catch (error) {
    throw error instanceof Refusal ? new LabRefusal(error.message.replaceAll("\n", "; "), error.mend) : error;
  }
}

/** As `warden moodle build` does it. @returns the archive */
async function build(tree: string, { output, tell }: Building): Promise<string> {
  const { buildRelease, pinned } = await import("@warden/moodle/release");
  tell(`builds a release of ${tree} (a minute)`);
  const { file, name } = await buildRelease(await pinned(tree), {
    sources: { beside: "/", fetch },
    output,
    tell: (step) => tell(`the release: ${step}`),
  });
  tell(`the release is ${name}`);
  return file;
}

export const notMoodle = (): Release => releaseOf("not-moodle", { ...application, "release.json": "{}" });

/** An archive as `warden moodle build` makes them: the same files always give the same bytes. */
export function releaseOf(version: string, files: Readonly<Record<string, string>>): NotMoodle {
  const attrs = { mtime: 0, uid: 0, gid: 0, user: "root", group: "root", mode: "644" };
  const tar = createTar(Object.entries(files).map(([name, data]) => ({ name, data, attrs })));
  const archive = gzipSync(tar);
  const digest = createHash("sha256").update(archive).digest("hex");
  return { kind: "not-moodle", name: `${version}-${digest.slice(0, 32)}`, archive };
}

/** To where nodes fetch it, and for a Moodle beside it what it is: by that an upgrade is planned. */
export async function putRelease(release: Release, options: S3ClientConfig, bucket: string): Promise<void> {
  if (release.kind === "moodle") return releaseStore(options, bucket).put(release);
  const { name, archive } = release;
  await new S3Client(options).send(new PutObjectCommand({ Bucket: bucket, Key: releaseKey(name), Body: archive }));
}
