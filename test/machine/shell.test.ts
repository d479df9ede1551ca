/** The node's shell programs, as shellcheck reads them, and as a person does: short files that say what they are for. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ended } from "../support/processes.ts";

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

it.each(sourced)("%s begins with what it is for, and is short", (name) => {
  const lines = readFileSync(`${folder}lib/${name}`, "utf8").split("\n");
  expect(lines[0]).toMatch(/^# .{20}/);
  expect(lines.length).toBeLessThan(200);
});
