/** SST's own command, without AWS: builds the config and each function as a deployment would, and writes the types of links. */
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functions } from "../../../functions/catalogue.ts";
import { pretendAccount } from "./pretended-account.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const types = join(root, "sst-env.d.ts");
const committed = existsSync(types) ? readFileSync(types, "utf8") : "";
let said: { readonly status: number | null; readonly text: string };
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "warden-sst-"));
  // A bundle of an earlier run would pass for one of this.
  rmSync(join(root, ".sst/artifacts"), { recursive: true, force: true });
  const bin = join(home, "sst/bin");
  mkdirSync(bin, { recursive: true });
  cpSync(join(import.meta.dirname, "pretended-pulumi.mjs"), join(bin, "pulumi"));
  chmodSync(join(bin, "pulumi"), 0o755);
  const account = await pretendAccount();
  try {
    said = await run(["diff", "--stage", "ci"], { XDG_CONFIG_HOME: home, AWS_ENDPOINT_URL: account.endpoint });
  } finally {
    await account.close();
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("sst diff", () => {
  it("comes to its end", () => expect(said, said.text).toMatchObject({ status: 0 }));

  it.each(functions)("bundles $name, no larger than 600 kB", ({ name }) => {
    const title = name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const folder = join(root, ".sst/artifacts", `${title}-src`);
    const { size } = statSync(join(folder, "bundle.mjs"));
    console.info(`${name}: ${Math.round(size / 1_000)} kB`);
    expect(size).toBeLessThan(600_000);
  });

  it("writes the types of links that are committed", () => expect(readFileSync(types, "utf8")).toBe(committed));
});

function run(words: readonly string[], environment: Record<string, string>): Promise<typeof said> {
  const child = spawn(join(root, "node_modules/.bin/sst"), words, {
    cwd: root,
    env: {
      ...process.env,
      ...{ SST_SKIP_DEPENDENCY_CHECK: "1", SST_NO_BUN: "1", SST_TELEMETRY_DISABLED: "1" },
      ...{ AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none", AWS_REGION: "eu-west-1" },
      PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
      WARDEN_PRETENDED_AWS: new URL("../pretended-aws.ts", import.meta.url).href,
      ...environment,
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (text += data.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, text }));
  });
}
