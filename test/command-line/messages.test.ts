/** How the command fails: one sentence with the cause and the mend, and a status that a script can tell apart. */
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { nodesInService } from "./support/fleet.ts";
import { awsJudge, judgedBy } from "./support/judges.ts";
import { type Ended, run } from "./support/run.ts";
import { freePort, root, startWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  // Four times as fast, the first sweep runs after 15 s.
  world = await startWorld({ flags: ["--speed", "4"] });
  await nodesInService(world, 2);
});
afterAll(async () => world?.stop());

/** `warden` with an environment of its own. */
const warden = (words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  run(process.execPath, [join(root, "packages/cli/src/main.ts"), ...words], {
    environment: {
      PATH: process.env["PATH"] ?? "",
      HOME: "/nonexistent",
      AWS_ENDPOINT_URL: world.endpoint,
      ...environment,
    },
  });

const errorSchema = z.strictObject({
  error: z.strictObject({ message: z.string(), mend: z.string(), status: z.number() }),
});

/** Both forms of a failure say the same: one sentence on standard error, nothing on standard output. */
async function expectFailure(
  words: readonly string[],
  expected: { readonly status: number; readonly says: RegExp },
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { status, stdout, stderr } = await warden(words, environment);
  expect([status, stdout], stderr).toEqual([expected.status, ""]);
  expect(stderr).toMatch(expected.says);
  expect(stderr).toMatch(/^[^\n]+: [^\n]+\.\n$/);
  expect(stderr).not.toMatch(/undefined|\[object|SyntaxError|TypeError| at \/|\.ts\b/);

  const json = await warden([...words, "--json"], environment);
  expect([json.status, json.stdout]).toEqual([expected.status, ""]);
  const { error } = errorSchema.parse(JSON.parse(json.stderr));
  expect(error.status).toBe(expected.status);
  expect(`${error.message}: ${error.mend}.\n`).toBe(stderr);
}

describe("a failure is one sentence, with its cause and its mend, and the status says which kind it is", () => {
  it.each<[string, string[], number, RegExp]>([
    ["a flag that does not exist", ["nodes", "--wachen"], 2, /^There is no flag --wachen: /],
    ["a flag that is nearly right", ["nodes", "--wathc"], 2, /^There is no flag --wathc: .*--watch/],
    ["a command that does not exist", ["frobnicate"], 2, /^There is no command frobnicate: /],
    [
      "a port that is no number",
      ["up", "--port", "x"],
      2,
      /^--port cannot be "x": give it a whole number from 0 to 65535\.$/m,
    ],
    ["a timing that does not exist", ["up", "--timing", "slow"], 2, /^--timing cannot be "slow": .*quick or aws/],
    ["an id that is missing", ["drain"], 2, /^The ID is missing: /],
    ["an id that is none", ["drain", "nonsense"], 2, /^"nonsense" is no instance id: .*`warden nodes` lists them/],
    ["an id too many", ["drain", "i-0123456789abcdef0", "i-0123456789abcdef1"], 2, /one too many/],
    [
      "a time-out that is none",
      ["drain", "i-0123456789abcdef0", "--wait", "--timeout", "soon"],
      2,
      /^--timeout cannot be "soon": /,
    ],
    [
      "a site that does not exist",
      ["nodes", "--site", "nobody"],
      2,
      /^There is no site nobody: the only one is moodle\.$/m,
    ],
    [
      "a node that does not exist",
      ["drain", "i-0123456789abcdef0"],
      2,
      /^There is no node i-0123456789abcdef0 in site moodle: `warden nodes` lists them\.$/m,
    ],
    [
      "a node nobody ever knew",
      ["explain", "i-0123456789abcdef0"],
      1,
      /^Nobody knows i-0123456789abcdef0 in site moodle/,
    ],
    [
      "a stage that is not deployed",
      ["nodes", "--stage", "other"],
      3,
      /^There is no deployment of stage other .*--stage/,
    ],
  ])("%s", async (_, words, status, says) => {
    await expectFailure(words, { status, says });
  });

  it("a port that is taken", async () => {
    const words = ["up", "--port", String(world.port), "--console-port", String(await freePort())];
    const sentence = `Port ${world.port} is taken by another program: end that one, or choose another port with --port ${world.port + 1}.\n`;
    // The story has begun before the port turns out to be taken.
    const told = await warden(words);
    expect([told.status, told.stderr]).toEqual([3, sentence]);
    const json = await warden([...words, "--json"]);
    expect([json.status, json.stdout]).toEqual([3, ""]);
    const { error } = errorSchema.parse(JSON.parse(json.stderr));
    expect(`${error.message}: ${error.mend}.\n`).toBe(sentence);
  });

  it("an endpoint that is not there", async () => {
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${await freePort()}`;
    await expectFailure(
      ["nodes"],
      { status: 3, says: /^Nothing answers at http:\/\/127\.0\.0\.1:\d+: start a local one with `npm start`/ },
      { AWS_ENDPOINT_URL },
    );
  });

  it("an endpoint that is no address", async () => {
    await expectFailure(
      ["nodes"],
      { status: 2, says: /^AWS_ENDPOINT_URL is "localhost", which is no address: / },
      { AWS_ENDPOINT_URL: "localhost" },
    );
  });

  it("no endpoint, no Region and no credentials", async () => {
    await expectFailure(
      ["nodes"],
      { status: 2, says: /^No Region is set: name it with --region, or set AWS_REGION\.$/m },
      { AWS_ENDPOINT_URL: "" },
    );
  });

  describe("an endpoint that is something else than AWS", () => {
    let server: Server;
    let AWS_ENDPOINT_URL: string;
    const pages: Record<string, [number, string, string]> = {
      "a web page": [200, "text/html", "<!DOCTYPE html><html><body>It works!</body></html>"],
      "a page that says no": [404, "text/html", "<html><body>Not Found</body></html>"],
      "another program's JSON": [200, "application/json", '{"hello":"world"}'],
    };
    let page: [number, string, string] = [200, "", ""];

    beforeAll(async () => {
      server = createServer((request, response) => {
        request.resume();
        response.writeHead(page[0], { "content-type": page[1] }).end(page[2]);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      AWS_ENDPOINT_URL = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    });
    afterAll(() => void server.close());

    it.each(Object.keys(pages))("%s", async (name) => {
      page = pages[name] ?? page;
      await expectFailure(
        ["nodes"],
        { status: 3, says: new RegExp(`${AWS_ENDPOINT_URL}|AWS_ENDPOINT_URL`) },
        { AWS_ENDPOINT_URL },
      );
    });
  });
});

describe("a reader that has seen enough", () => {
  it("is no failure: warden nodes | head -1", async () => {
    const command = `set -o pipefail; ${process.execPath} ${join(root, "packages/cli/src/main.ts")} nodes | head -1`;
    const { status, stdout, stderr } = await run("/bin/bash", ["-c", command], {
      environment: { ...world.clientEnvironment },
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^INSTANCE +PHASE [^\n]*WHY\n$/);
  });

  it("is no failure: warden nodes --watch | head -1", async () => {
    const command = `${process.execPath} ${join(root, "packages/cli/src/main.ts")} nodes --watch | head -1`;
    const { status, stderr } = await run("/bin/bash", ["-c", command], {
      environment: { ...world.clientEnvironment },
      timeout: 60_000,
    });
    expect([status, stderr]).toEqual([0, ""]);
  });
});

describe("a client that hangs up in the middle of its request", () => {
  it("does no harm to the world", async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(world.port, "127.0.0.1", () => {
        socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nAction=");
        socket.destroy();
        resolve();
      });
    });
    expect((await world.warden("sites")).status).toBe(0);
  });
});

judgedBy(awsJudge, "warden doctor, after the AWS CLI broke something", () => {
  const aws = (command: string, ...more: string[]) => world.aws(...command.split(" "), ...more);

  async function expectWell(): Promise<void> {
    const { status, stdout, stderr } = await world.warden("doctor");
    expect(status, stdout + stderr).toBe(0);
  }

  async function expectNamed(...names: string[]): Promise<void> {
    const { status, stdout, stderr } = await world.warden("doctor");
    expect(status, stdout + stderr).toBe(1);
    for (const name of names) expect(stdout).toContain(name);
    const json = await world.warden("doctor", "--json");
    expect(json.status).toBe(1);
    expect(JSON.stringify(JSON.parse(json.stdout))).toContain(names[0]);
  }

  it("a healthy site: exits 0, once the first sweep has run", async () => {
    await eventually("the first sweep", 60_000, async () => {
      const { stdout } = await world.warden("sites", "--json");
      return !stdout.includes('"lastSweep":null');
    });
    await expectWell();
  });

  it("a rule that is disabled: exits 1 and names it", async () => {
    await aws("events disable-rule --name warden-local-launch-lifecycle-action");
    await expectNamed("warden-local-launch-lifecycle-action");
    await aws("events enable-rule --name warden-local-launch-lifecycle-action");
    await expectWell();
  });

  it("a grant that is gone: exits 1 and names the role", async () => {
    const name = "--role-name warden-local-reconcile-urgent --policy-name grants";
    const document = JSON.stringify(await aws(`iam get-role-policy ${name} --query PolicyDocument`));
    await aws(`iam delete-role-policy ${name}`);
    await expectNamed("reconcile-urgent");
    await aws(`iam put-role-policy ${name} --policy-document`, document);
    await expectWell();
  });

  it("a schedule that stands still: exits 1 and names it", async () => {
    await aws("events disable-rule --name warden-local-sweep-schedule");
    await expectNamed("warden-local-sweep-schedule");
    await aws("events enable-rule --name warden-local-sweep-schedule");
    await expectWell();
  });

  it("a function that may no longer run: exits 1 and names it", async () => {
    await aws(
      "lambda put-function-concurrency --function-name warden-local-heartbeat --reserved-concurrent-executions 0",
    );
    await expectNamed("function heartbeat");
    await aws(
      "lambda put-function-concurrency --function-name warden-local-heartbeat --reserved-concurrent-executions 1",
    );
    await expectWell();
  });

  it("a hook whose default would let an unverified node in: exits 1 and names it", async () => {
    const hook = "autoscaling put-lifecycle-hook --auto-scaling-group-name moodle --lifecycle-hook-name warden-launch";
    await aws(`${hook} --default-result CONTINUE`);
    await expectNamed("warden-launch");
    await aws(`${hook} --default-result ABANDON`);
    await expectWell();
  });
});
