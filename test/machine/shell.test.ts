/** The node's shell programs, as shellcheck reads them, and as a person does: short files that say what they are for. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ended } from "@warden/lab/processes";
import { imageOf, recipeOf, userData } from "@warden/moodle/image";
import { readSiteConfiguration } from "@warden/moodle/site";
import { afterAll, describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../packages/moodle/node/", import.meta.url));
const sourced = readdirSync(`${folder}lib`).filter((name) => name.endsWith(".sh"));

it("are what shellcheck finds nothing in, with no check switched off", () => {
  const programs = ["warden-node", "watcher", "install.sh"].map((name) => folder + name);
  expect(
    ended("shellcheck", ["--check-sourced", "--external-sources", `--source-path=${folder}`, ...programs]),
  ).toEqual({
    status: 0,
    stdout: "",
  });
  for (const name of sourced) expect(readFileSync(`${folder}lib/${name}`, "utf8")).not.toContain("shellcheck disable");
});

describe("scripts that make an image", () => {
  const folder = mkdtempSync(join(tmpdir(), "warden-shell-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const belongs = {
    ...{ group: "a-group", region: "eu-west-1", bucket: "a-bucket", launchHook: "a-hook" },
    ...{ urgentQueueUrl: "https://sqs.example/a-queue", lastGood: "/warden/a-site/a-group/last-good" },
  };

  const school = readSiteConfiguration(
    readFileSync(fileURLToPath(new URL("../../packages/moodle/example/school.yaml", import.meta.url)), "utf8"),
  );
  if (!school.ok) throw new Error(JSON.stringify(school.problems));
  const site = school.value;
  const onDebian = { ...site, nodes: { ...site.nodes, platform: "debian" as const } };
  const nfs = { nfs: "files.school.example", export: "/moodle", directory: "/srv/moodledata" };

  it.each([
    ["on Amazon Linux", site, recipeOf(site)],
    ["on Debian", onDebian, recipeOf(onDebian)],
    ["on Debian with NFS", onDebian, recipeOf({ ...onDebian, files: nfs })],
    ["in the lab", onDebian, recipeOf(onDebian, "lab")],
  ])("%s are such, too", (_, its, recipe) => {
    const image = imageOf(recipe);
    for (const script of [image.files[0]?.text ?? "", userData(its, belongs, image)]) {
      const path = join(folder, "script.sh");
      writeFileSync(path, script);
      expect(script).toMatch(/^#!\/bin\/sh\n/);
      expect(script).not.toContain("shellcheck disable");
      expect(ended("shellcheck", [path])).toEqual({ status: 0, stdout: "" });
    }
  });
});

it.each(sourced)("%s begins with what it is for, and is short", (name) => {
  const lines = readFileSync(`${folder}lib/${name}`, "utf8").split("\n");
  expect(lines[0]).toMatch(/^# .{20}/);
  expect(lines.length).toBeLessThan(200);
});
