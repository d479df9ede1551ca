/** A world that really runs: `warden up` as a user starts it, talked to by the programs a user has. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { eventually, Impossible } from "./eventually.ts";
import { awsCommandLine, type Python } from "./judges.ts";
import { isListenedOn, type ListeningPort, portsOf, processesOfSession, type RunningProcess } from "./processes.ts";
import { type Ended, run } from "./run.ts";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
/** npm keeps its own compiled code among the temporary files. */
const npmsCache = "node-compile-cache";
const wardenMain = join(root, "packages/cli/src/main.ts");

export interface WorldOptions {
  /** Further words for `warden up`. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** As the README says it, or without npm between. */
  readonly through?: "npm" | "node";
  /** Tells a story instead of printing one line of JSON. */
  readonly story?: boolean;
  /** A program that runs it: strace with its own words. */
  readonly before?: readonly string[];
  /** False: returns at once, with an endpoint that may not answer yet. */
  readonly awaitReady?: boolean;
}

export interface World {
  readonly endpoint: string;
  readonly port: number;
  /** All that it printed so far. */
  readonly printed: () => string;
  /** Milliseconds from the start of the process until it said that it is ready. */
  readonly readyAfter: number;
  readonly startedAt: number;
  readonly processes: () => RunningProcess[];
  readonly ports: () => ListeningPort[];
  readonly temporaryFiles: () => string[];
  /** What the AWS CLI answers, read from its JSON; undefined where it prints nothing. Fails unless it exits with 0. */
  aws(...words: string[]): Promise<unknown>;
  /** The same with `--output text`: ids to go on with. */
  awsText(...words: string[]): Promise<string>;
  /** Whatever it does, its status and texts. */
  awsEnded(...words: string[]): Promise<Ended>;
  warden(...words: string[]): Promise<Ended>;
  boto(python: Python, script: string, ...words: string[]): Promise<Ended>;
  /** The environment in which a client finds this world by AWS_ENDPOINT_URL alone. */
  readonly clientEnvironment: Readonly<Record<string, string>>;
  /** Ctrl-C, and proof that nothing stays. */
  stop(): Promise<void>;
  interrupt(): void;
  interruptIfThere(): void;
  ended(): Promise<number | undefined>;
  /** Whatever state it is in: for the end of a test that failed. */
  kill(): void;
  /** That no process, port or temporary file of it is left. */
  expectNothingLeft(): Promise<void>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const [port, consolePort] = [await freePort(), await freePort()];
  const home = await mkdtemp(join(tmpdir(), "test-home-"));
  const temporary = await mkdtemp(join(tmpdir(), "test-world-"));
  const given = options.flags ?? [];
  const flags = [
    ...(given.includes("--port") ? [] : ["--port", String(port)]),
    "--console-port",
    String(consolePort),
    ...given,
  ];
  if (options.story !== true) flags.push("--json");
  const command =
    options.through === "npm"
      ? ["npm", "start", "--silent", "--", ...flags]
      : [...(options.before ?? []), process.execPath, wardenMain, "up", ...flags];
  const [program = "", ...words] = command;

  const startedAt = Date.now();
  const child = spawn(program, words, {
    cwd: root,
    // A session of its own: `kill` of its group is what Ctrl-C in a terminal does, and /proc tells who belongs to it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: home, TMPDIR: temporary, ...options.environment },
  });
  const leader = child.pid ?? 0;
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  }
  const end = endOf(child);
  const endpoint = options.awaitReady === false ? `http://127.0.0.1:${port}` : await ready(() => printed, end);
  const readyAfter = Date.now() - startedAt;
  const seen = { ports: [] as ListeningPort[] };

  const base = { PATH: process.env["PATH"] ?? "", HOME: home, TMPDIR: tmpdir() };
  const credentials = {
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_PAGER: "",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const clientEnvironment = { ...base, ...credentials, AWS_ENDPOINT_URL: endpoint };

  const awsEnded = (...words: string[]): Promise<Ended> =>
    run(awsCommandLine, ["--endpoint-url", endpoint, ...words], { environment: { ...base, ...credentials } });

  const processes = (): RunningProcess[] => processesOfSession(leader);
  const ports = (): ListeningPort[] => portsOf(processes());

  function interrupt(): void {
    seen.ports = ports();
    process.kill(-leader, "SIGINT");
  }

  function interruptIfThere(): void {
    if (processes().length > 0) process.kill(-leader, "SIGINT");
  }

  async function expectNothingLeft(): Promise<void> {
    const left = async () => ({
      processes: processesOfSession(leader),
      ports: seen.ports.filter((each) => isListenedOn(each.port)),
      files: (await readdir(temporary)).filter((name) => name !== npmsCache),
      home: (await readdir(home)).filter((name) => name !== ".npm"),
    });
    const nothing = { processes: [], ports: [], files: [], home: [] };
    // npm ends before what it started does.
    await eventually("nothing of it is left", 5_000, async () => isDeepStrictEqual(await left(), nothing)).catch(
      () => {},
    );
    expect(await left()).toEqual(nothing);
  }

  return {
    endpoint,
    port,
    printed: () => printed,
    readyAfter,
    startedAt,
    processes,
    ports,
    temporaryFiles: () => readdirSync(temporary),
    clientEnvironment,
    awsEnded,
    async aws(...words) {
      const { stdout } = done(await awsEnded("--output", "json", ...words));
      return stdout.trim() === "" ? undefined : JSON.parse(stdout);
    },
    async awsText(...words) {
      return done(await awsEnded("--output", "text", ...words)).stdout.trim();
    },
    warden: (...words) =>
      run(process.execPath, [wardenMain, ...words], { environment: { ...base, AWS_ENDPOINT_URL: endpoint } }),
    boto: (python, script, ...words) =>
      run(python.program, [fileURLToPath(new URL(`../boto3/${script}`, import.meta.url)), endpoint, ...words], {
        environment: { ...base, AWS_EC2_METADATA_DISABLED: "true" },
      }),
    interrupt,
    interruptIfThere,
    kill() {
      if (processes().length > 0) process.kill(-leader, "SIGKILL");
    },
    ended: () => end,
    expectNothingLeft,
    async stop() {
      if (processes().length === 0) return;
      interrupt();
      const status = await Promise.race([end, sleep(15_000, "still running" as const)]);
      if (status === "still running") process.kill(-leader, "SIGKILL");
      try {
        // npm passes the signal on to itself when its script has ended.
        if (options.through !== "npm") expect(status, printed).toBe(0);
        await expectNothingLeft();
      } finally {
        await rm(home, { recursive: true, force: true });
        await rm(temporary, { recursive: true, force: true });
      }
    },
  };
}

function done(ended: Ended): Ended {
  expect(ended.status, ended.stderr).toBe(0);
  return ended;
}

const endOf = (child: ChildProcess): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? undefined));
  });

/** @returns the endpoint that it names, in its line of JSON or in its story */
async function ready(printed: () => string, end: Promise<number | undefined>): Promise<string> {
  let ended: { status: number | undefined } | undefined;
  void end.then((status) => {
    ended = { status };
  });
  return eventually("warden up says that it is ready", 60_000, () => {
    const [, endpoint] =
      /"ready":true,"endpoint":"([^"]+)"/.exec(printed()) ?? /^Ready: AWS answers at (\S+)/m.exec(printed()) ?? [];
    if (endpoint === undefined && ended !== undefined) {
      throw new Impossible(`warden up ended with ${ended.status}: ${printed()}`);
    }
    return endpoint;
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
