/** An archive that `warden moodle build` made, wherever it was meanwhile: is it whole, and what is in it. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { sha256Of } from "./files.ts";
import { aboutText, readAbout } from "./manifest.ts";
import { Refusal } from "./refusal.ts";

export interface OpenedRelease {
  readonly name: string;
  /** SHA-256 of the archive, in hexadecimal. */
  readonly digest: string;
  readonly size: number;
  readonly file: string;
  /** Reads as `AboutRelease`. */
  readonly about: string;
}

/** By its name a node fetches and checks it: the last 32 digits are the first half of the archive's digest. */
export const releaseName = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,94}-([0-9a-f]{32})$/;

/** @throws Refusal when its name does not stand for its bytes, or it is no release */
export async function openRelease(file: string): Promise<OpenedRelease> {
  const name = basename(file).replace(/\.tar\.gz$/, "");
  const [, named] = releaseName.exec(name) ?? [];
  if (named === undefined || name === basename(file))
    throw new Refusal(`${file} is not named as a release is`, "`warden moodle build` names it VERSION-DIGEST.tar.gz");
  const [digest, { size }] = await Promise.all([sha256Of(file), stat(file)]);
  if (!digest.startsWith(named)) {
    throw new Refusal(
      `${file} has the SHA-256 ${digest}, and its name says ${named}…`,
      "it changed on its way: build it again, or copy it again",
    );
  }
  return { name, digest, size, file, about: await aboutIn(file) };
}

async function aboutIn(file: string): Promise<string> {
  const noRelease = new Refusal(
    `${file} holds no release that this Warden can read`,
    "`warden moodle build` makes one",
  );
  try {
    const texts = await firstFiles(file);
    const [manifest, bill] = [texts.get("release.json"), texts.get("bill-of-materials.json")];
    if (manifest === undefined || bill === undefined) throw noRelease;
    const about = aboutText({ manifest, bill });
    readAbout(about);
    return about;
  } catch {
    throw noRelease;
  }
}

/** They come before all others, so that nobody has to unpack the rest. */
async function firstFiles(file: string): Promise<ReadonlyMap<string, string>> {
  const tar = extract();
  // Nobody wants the rest of it: that the reader leaves early is no failure.
  const read = pipeline(createReadStream(file), createGunzip(), tar).catch((error: Error) => tar.destroy(error));
  const texts = new Map<string, string>();
  for await (const entry of tar) {
    if (entry.header.name !== "release.json" && entry.header.name !== "bill-of-materials.json") break;
    texts.set(entry.header.name, await text(entry));
  }
  await read;
  return texts;
}
