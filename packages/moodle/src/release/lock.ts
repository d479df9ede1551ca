/**
 * `moodle.lock`: what a release of a site is made of. Moodle itself and each plugin, with where it comes from, its
 * version and the SHA-256 of what comes from there. Whoever builds from the same lock gets the same bytes.
 */
import { mapping, type ReadText, readText, text } from "@warden/yaml";
import * as z from "zod";

export interface Lock {
  readonly moodle: Pinned;
  /** By the plugin's full name, as `mod_attendance`. */
  readonly plugins: Readonly<Record<string, PinnedPlugin>>;
}

export interface Pinned {
  /** An https address, or a path beside the lock: an archive (.tgz, .tar.gz, .zip) or a directory. */
  readonly source: string;
  readonly version: string;
  /** Of the archive's bytes; of a directory see `digestOf`. */
  readonly sha256: string;
}

export interface PinnedPlugin extends Pinned {
  /** Where it has to come to lie, below the root of the code; where Moodle looks for it unless given. */
  readonly path?: string | undefined;
}

export const readLock = (written: string): ReadText<Lock> =>
  readText(written, { schema: lockSchema, nonsense: () => [] });

const source = text(
  /^(?:https:\/\/[A-Za-z0-9.-]+(?::\d+)?\/[^\s\\]*|[A-Za-z0-9._/-]+)$/,
  "an https address, or the path of an archive (.tgz, .tar.gz, .zip) or a directory",
);
const sha256 = text(/^[0-9a-f]{64}$/, "64 hexadecimal digits: `warden moodle build` tells what it found");
const path = text(/^(?!.*\.\.)[a-z][a-z0-9_./-]*[a-z0-9_]$/, "a path below the root of the code, as public/mod/quiz");
const pluginName = z
  .string()
  .regex(/^[a-z][a-z0-9]*_[a-z][a-z0-9_]{0,99}$/, { error: "a plugin's full name, as mod_quiz" });

/** Moodle names its releases, plugins have a number of ten digits and sometimes a fraction. */
const moodle = mapping({ source, version: text(/^\d+\.\d+(?:\.\d+)?\+?$/, 'a release in quotes, as "5.1.6"'), sha256 });
const plugin = mapping({
  source,
  version: text(/^\d{8,12}(?:\.\d{1,2})?$/, "the version in quotes, as its version.php has it"),
  sha256,
  path: path.optional(),
});

const lockSchema = mapping({
  moodle,
  plugins: z.record(pluginName, plugin, { error: "a mapping of plugins to where they come from" }).default({}),
});
