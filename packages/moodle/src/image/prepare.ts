/**
 * The archive that makes a stock image a node's image: Warden's own programs for a node, and a script, `prepare.sh`, to run as root
 * on a machine or in a chroot: by EC2 Image Builder, by Packer, by hand, or by user data. The script is one text for all sites
 * (node/image/prepare.sh) below the recipe's data, so nothing of a site's configuration can become part of the program.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createTar } from "nanotar";
import type { Brought, Recipe } from "./recipe.ts";
import { shellList, shellValue } from "./shell.ts";

export interface Image {
  /** What `prepare.sh` leaves in /opt/warden/image: the same for the same recipe and programs. */
  readonly name: string;
  /** SHA-256 of the archive, in hexadecimal: Warden's bucket has it as `bundles/DIGEST.tar`. */
  readonly digest: string;
  readonly archive: Uint8Array;
  readonly files: readonly ImageFile[];
}

interface ImageFile {
  readonly name: string;
  readonly text: string;
}

export function imageOf(recipe: Recipe): Image {
  const programs = nodeFiles();
  const name = sha256(JSON.stringify([recipe, programText("prepare.sh"), programs])).slice(0, 32);
  const files = [{ name: "prepare.sh", text: prepareScript(recipe, name) }, ...programs];
  const attrs = { mtime: 0, uid: 0, gid: 0, user: "root", group: "root", mode: "600" };
  const archive = createTar(files.map((file) => ({ name: file.name, data: file.text, attrs })));
  return { name, digest: sha256(archive), archive, files };
}

function prepareScript({ manager, php, packages, masked, enabled, brought }: Recipe, name: string): string {
  const data = [
    shellValue("image", name),
    shellValue("manager", manager),
    shellValue("php", php.program),
    shellValue("fpm", php.fpm),
    shellList("with_packages", packages),
    shellList("with_masked", masked),
    shellList("with_enabled", enabled),
    shellList("with_brought", brought.flatMap(wordsOf)),
    shellList("with_extensions", php.extensions),
    shellList("with_extensions_of_cron", php.commandLine),
  ];
  return `#!/bin/sh\n${data.join("")}\n${programText("prepare.sh")}`;
}

/** Three words each. */
const wordsOf = (brought: Brought): string[] => [brought.package, brought.program, brought.unit];

/** A program that is the same for every site. */
export const programText = (name: string): string => readFileSync(new URL(`image/${name}`, folder), "utf8");

const folder = new URL("../../node/", import.meta.url);

/** Without the times and people of this machine, in an order of their own. */
function nodeFiles(): readonly ImageFile[] {
  const names = [...namesIn(""), ...namesIn("lib/")].sort();
  return names.map((name) => ({ name: `node/${name}`, text: readFileSync(new URL(name, folder), "utf8") }));
}

const namesIn = (below: string): readonly string[] =>
  readdirSync(new URL(below, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${below}${entry.name}`);

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
