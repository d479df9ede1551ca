/** Builds a release: from a lock to one archive, which nodes unpack and switch to. */
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeArchive } from "./archive.ts";
import { assemble } from "./assemble.ts";
import { billOfMaterials } from "./bill.ts";
import type { Code } from "./code.ts";
import type { Lock } from "./lock.ts";
import type { ReleaseManifest } from "./manifest.ts";
import type { Sources } from "./source.ts";

export interface Release {
  /** `5.1.6-0f3a…`: Moodle's version and the first half of the digest, by which nodes fetch and check it. */
  readonly name: string;
  readonly digest: string;
  readonly size: number;
  readonly file: string;
  readonly manifest: ReleaseManifest;
}

export interface Building {
  readonly sources: Omit<Sources, "workspace">;
  /** Where the archive is put. */
  readonly output: string;
  readonly tell: (step: string) => void;
}

/** @throws Refusal with what somebody can do */
export async function buildRelease(lock: Lock, { sources, output, tell }: Building): Promise<Release> {
  await mkdir(output, { recursive: true });
  const workspace = await mkdtemp(join(output, ".build-"));
  try {
    const { files, code } = await assemble(lock, { ...sources, workspace }, tell);
    const manifest = manifestOf(lock, code, files.length);
    const extra = {
      "release.json": `${JSON.stringify(manifest, undefined, 2)}\n`,
      "bill-of-materials.json": billOfMaterials(lock, code),
    };
    const archive = join(workspace, "release.tar.gz");
    tell(`writes ${files.length} files`);
    const { digest, size } = await writeArchive(archive, files, extra, (done) => {
      if (done % 5_000 === 0) tell(`${done} of ${files.length} files`);
    });
    const name = `${lock.moodle.version.replace("+", "")}-${digest.slice(0, 32)}`;
    const file = join(output, `${name}.tar.gz`);
    await rename(archive, file);
    return { name, digest, size, file, manifest };
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

function manifestOf(lock: Lock, { release, branch, hash, plugins }: Code, files: number): ReleaseManifest {
  const ours = plugins.filter(({ name }) => name in lock.plugins);
  return {
    v: 1,
    moodle: release,
    branch,
    versionsHash: hash,
    files,
    plugins: Object.fromEntries(ours.map(({ name, version, path }) => [name, { version: version ?? "", path }])),
  };
}
