/**
 * A Moodle of its own for a test: its source tree, PHP and a data tier, all on loopback and in one temporary folder. The
 * files that Warden writes are used as they are, but for the places: a test does not write to /etc or /srv.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataTier, dataTier } from "@warden/lab/data-tier";
import { type Ended, ended, firstLineOf, freePort, kill, processes, type Running, run } from "@warden/lab/processes";
import { type ReleaseName, readSiteConfiguration, type SiteConfiguration } from "@warden/moodle/site";
import { collected, sent } from "../support/agent.ts";
import { bundleText, type Moves, moved } from "../support/bundle-text.ts";

/** A node of the site: its own settings and local directories, and its code at the same place as all others have it. */
export interface MoodleNode {
  readonly code: string;
  /** Its own config.php. */
  readonly config: string;
  /** With the bundle's own PHP settings. */
  readonly env: NodeJS.ProcessEnv;
  /** A command line script of Moodle's own. */
  moodle(script: string, ...options: string[]): Ended;
  /** The same, and does not wait. */
  begin(script: string, ...options: string[]): Running;
  /** What the node's own program asks Moodle: `site` or `tasks`. */
  asNode(verb: string): Ended;
  /** Asks it to purge for this cause, and does not wait. */
  purge(cause: string): Running;
  /** The node's own program for the database: `install` with a password, or `upgrade`; waits so many seconds for others. */
  schema(verb: "install" | "upgrade", password?: string, seconds?: number, ...options: string[]): Running;
  /** What the database is, and a mark of that. */
  look(): string;
  /** A program of lib/ that is given this node's code. */
  ask(program: string, ...options: string[]): Ended;
  /** PHP with Moodle's library loaded; what it prints, read as JSON. */
  inMoodle(source: string): unknown;
  /** PHP's own web server with this node's code. */
  serve(): Promise<WebServer>;
  /** Where in this world a file of the node is. */
  place(path: string): string;
  /** A file of the bundle, with the places of this world. */
  put(name: string, to: string): void;
}

export interface WebServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface MoodleWorld extends MoodleNode {
  readonly folder: string;
  readonly tier: DataTier;
  /** One more node of the same site, where it is another release with a code of its own. */
  anotherNode(tree?: SourceTree): MoodleNode;
  /** The document that the probe prints. */
  probe(): string;
  /** The line that a node measures. */
  measure(): Promise<string>;
  /** What of this text would leave the node if it stood in that log. */
  shipped(log: string, text: string): readonly string[];
  /** Runs cron where one of so many places is free. */
  cronPlace(places: number): Ended;
  /** Another process, which does this in Moodle and keeps what it got until told otherwise. */
  hold(source: string): Promise<{ release(): Promise<void> }>;
  stop(): Promise<void>;
}

export interface SourceTree {
  readonly path: string;
  readonly release: ReleaseName;
}

/** @returns the tree that the environment names, and its release; undefined when it names none */
export function sourceTree(variable = "WARDEN_MOODLE_DIR"): SourceTree | undefined {
  const path = process.env[variable];
  if (path === undefined || path === "") return undefined;
  const version = ["public/version.php", "version.php"]
    .map((each) => join(path, each))
    .find((each) => existsSync(each));
  const branch = version === undefined ? undefined : /\$branch\s*=\s*'(\d+)'/.exec(readFileSync(version, "utf8"))?.[1];
  switch (branch) {
    case "405":
      return { path, release: "4.5" };
    case "500":
      return { path, release: "5.0" };
    case "501":
      return { path, release: "5.1" };
    case "502":
      return { path, release: "5.2" };
    case "503":
      return { path, release: "5.3" };
    default:
      throw new Error(`${path} is no source tree of a Moodle that Warden knows (branch ${branch ?? "not found"})`);
  }
}

export async function moodleWorld(source: string, release: ReleaseName): Promise<MoodleWorld> {
  const folder = mkdtempSync(join(tmpdir(), "warden-moodle-"));
  mkdirSync(join(folder, "data"));
  const tier = await dataTier(folder);
  const others = processes();
  const siteOf = (release: ReleaseName): SiteConfiguration => siteConfiguration(release, tier, join(folder, "data"));
  const site = siteOf(release);
  let nodes = 0;

  function node(from: SourceTree): MoodleNode & { at(name: string): string } {
    nodes += 1;
    const code = codeOf(from, folder);
    const own = join(folder, `node-${nodes}`);
    const at = (name: string): string => join(own, name);
    for (const name of ["", "lib", "localcache", "muc", "local", "ini"]) mkdirSync(at(name));
    // Beside config.php, as in Moodle's own tree.
    writeFileSync(at("lib/setup.php"), `<?php require_once '${code}/lib/setup.php';\n`);
    const moves: Moves = [
      ["/etc/warden/authorities/any.pem", tier.certificate],
      ["/etc/warden/secrets.php", at("secrets.php")],
      ["/srv/moodle/current", code],
      ["/var/cache/moodle/localcache", at("localcache")],
      ["/var/cache/moodle/muc", at("local")],
      ["/var/lib/moodle/muc", at("muc")],
      // A node that begins later in the minute than that does not measure the site: a test begins when it likes.
      ["'hold' => 20", "'hold' => 61"],
    ];
    const textOf = bundleText(siteOf(from.release), moves);
    const put = (name: string, to: string): void => writeFileSync(to, textOf(name));
    writeFileSync(at("secrets.php"), tier.secrets);
    put("config.php", at("config.php"));
    put("cache-configuration.php", at("muc/config.php"));
    put("php.ini", at("ini/99-warden.ini"));
    put("measure-settings.php", at("measure-settings.php"));
    // An empty part of the path stands for the directories that PHP reads anyway.
    const env = { ...process.env, PHP_INI_SCAN_DIR: `:${at("ini")}`, WARDEN_JUDGED_NODE: own };
    return {
      at,
      code,
      config: at("config.php"),
      env,
      moodle: (script, ...options) => ended("php", [join(code, "admin/cli", script), ...options], env),
      begin: (script, ...options) => others.run("php", [join(code, "admin/cli", script), ...options], env),
      asNode: (verb) => ended("php", [program("lib/moodle.php"), code, verb], env),
      purge: (cause) => others.run("php", [program("lib/moodle.php"), code, "purge"], { ...env, WARDEN_CAUSE: cause }),
      schema: (verb, password = "", seconds = 500, ...options) =>
        others.run(
          "php",
          [program("lib/schema.php"), code, at("measure-settings.php"), String(seconds), verb, ...options],
          env,
          `${password}\n`,
        ),
      look: () => run("php", [program("lib/schema.php"), code, at("measure-settings.php"), "0", "look"], env),
      ask: (name, ...options) => ended("php", [program(`lib/${name}`), code, ...options], env),
      inMoodle(source) {
        writeFileSync(at("asked.php"), `<?php define('CLI_SCRIPT', true); require '${code}/config.php'; ${source}`);
        return JSON.parse(run("php", [at("asked.php")], env));
      },
      async serve() {
        const port = await freePort();
        const root = existsSync(join(code, "public")) ? join(code, "public") : code;
        const server = others.start("php", ["-S", `127.0.0.1:${port}`, "-t", root], env);
        return { port, stop: () => kill(server) };
      },
      place: (text) => moved(text, moves),
      put,
    };
  }

  const own = { path: source, release };
  const first = node(own);
  const { at, code, env, put } = first;
  return {
    ...first,
    folder,
    tier,
    anotherNode: (tree = own) => node(tree),
    cronPlace: (places) => ended("php", [program("cron-place.php"), code, String(places)], env),
    probe() {
      for (const each of ["lib.php", "probe-moodle.php", "probe.php", "probe-settings.php"]) put(each, at(each));
      return run("php", [at("probe.php"), at("probe-settings.php")], env);
    },
    measure() {
      for (const each of ["lib.php", "measure.php"]) put(each, at(each));
      return firstLineOf("php", [at("measure.php"), at("measure-settings.php")], env);
    },
    shipped(log, text) {
      const file = collected(bundleText(site, [])("agent.json")).get(log);
      if (file === undefined) throw new Error(`no log ${log} leaves the node`);
      return sent(file, text);
    },
    async hold(source) {
      const whole = `define('CLI_SCRIPT', true); require '${code}/config.php'; ${source} echo 'taken'; sleep(600);`;
      const holder = others.start("php", ["-r", whole], env);
      await new Promise((taken) => holder.stdout?.once("data", taken));
      return { release: () => kill(holder) };
    },
    async stop() {
      await others.end();
      await tier.end();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** All nodes with a release have it at the same place, and each config.php is its own. */
function codeOf({ path, release }: SourceTree, folder: string): string {
  const code = join(folder, `code-${release}`);
  if (existsSync(code)) return code;
  copy(path, code);
  rmSync(join(code, "config.php"), { force: true });
  writeFileSync(join(code, "config.php"), "<?php require getenv('WARDEN_JUDGED_NODE') . '/config.php';\n");
  return code;
}

/** Of 25,000 files, to which nobody writes: links are enough where they are possible. */
function copy(from: string, to: string): void {
  if (ended("cp", ["-al", from, to]).status === 0) return;
  rmSync(to, { recursive: true, force: true });
  run("cp", ["-a", from, to]);
}

/** One of the node's own, as it is in the repository. */
export const program = (name: string): string =>
  new URL(`../../packages/moodle/node/${name}`, import.meta.url).pathname;

function siteConfiguration(release: ReleaseName, { ports }: DataTier, data: string): SiteConfiguration {
  const php = run("php", ["-r", "echo PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;"]);
  const redis = (which: "sessions" | "cache"): string =>
    `{ redis: { host: localhost, port: ${ports[which]}, user: moodle, password: { secret: ${which} } } }`;
  const read = readSiteConfiguration(`
site: judge
address: https://moodle.example
timeZone: Europe/Vienna
release: "${release}"
nodes: { platform: debian }
php: { version: "${php}" }
database: { kind: mariadb, version: "10.11", host: 127.0.0.1, port: ${ports.database}, name: moodle, user: moodle,
  password: { secret: database }, connections: 500, tls: "off" }
sessions: ${redis("sessions")}
cache: ${redis("cache")}
files: { nfs: localhost, export: /x, directory: ${data} }
`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}
