/** Releases for a machine: archives as `warden moodle build` makes them, of the tests' own application. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { writeApplication } from "./application.ts";
import type { Node } from "./node.ts";

/**
 * @param changed what its code has besides, or in the place of the application's own
 * @param name in the place of the right one
 * @returns the name under which it is in Warden's bucket
 */
export async function uploadedRelease(
  own: Node,
  changed: Readonly<Record<string, string>>,
  name = "",
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "warden-release-"));
  writeApplication(folder, changed);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => relative(folder, join(each.parentPath, each.name)));
  const archive = execFileSync("tar", ["--create", "--gzip", "--no-recursion", "--directory", folder, ...files]);
  rmSync(folder, { recursive: true });
  const digest = createHash("sha256").update(archive).digest("hex").slice(0, 32);
  const full = name === "" ? `5.1.6-${digest}` : name;
  await own.region.putRelease(full, archive);
  return full;
}
