/** Starting and ending: `npm start` on a machine that has credentials of its own, which are none of its business. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "./support/eventually.ts";
import { members } from "./support/fleet.ts";
import { awsJudge, judgedBy } from "./support/judges.ts";
import { run } from "./support/run.ts";
import { freePort, root, startWorld, type World } from "./support/world.ts";

judgedBy(awsJudge, "npm start", () => {
  let world: World;
  let twoInService: number;

  beforeAll(async () => {
    world = await startWorld({ through: "npm", story: true });
    await eventually("two nodes are in service", 60_000, async () => {
      const states = [...(await members(world)).values()];
      return states.length === 2 && states.every((state) => state === "InService");
    });
    twoInService = Date.now() - world.startedAt;
    console.info(`ready after ${world.readyAfter} ms, two nodes in service after ${twoInService} ms`);
  });
  afterAll(async () => world?.stop());

  it("has two nodes in service within 20 s", () => {
    expect(twoInService).toBeLessThan(20_000);
  });

  it("tells the story line by line: who, what, and when since the start", async () => {
    await eventually("the story tells that both nodes are in service", 10_000, () => {
      return (world.printed().match(/ warden +i-[0-9a-f]{17} in-service: /g) ?? []).length === 2;
    });
    const story = world.printed().split("\n");
    const id = / ec2 +(i-[0-9a-f]{17}) is pending$/m.exec(world.printed())?.[1] ?? "";
    const ofOneNode = story.filter((line) => line.includes(id)).map((line) => line.replace(/^ *\d+:\d\d\.\d +/, ""));
    const expected = [
      /^ec2 +\S+ is pending$/,
      /^ec2 +\S+ is running$/,
      /^autoscaling +\S+ waits at warden-launch$/,
      /^warden +\S+ bootstrapping: /,
      /^warden +\S+ verifying: /,
      /^warden +\S+ joining: verified for release \S+, configuration \S+: CONTINUE$/,
      /^autoscaling +\S+ is in the group$/,
    ];
    const places = expected.map((pattern) => ofOneNode.findIndex((line) => pattern.test(line)));
    for (const [index, at] of places.entries())
      expect(at, `${expected[index]} in ${ofOneNode.join("\n")}`).toBeGreaterThanOrEqual(0);
    // Each service tells its own part in order; which of two is heard first is left to them, as on AWS.
    const [pending = 0, running, waits = 0, , , , joined] = places;
    expect(pending).toBe(Math.min(...places));
    expect(running).toBeGreaterThan(pending);
    expect(joined).toBeGreaterThan(waits);
    expect(story.filter((line) => /defect|Error\b/.test(line))).toEqual([]);
    expect(world.printed()).toContain(`export AWS_ENDPOINT_URL=${world.endpoint}`);
  });

  it("listens on loopback only, with every one of its processes", () => {
    const addresses = new Set(world.ports().map(({ address }) => address));
    expect([...addresses]).toEqual(["127.0.0.1"]);
    expect(world.ports().map(({ port }) => port)).toContain(world.port);
  });

  it("leaves no process, port or file behind after Ctrl-C", async () => {
    expect(world.processes().length).toBeGreaterThan(1);
    await world.stop();
  });
});

describe("Ctrl-C twice", () => {
  // 130 is what a shell reports for a program that Ctrl-C ended; undefined, that the signal itself ended it.
  const ended = [0, 130, undefined];

  it.each([0, 5, 30])("is harmless %i ms apart: nothing stays, whichever of them ends it", async (pause) => {
    const world = await startWorld();
    onTestFinished(world.kill);
    world.interrupt();
    await sleep(pause);
    world.interruptIfThere();
    expect(ended).toContain(await world.ended());
    await world.expectNothingLeft();
  });

  it("is harmless while it still starts", async () => {
    const world = await startWorld({ awaitReady: false });
    onTestFinished(world.kill);
    await eventually("it has begun to bundle", 10_000, () =>
      world.temporaryFiles().some((name) => name.startsWith("warden-")),
    );
    world.interrupt();
    await sleep(50);
    world.interruptIfThere();
    expect(ended).toContain(await world.ended());
    await world.expectNothingLeft();
  });

  it("once, while it still starts, leaves nothing behind either", async () => {
    const world = await startWorld({ awaitReady: false });
    onTestFinished(world.kill);
    await eventually("it has begun to bundle", 10_000, () =>
      world.temporaryFiles().some((name) => name.startsWith("warden-")),
    );
    world.interrupt();
    expect(ended).toContain(await world.ended());
    await world.expectNothingLeft();
  });

  it("once, in any of the milliseconds in which esbuild's process starts, leaves nothing behind either", async () => {
    for (let pause = 0; pause <= 24; pause += 2) {
      const world = await startWorld({ awaitReady: false });
      onTestFinished(world.kill);
      await eventually("it has begun to bundle", 10_000, () =>
        world.temporaryFiles().some((name) => name.startsWith("warden-")),
      );
      await sleep(pause);
      world.interrupt();
      expect(ended).toContain(await world.ended());
      await world.expectNothingLeft();
    }
  });
});

describe("the machine's own AWS account", () => {
  let trap: Server;
  let trapped: string[];
  let home: string;

  beforeAll(async () => {
    trapped = [];
    trap = createServer((request, response) => {
      trapped.push(`${request.method} ${request.url}`);
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
    home = await mkdtemp(join(tmpdir(), "test-home-"));
    await mkdir(join(home, ".aws"));
    // Whoever reads the first never comes back; whoever obeys the second leaves a trace.
    await run("mkfifo", [join(home, ".aws/credentials")], { environment: { PATH: process.env["PATH"] ?? "" } });
    await writeFile(
      join(home, ".aws/config"),
      `[default]\nregion = mars-north-1\ncredential_process = /usr/bin/touch ${join(home, "obeyed")}\n`,
    );
  });
  afterAll(async () => {
    trap.close();
    await rm(home, { recursive: true, force: true });
  });

  it("is neither read nor called: ~/.aws and AWS_* change nothing", async () => {
    const address = trap.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const world = await startWorld({
      environment: {
        HOME: home,
        AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY: "real",
        AWS_SESSION_TOKEN: "real",
        AWS_PROFILE: "there-is-no-such-profile",
        AWS_REGION: "mars-north-1",
        AWS_DEFAULT_REGION: "mars-north-1",
        AWS_ENDPOINT_URL: url,
        AWS_ENDPOINT_URL_SQS: url,
        AWS_ENDPOINT_URL_DYNAMODB: url,
        HTTP_PROXY: url,
        HTTPS_PROXY: url,
      },
    });
    onTestFinished(world.kill);
    await eventually("a node is in service", 60_000, async () => {
      const { stdout } = await world.warden("nodes", "--json");
      return stdout.includes('"phase":"in-service"');
    });
    expect(world.printed()).toContain('"region":"eu-west-1"');
    const asked = await run(
      process.execPath,
      [join(root, "packages/cli/src/main.ts"), "nodes", "--profile", "nobody"],
      {
        environment: {
          PATH: process.env["PATH"] ?? "",
          HOME: home,
          AWS_PROFILE: "nobody",
          AWS_ENDPOINT_URL: world.endpoint,
        },
        timeout: 20_000,
      },
    );
    expect(asked.status, asked.stderr).toBe(0);
    expect(trapped).toEqual([]);
    expect(existsSync(join(home, "obeyed"))).toBe(false);
    await world.stop();
  });

  const strace = existsSync("/usr/bin/strace") ? undefined : "there is no /usr/bin/strace";
  if (strace !== undefined) console.warn(`NOT RUN: the system calls of warden up, judged by strace: ${strace}`);
  it.runIf(strace === undefined)("is not even looked for, as strace sees it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "test-strace-"));
    const log = join(folder, "log");
    const world = await startWorld({
      before: ["/usr/bin/strace", "-f", "-qq", "-e", "trace=openat,stat,readlink,access,statx,connect", "-o", log],
    });
    onTestFinished(world.kill);
    await eventually("a function has run", 60_000, async () => {
      const { stdout } = await world.warden("nodes", "--json");
      return stdout.includes('"phase":"verifying"') || stdout.includes('"phase":"in-service"');
    });
    await world.stop();
    const lines = (await readFile(log, "utf8")).split("\n");
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => line.includes(".aws/"))).toEqual([]);
    const elsewhere = lines.filter(
      (line) => /connect\(.*sin_addr=inet_addr/.test(line) && !line.includes('"127.0.0.1"'),
    );
    expect(elsewhere).toEqual([]);
    await rm(folder, { recursive: true, force: true });
  });
});

describe("warden up", () => {
  it("answers `--json` with one line, and nothing else", async () => {
    const port = await freePort();
    const world = await startWorld({ flags: ["--port", String(port)] });
    onTestFinished(world.kill);
    await world.stop();
    expect(JSON.parse(world.printed())).toEqual({
      ready: true,
      endpoint: `http://127.0.0.1:${port}`,
      console: expect.toSatisfy((console) => console === null || typeof console === "string"),
      region: "eu-west-1",
    });
  });
});
