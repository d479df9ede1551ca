/**
 * A Moodle of its own for a test: its source tree, PHP, MariaDB and two Redis servers with TLS and an access control
 * list, all on loopback and in one temporary folder. The files that Warden writes are used as they are, but for the
 * places: a test does not write to /etc or /srv.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bundle, bundleOf } from "@warden/moodle/bundle";
import { type ReleaseName, readSiteConfiguration } from "@warden/moodle/site";

export interface MoodleWorld {
  readonly folder: string;
  readonly code: string;
  readonly bundle: Bundle;
  /** A command line script of Moodle's own. */
  moodle(script: string, ...options: string[]): string;
  /** PHP with Moodle's library loaded; what it prints, read as JSON. */
  inMoodle(source: string): unknown;
  /** Of a bundle's file, where it is in this world. */
  place(path: string): string;
  put(name: string, to: string): void;
  /** With the bundle's own PHP settings. */
  readonly env: NodeJS.ProcessEnv;
  moodleStatus(script: string, ...options: string[]): Ended;
  redis(which: "sessions" | "cache", ...command: string[]): string;
  /** Runs cron where one of so many places is free. */
  cronPlace(places: number): Ended;
  /** Holds the first of so many places until told otherwise. */
  holdPlaces(places: number): { readonly taken: Promise<void>; release(): void };
  stop(): Promise<void>;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
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
  const children: ChildProcess[] = [];
  const start = (command: string, options: readonly string[]): void => {
    children.push(spawn(command, options, { stdio: ["ignore", "ignore", "ignore"] }));
  };
  const run = (command: string, ...options: string[]): string =>
    execFileSync(command, options, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 64 * 1024 * 1024,
    });
  const redisCli = (name: string, port: number, ...command: string[]): string => {
    const place = ["--tls", "--cacert", pem("cert.pem"), "-h", "localhost", "-p", String(port), "--user", "moodle"];
    const env = { ...process.env, REDISCLI_AUTH: password(name) };
    return execFileSync("redis-cli", [...place, ...command], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env,
    }).trim();
  };
  const databasePort = await freePort();
  const sessionsPort = await freePort();
  const cachePort = await freePort();

  const code = join(folder, "code");
  run("cp", "-a", source, code);
  for (const name of ["data", "localcache", "muc", "local", "database", "etc"]) mkdirSync(join(folder, name));

  // A certificate's authority of our own.
  const pem = (name: string): string => join(folder, "etc", name);
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  run(
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    ...subject,
    "-days",
    "2",
    "-keyout",
    pem("key.pem"),
    "-out",
    pem("cert.pem"),
  );

  run(
    "mariadb-install-db",
    "--no-defaults",
    "--auth-root-authentication-method=normal",
    `--datadir=${folder}/database`,
    "--user=root",
  );
  start("mariadbd", [
    "--no-defaults",
    "--user=root",
    `--datadir=${folder}/database`,
    `--socket=${folder}/db.sock`,
    "--bind-address=127.0.0.1",
    `--port=${databasePort}`,
    "--innodb-flush-log-at-trx-commit=0",
    "--sync-binlog=0",
    "--innodb-flush-method=nosync",
    "--skip-log-bin",
    "--skip-name-resolve",
  ]);
  for (const [name, port] of [
    ["sessions", sessionsPort],
    ["cache", cachePort],
  ] as const) {
    const settings = [
      `bind 127.0.0.1\nport 0\ntls-port ${port}\ntls-auth-clients no\nsave ""\ndir ${folder}`,
      `tls-cert-file ${pem("cert.pem")}\ntls-key-file ${pem("key.pem")}`,
      `user default off\nuser moodle on >${password(name)} ~* &* +@all\n`,
    ];
    writeFileSync(pem(`${name}.conf`), settings.join("\n"));
    start("redis-server", [pem(`${name}.conf`)]);
    await until(() => {
      if (redisCli(name, port, "ping") !== "PONG") throw new Error("no answer");
    }, `Redis for ${name}`);
  }
  const sql = (statement: string): string =>
    run("mariadb", "--no-defaults", "--user=root", `--socket=${folder}/db.sock`, "--execute", statement);
  await until(() => sql("SELECT 1"), "MariaDB");
  sql("CREATE DATABASE moodle CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
  sql(`CREATE USER 'moodle'@'%' IDENTIFIED BY '${password("database")}'; GRANT ALL ON moodle.* TO 'moodle'@'%'`);

  const moves: readonly (readonly [string, string])[] = [
    ["/etc/ssl/certs/ca-certificates.crt", pem("cert.pem")],
    ["/etc/warden/secrets.php", join(folder, "etc/secrets.php")],
    ["/srv/moodle/current", code],
    ["/var/cache/moodle/localcache", join(folder, "localcache")],
    ["/var/cache/moodle/muc", join(folder, "local")],
    ["/var/lib/moodle/muc", join(folder, "muc")],
  ];
  const place = (text: string): string => moves.reduce((moved, [from, to]) => moved.replaceAll(from, to), text);
  const secrets = ["database", "sessions", "cache"].map((name) => `'${name}' => '${password(name)}'`);
  writeFileSync(pem("secrets.php"), `<?php return [${secrets.join(", ")}];`);

  const bundle = bundleOf(siteConfiguration(release, { databasePort, sessionsPort, cachePort, folder }));
  const put = (name: string, to: string): void => {
    const file = bundle.files.find((each) => each.name === name);
    if (file === undefined) throw new Error(`the bundle has no ${name}`);
    writeFileSync(to, place(file.text));
  };
  put("config.php", join(code, "config.php"));
  put("cache-configuration.php", place("/var/lib/moodle/muc/config.php"));
  // An empty part of the path stands for the directories that PHP reads anyway.
  mkdirSync(join(folder, "ini"));
  put("php.ini", join(folder, "ini/99-warden.ini"));
  const env = { ...process.env, PHP_INI_SCAN_DIR: `:${folder}/ini` };
  const php = (...options: string[]): string =>
    execFileSync("php", options, {
      encoding: "utf8",
      env,
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 64 * 1024 * 1024,
    });

  return {
    folder,
    code,
    bundle,
    moodle: (script, ...options) => php(join(code, "admin/cli", script), ...options),
    inMoodle(source) {
      const file = join(folder, "asked.php");
      writeFileSync(file, `<?php define('CLI_SCRIPT', true); require '${code}/config.php'; ${source}`);
      return JSON.parse(php(file));
    },
    place,
    put,
    env,
    moodleStatus: (script, ...options) => ended("php", [join(code, "admin/cli", script), ...options], env),
    redis: (which, ...command) => redisCli(which, which === "sessions" ? sessionsPort : cachePort, ...command),
    cronPlace: (places) => ended("php", [cronPlace, code, String(places)], env),
    holdPlaces(places) {
      const source = `define('CLI_SCRIPT', true); require '${code}/config.php';
        $factory = \\core\\lock\\lock_config::get_lock_factory('warden_cron'); $held = [];
        for ($place = 1; $place <= ${places}; $place++) { $held[] = $factory->get_lock("place_$place", 0); }
        echo 'taken'; sleep(600);`;
      const holder = spawn("php", ["-r", source], { env, stdio: ["ignore", "pipe", "ignore"] });
      children.push(holder);
      const taken = new Promise<void>((resolve) => holder.stdout.once("data", () => resolve()));
      return { taken, release: () => void holder.kill("SIGKILL") };
    },
    async stop() {
      for (const child of children) child.kill("SIGKILL");
      await sleep(200);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const password = (name: string): string => `${name}-pass`;

interface Ports {
  readonly databasePort: number;
  readonly sessionsPort: number;
  readonly cachePort: number;
  readonly folder: string;
}

function siteConfiguration(release: ReleaseName, { databasePort, sessionsPort, cachePort, folder }: Ports) {
  const redis = (port: number, name: string): string =>
    `{ redis: { host: localhost, port: ${port}, user: moodle, password: { secret: ${name} } } }`;
  const read = readSiteConfiguration(`
site: judge
address: https://moodle.example
timeZone: Europe/Vienna
release: "${release}"
nodes: { platform: debian }
php: { version: "${execFileSync("php", ["-r", "echo PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;"], { encoding: "utf8" })}" }
database: { kind: mariadb, version: "10.11", host: 127.0.0.1, port: ${databasePort}, name: moodle, user: moodle,
  password: { secret: database }, connections: 500, tls: "off" }
sessions: ${redis(sessionsPort, "sessions")}
cache: ${redis(cachePort, "cache")}
files: { nfs: localhost, export: /x, directory: ${folder}/data }
`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("a server that listens has an address");
  return address.port;
}

function ended(command: string, options: readonly string[], env: NodeJS.ProcessEnv): Ended {
  const { status, stdout, error } = spawnSync(command, options, { encoding: "utf8", env });
  if (error !== undefined) throw error;
  return { status, stdout };
}

const cronPlace = new URL("../../packages/moodle/node/cron-place.php", import.meta.url).pathname;

async function until(look: () => unknown, what: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    try {
      look();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`${what} did not come up`);
}
