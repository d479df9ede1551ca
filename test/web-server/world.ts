/**
 * A web node of its own for a test: Debian's nginx and PHP-FPM with the files that Warden writes, on loopback and in one
 * temporary folder. The generated text is used as it is, but for the places. What is served is no Moodle, but small
 * scripts that tell what reached them, and files that say so when somebody could read them.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@warden/lab/processes";
import { bundleOf } from "@warden/moodle/bundle";
import { type ReleaseName, readSiteConfiguration, releases, type SiteConfiguration } from "@warden/moodle/site";
import { collected, sent } from "../support/agent.ts";
import { bundleText, type Moves } from "../support/bundle-text.ts";
import { nginxAround } from "../support/nginx-around.ts";
import { writeApplication, writeData } from "./application.ts";
import { type Answer, asked, askedRaw, type How } from "./http.ts";

export interface WebWorld {
  readonly folder: string;
  readonly port: number;
  /** Of releases on this node, what the web server may serve. */
  documentRoot(release: string): string;
  ask(path: string, how?: How): Promise<Answer>;
  /** Sends these bytes as they are, and goes when the answer begins. */
  askRaw(bytes: Buffer): Promise<string>;
  /** Makes all workers of the site busy until told otherwise. */
  occupyWorkers(): Promise<{ release(): Promise<readonly Answer[]> }>;
  /** As a deployment does it: the link is replaced in one step. */
  switchTo(release: string): void;
  /** What the two programs say about their files: `nginx -t` and `php-fpm -t`. */
  verdicts(): { readonly nginx: Verdict; readonly fpm: Verdict };
  readonly accessLog: string;
  /** What leaves the node of one of its logs, event by event. */
  shipped(log: string): readonly string[];
  stop(): Promise<void>;
}

export interface Verdict {
  readonly status: number | null;
  readonly said: string;
}

export interface Limits {
  readonly longestRequest: string;
}

/** As few as can all be busy. */
export const children = 2;
const fpmProgram = `/usr/sbin/${readdirSync("/usr/sbin").find((name) => /^php-fpm\d/.test(name)) ?? "php-fpm"}`;
const nginxProgram = "/usr/sbin/nginx";

export async function webWorld(release: ReleaseName, limits: Limits): Promise<WebWorld> {
  const folder = mkdtempSync(join(tmpdir(), "warden-web-"));
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map(ended));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await freePort();
    // The workers are not root.
    chmodSync(folder, 0o755);
    const { documentRoot } = releases[release];
    for (const name of ["one", "two"]) writeApplication(join(folder, "releases", name), documentRoot, name);
    symlinkSync("releases/one", join(folder, "current"));
    writeData(folder);
    writeSettings(folder, port, release, limits);
    const env = { ...process.env, PHP_INI_SCAN_DIR: `:${folder}/ini` };
    servers.push(started(fpmProgram, ["--nodaemonize", ...fpmFile(folder)], env));
    servers.push(started(nginxProgram, [...nginxFile(folder), "-g", "daemon off;"], env));
    await until(
      () => ["moodle.sock", "moodle-status.sock", "warden-ready.sock"].every((each) => existsSync(join(folder, each))),
      () => `PHP-FPM did not come up: ${outputOf(servers)}`,
    );
    const ask = (path: string, how: How = {}): Promise<Answer> => asked(port, path, how);
    await until(
      () => ask("/warden/requests").then(({ status }) => status === 200),
      () => `nginx did not come up: ${outputOf(servers)}`,
    );
    const logs = collected(readFileSync(join(folder, "agent.json"), "utf8"));
    return {
      folder,
      port,
      documentRoot: (name) => join(folder, "releases", name, documentRoot),
      ask,
      askRaw: (bytes) => askedRaw(port, bytes),
      occupyWorkers: () => occupied(folder, ask),
      switchTo(name) {
        symlinkSync(`releases/${name}`, join(folder, "next"));
        renameSync(join(folder, "next"), join(folder, "current"));
      },
      verdicts: () => ({
        nginx: verdict(nginxProgram, ["-t", ...nginxFile(folder)], env),
        fpm: verdict(fpmProgram, ["-t", ...fpmFile(folder)], env),
      }),
      accessLog: join(folder, "log/nginx/moodle.log"),
      shipped(log) {
        const file = logs.get(log);
        if (file === undefined) throw new Error(`no log ${log} leaves the node`);
        return sent(file, readFileSync(file.file_path, "latin1"));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const nginxFile = (folder: string): readonly string[] => ["-c", join(folder, "nginx.conf")];
const fpmFile = (folder: string): readonly string[] => ["--prefix", folder, "--fpm-config", join(folder, "fpm.conf")];

/** The bundle's files in their places in the folder, and around them what a distribution brings along. */
function writeSettings(folder: string, port: number, release: ReleaseName, limits: Limits): void {
  for (const name of ["log/nginx", "log/warden", "ini", "body"]) mkdirSync(join(folder, name), { recursive: true });
  // As directories.conf makes it: the workers are not root.
  writeFileSync(join(folder, "log/warden/php.log"), "");
  execFileSync("chown", ["www-data:www-data", join(folder, "log/warden/php.log")]);
  const site = siteConfiguration(release, limits);
  const textOf = bundleText(site, placesIn(folder, port, site));
  const put = (name: string, to: string): void => writeFileSync(join(folder, to), textOf(name));
  put("nginx.conf", "site.conf");
  put("fpm.conf", "fpm.conf");
  put("fpm.ini", "ini/php.ini");
  put("opcache.php", "ready/opcache.php");
  put("agent.json", "agent.json");
  copyFileSync("/etc/nginx/fastcgi_params", join(folder, "fastcgi_params"));
  writeFileSync(join(folder, "nginx.conf"), nginxAround(folder));
}

const placesIn = (folder: string, port: number, site: SiteConfiguration): Moves => [
  ["listen 80 ", `listen 127.0.0.1:${port} `],
  ["listen [::]:80 ", `listen [::1]:${port} `],
  ["/srv/moodle/current", `${folder}/current`],
  ["/srv/moodledata", `${folder}/moodledata`],
  ["/var/cache/moodle/localcache", `${folder}/localcache`],
  ["/var/log/", `${folder}/log/`],
  [`/run/warden/php/${bundleOf(site).manifest.fpm}/`, `${folder}/`],
  ["/opt/warden/ready/", `${folder}/ready/`],
];

function siteConfiguration(release: ReleaseName, { longestRequest }: Limits) {
  const read = readSiteConfiguration(`
site: judge
address: https://moodle.example
timeZone: Europe/Vienna
release: "${release}"
php: { version: "8.2", children: ${children}, upload: 2M, longestRequest: ${longestRequest} }
database: { kind: mariadb, version: "10.11", host: 127.0.0.1, name: moodle, user: moodle,
  password: { secret: database }, connections: 500, tls: "off" }
sessions: { database: {} }
cache: { local: {} }
nodes: { platform: debian, min: 1, max: 1 }
files: { nfs: localhost, export: /x }
`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

async function occupied(folder: string, ask: (path: string, how: How) => Promise<Answer>) {
  const signals = mkdtempSync(join(folder, "signals/"));
  chmodSync(signals, 0o777);
  const requests = Array.from({ length: children }, () =>
    ask(`/wait.php?signals=${signals}`, { hangUpAfter: 120_000 }),
  );
  const release = (): Promise<readonly Answer[]> => {
    writeFileSync(join(signals, "released"), "");
    return Promise.all(requests);
  };
  const begun = (): number => readdirSync(signals).filter((name) => name.startsWith("began-")).length;
  try {
    await until(
      () => begun() === children,
      () => `only ${begun()} workers began`,
    );
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

interface Server {
  readonly child: ChildProcess;
  readonly output: string[];
}

/** In a process group of its own, so that its workers can be ended even without it. */
function started(program: string, options: readonly string[], env: NodeJS.ProcessEnv): Server {
  const child = spawn(program, options, { stdio: ["ignore", "pipe", "pipe"], detached: true, env });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(String(chunk)));
  child.on("error", (error) => output.push(String(error)));
  return { child, output };
}

const outputOf = (servers: readonly Server[]): string => servers.flatMap(({ output }) => output).join("");

/** Asked first, so that it ends its workers itself; then made to, with all that is left of its group. */
async function ended({ child }: Server): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await Promise.race([exit, sleep(5_000, undefined, { ref: false })]);
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // The whole group is gone already.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function verdict(program: string, options: readonly string[], env: NodeJS.ProcessEnv): Verdict {
  const { status, stdout, stderr, error } = spawnSync(program, options, { encoding: "utf8", env });
  if (error !== undefined) throw error;
  return { status, said: stdout + stderr };
}

/** Asks until it holds, for half a minute; an error counts as no. */
export async function until(holds: () => boolean | Promise<boolean>, otherwise: () => string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (
      await Promise.resolve()
        .then(holds)
        .catch(() => false)
    )
      return;
    await sleep(50);
  }
  throw new Error(otherwise());
}
