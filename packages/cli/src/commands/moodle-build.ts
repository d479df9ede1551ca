/** `warden moodle build`: from `moodle.lock` to a release, one archive that every node unpacks. */
import { dirname, resolve } from "node:path";
import type { Release } from "@warden/moodle/release";
import type { WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import { textOf, unusable } from "../file.ts";

export interface MoodleBuildFlags {
  /** A directory. */
  readonly output: string;
  readonly json: boolean;
}

export async function moodleBuild(context: WardenContext, flags: MoodleBuildFlags, file: string): Promise<Status> {
  const { buildRelease, readLock, Refusal } = await import("@warden/moodle/release");
  const { problemInWords } = await import("@warden/yaml");
  const read = readLock(await textOf(file, "name a moodle.lock: what Moodle and its plugins are made of"));
  if (!read.ok) throw unusable("The lock", file, read.problems.map(problemInWords));
  try {
    const release = await buildRelease(read.value, {
      sources: { beside: dirname(resolve(file)), fetch },
      output: resolve(flags.output),
      tell: (step) => context.err.write(`${step}\n`),
    });
    context.out.write(`${flags.json ? JSON.stringify({ v: 1, ...release }) : summary(release)}\n`);
    return status.done;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Problem(status.unwell, `No release was built: ${error.message.replaceAll("\n", "; ")}`, error.mend);
  }
}

function summary({ name, digest, size, file, manifest }: Release): string {
  const plugins = Object.entries(manifest.plugins).map(([plugin, { version }]) => `${plugin} ${version}`);
  return [
    `Release    ${name}`,
    `Moodle     ${manifest.moodle}`,
    `Plugins    ${plugins.length === 0 ? "none but Moodle's own" : plugins.join(", ")}`,
    `Versions   ${manifest.versionsHash}`,
    `Digest     ${digest}`,
    `Archive    ${file} (${Math.ceil(size / 1e6)} MB, ${manifest.files} files)`,
  ].join("\n");
}
