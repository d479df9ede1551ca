import fs, { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

/** Would also make the SDK throw wherever it were believed: neither number, mode nor boolean. */
const unreadable =
  "max_attempts = many\nretry_mode = never\nuse_dualstack_endpoint = perhaps\nuse_fips_endpoint = perhaps\nregion = xx-none-1\n";

let folder: string;
const server = createServer();
const authorizations: (string | undefined)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "warden-"));
  await writeFile(join(folder, "config"), `[default]\n${unreadable}`);
  await writeFile(join(folder, "credentials"), `[default]\naws_access_key_id = SECRETKEY\n${unreadable}`);
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
  vi.stubEnv("AWS_ACCESS_KEY_ID", "ENVIRONMENTKEY");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_MAX_ATTEMPTS", "many");
  vi.stubEnv("AWS_PROFILE", "missing");
  server.on("request", (request, response) => {
    if (request.method === "POST") authorizations.push(request.headers.authorization);
    response.writeHead(400, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "1" });
    response.end(JSON.stringify({ __type: "ParameterNotFound" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

it("shows an endpoint on this machine no credential of the machine, and needs none of its files", async () => {
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const target = { stage: "local", endpoint, local: true, region: "eu-west-1", profile: undefined };
  // Watched before the SDK is loaded, so that it gets the watched one.
  const reads = vi.spyOn(fs, "readFile");
  const { reach } = await import("../src/reach.ts");
  await expect(reach(target, () => Date.now())).rejects.toMatchObject({ name: "NoDeployment" });
  expect(reads.mock.calls.map(([path]) => String(path)).filter((path) => path.startsWith(folder))).toEqual([]);
  expect(authorizations).toHaveLength(1);
  expect(authorizations[0]).toContain("Credential=local/");
  expect(authorizations[0]).toContain("/eu-west-1/ssm/");
});
