/**
 * A Moodle of its own for a test: its source tree, PHP and a data tier, all on loopback and in one temporary folder. The
 * files that Warden writes are used as they are, but for the places: a test does not write to /etc or /srv.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ReleaseName, readSiteConfiguration, type SiteConfiguration } from "@warden/moodle/site";
import { collected, sent } from "../support/agent.ts";
import { bundleText, type Moves, moved } from "../support/bundle-text.ts";
import { type DataTier, dataTier } from "../support/data-tier.ts";
import { type Ended, ended, firstLineOf, kill, processes, run } from "../support/processes.ts";

export interface MoodleWorld {
  readonly folder: string;
  readonly code: string;
  readonly tier: DataTier;
  /** With the bundle's own PHP settings. */
  readonly env: NodeJS.ProcessEnv;
  /** A command line script of Moodle's own. */
  moodle(script: string, ...options: string[]): Ended;
  /** What the node's own program asks Moodle, or does to it: `site`, `tasks` or `purge`. */
  asNode(verb: string): Ended;
  /** PHP with Moodle's library loaded; what it prints, read as JSON. */
  inMoodle(source: string): unknown;
  /** Where in this world a file of the node is. */
  place(path: string): string;
  /** A file of the bundle, with the places of this world. */
  put(name: string, to: string): void;
  /** The document that the probe prints. */
  probe(): string;
  /** The line that a node measures. */
  measure(): Promise<string>;
  /** What of this text would leave the node if it stood in that log. */
  shipped(log: string, text: string): readonly string[];
  /** Runs cron where one of so many places is free. */
  cronPlace(places: number): Ended;
  /** Holds the first of so many places until told otherwise. */
  holdPlaces(places: number): Promise<{ release(): Promise<void> }>;
  stop(): Promise<void>;
}

/** @returns the tree that the environment names, and its release; undefined when it names none */
export function sourceTree(): { readonly path: string; readonly release: ReleaseName } | undefined {
  const path = process.env["WARDEN_MOODLE_DIR"];
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
  const at = (name: string): string => join(folder, name);
  for (const name of ["data", "localcache", "muc", "local", "ini"]) mkdirSync(at(name));
  const code = at("code");
  run("cp", ["-a", source, code]);
  const tier = await dataTier(folder);
  const others = processes();

  const moves: Moves = [
    ["/etc/ssl/certs/ca-certificates.crt", tier.certificate],
    ["/etc/warden/secrets.php", at("secrets.php")],
    ["/srv/moodle/current", code],
    ["/var/cache/moodle/localcache", at("localcache")],
    ["/var/cache/moodle/muc", at("local")],
    ["/var/lib/moodle/muc", at("muc")],
    // A node that begins later in the minute than that does not measure the site: a test begins when it likes.
    ["'hold' => 20", "'hold' => 61"],
  ];
  const place = (text: string): string => moved(text, moves);
  const textOf = bundleText(siteConfiguration(release, tier, at("data")), moves);
  const put = (name: string, to: string): void => writeFileSync(to, textOf(name));
  writeFileSync(at("secrets.php"), tier.secrets);
  put("config.php", join(code, "config.php"));
  put("cache-configuration.php", at("muc/config.php"));
  put("php.ini", at("ini/99-warden.ini"));
  // An empty part of the path stands for the directories that PHP reads anyway.
  const env = { ...process.env, PHP_INI_SCAN_DIR: `:${at("ini")}` };

  return {
    folder,
    code,
    tier,
    env,
    moodle: (script, ...options) => ended("php", [join(code, "admin/cli", script), ...options], env),
    asNode: (verb) => ended("php", [askMoodle, code, verb], env),
    inMoodle(source) {
      writeFileSync(at("asked.php"), `<?php define('CLI_SCRIPT', true); require '${code}/config.php'; ${source}`);
      return JSON.parse(run("php", [at("asked.php")], env));
    },
    place,
    put,
    cronPlace: (places) => ended("php", [cronPlace, code, String(places)], env),
    probe() {
      for (const each of ["lib.php", "probe-moodle.php", "probe.php", "probe-settings.php"]) put(each, at(each));
      return run("php", [at("probe.php"), at("probe-settings.php")], env);
    },
    measure() {
      for (const each of ["lib.php", "measure.php", "measure-settings.php"]) put(each, at(each));
      return firstLineOf("php", [at("measure.php"), at("measure-settings.php")], env);
    },
    shipped(log, text) {
      const file = collected(textOf("agent.json")).get(log);
      if (file === undefined) throw new Error(`no log ${log} leaves the node`);
      return sent(file, text);
    },
    async holdPlaces(places) {
      const source = `define('CLI_SCRIPT', true); require '${code}/config.php';
        $factory = \\core\\lock\\lock_config::get_lock_factory('warden_cron'); $held = [];
        for ($place = 1; $place <= ${places}; $place++) { $held[] = $factory->get_lock("place_$place", 0); }
        echo 'taken'; sleep(600);`;
      const holder = others.start("php", ["-r", source], env);
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

const askMoodle = new URL("../../packages/moodle/node/lib/moodle.php", import.meta.url).pathname;
const cronPlace = new URL("../../packages/moodle/node/cron-place.php", import.meta.url).pathname;

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
