import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const bundles = fileURLToPath(new URL("../src/bundles.ts", import.meta.url));

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "test-bundles-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

/** Runs `ending` in a process of its own, once the functions are bundled. @returns its exit status and what it printed */
function bundleAnd(ending: string) {
  const script = `import { bundleFunctions } from ${JSON.stringify(bundles)};
    import { readdirSync } from "node:fs";
    import { tmpdir } from "node:os";
    const bundles = await bundleFunctions();
    console.log(readdirSync(tmpdir()).length);
    ${ending}`;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], TMPDIR: temporary },
  });
  return { status, stdout: stdout.trim() };
}

it("takes its folder away when asked", () => {
  expect(bundleAnd("await bundles.remove(); process.exitCode = readdirSync(tmpdir()).length;")).toEqual({
    status: 0,
    stdout: "1",
  });
  expect(readdirSync(temporary)).toEqual([]);
});

it("takes its folder away when the process ends without asking", () => {
  expect(bundleAnd("process.exit(130);")).toEqual({ status: 130, stdout: "1" });
  expect(readdirSync(temporary)).toEqual([]);
});

it("bundles of zod only zod/mini and one language", () => {
  const { status, stdout } = bundleAnd(`
    const { readFileSync } = await import("node:fs");
    const sources = Object.keys(bundles.sizes).flatMap(
      (entry) => JSON.parse(readFileSync(bundles.folderOf(entry) + "/index.mjs.map", "utf8")).sources,
    );
    const parts = sources.flatMap((source) => source.match(/zod\\/v\\d\\/(?!core\\/|mini\\/).*/) ?? []);
    console.log([...new Set(parts)].sort().join(" "));
    await bundles.remove();`);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "1\nzod/v4/locales/en.js" });
});
