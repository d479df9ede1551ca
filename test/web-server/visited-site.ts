/**
 * The lab's application as visitors meet it, on loopback and in one temporary folder: nodes with the nginx and PHP-FPM that
 * Warden writes, each with a name of its own for its machine, one data tier and one directory that they share, and in front
 * of them what stands for the load balancer, where a test may interfere.
 */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { application } from "@warden/lab/application/application";
import { installed } from "@warden/lab/application/programs";
import { type DataTier, dataTier } from "@warden/lab/data-tier";
import type { LoadTarget } from "@warden/lab/load/client";
import { freePort, type Processes, processes, run, until } from "@warden/lab/processes";
import { bundleOf } from "@warden/moodle/bundle";
import { readSiteConfiguration, type SiteConfiguration } from "@warden/moodle/site";
import { bundleText } from "../support/bundle-text.ts";
import { type Interference, passedOnFor, startFront } from "../support/front.ts";
import { nginxAround } from "../support/nginx-around.ts";
import { asked } from "./http.ts";

export interface VisitedSite {
  readonly target: LoadTarget;
  readonly tier: DataTier;
  /** The directory that all nodes share. */
  readonly files: string;
  /** Of the machines. */
  readonly names: readonly string[];
  /** From now on the load balancer asks this first; what it does with a request, no node sees. */
  interfere(way: Interference | undefined): void;
  stop(): Promise<void>;
}

const host = "moodle.example";

export async function visitedSite(): Promise<VisitedSite> {
  const folder = mkdtempSync(join(tmpdir(), "warden-visited-"));
  const servers = processes();
  const ending: (() => Promise<void> | void)[] = [
    () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
    servers.end,
  ];
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    // The workers are not root.
    chmodSync(folder, 0o755);
    const tier = await dataTier(folder);
    ending.push(tier.end);
    tier.sql(installed);
    const files = join(folder, "moodledata");
    mkdirSync(join(files, "temp"), { recursive: true });
    run("chown", ["-R", "www-data:www-data", files]);
    const names = ["node-1", "node-2"];
    const ports: number[] = [];
    for (const name of names) ports.push(await startNode(join(folder, name), name, { tier, files, servers }));
    const front = await startFront(folder, host, ports);
    ending.push(front.end);
    return { target: front.target, tier, files, names, interfere: front.interfere, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Shared {
  readonly tier: DataTier;
  readonly files: string;
  readonly servers: Processes;
}

/** @returns the port at which its nginx listens */
async function startNode(folder: string, name: string, { tier, files, servers }: Shared): Promise<number> {
  const port = await freePort();
  const site = siteConfiguration(tier, files);
  const at = (path: string): string => join(folder, path);
  for (const path of ["log/nginx", "log/warden", "ini", "body"]) mkdirSync(at(path), { recursive: true });
  const textOf = bundleText(site, [
    ["listen 80 ", `listen 127.0.0.1:${port} `],
    ["listen [::]:80 ", `listen [::1]:${port} `],
    ["/etc/warden/authorities/any.pem", tier.certificate],
    ["/etc/warden/secrets.php", at("secrets.php")],
    ["/srv/moodle/current", at("code")],
    ["/var/log/", at("log/")],
    [`/run/warden/php/${bundleOf(site).manifest.fpm}/`, `${folder}/`],
  ]);
  const everything = { ...application, "config.php": textOf("config.php") };
  for (const [path, text] of Object.entries(everything)) {
    mkdirSync(dirname(at(`code/${path}`)), { recursive: true });
    writeFileSync(at(`code/${path}`), text);
  }
  writeFileSync(at("secrets.php"), tier.secrets);
  writeFileSync(at("site.conf"), textOf("nginx.conf"));
  writeFileSync(at("fpm.conf"), textOf("fpm.conf"));
  writeFileSync(at("ini/php.ini"), textOf("fpm.ini"));
  copyFileSync("/etc/nginx/fastcgi_params", at("fastcgi_params"));
  writeFileSync(at("nginx.conf"), nginxAround(folder));
  // A name of its own for the machine, and nothing that outlives the first process.
  const apart = ["--uts", "--pid", "--fork", "--kill-child", "sh", "-c", 'hostname "$0" && exec "$@"', name];
  const env = { ...process.env, PHP_INI_SCAN_DIR: `:${at("ini")}` };
  const fpm = [fpmProgram, "--nodaemonize", "--prefix", folder, "--fpm-config", at("fpm.conf")];
  servers.start("unshare", [...apart, ...fpm], env);
  servers.start("unshare", [...apart, "/usr/sbin/nginx", "-c", at("nginx.conf"), "-g", "daemon off;"], env);
  await until(async () => {
    const { status } = await asked(port, "/login/index.php", { headers: passedOnFor(host) });
    if (status !== 200) throw new Error(`the login page of ${name} answers ${status}`);
  }, name);
  return port;
}

const fpmProgram = `/usr/sbin/${readdirSync("/usr/sbin").find((name) => /^php-fpm\d/.test(name)) ?? "php-fpm"}`;

function siteConfiguration({ ports }: DataTier, files: string): SiteConfiguration {
  const redis = (which: "sessions" | "cache"): string =>
    `{ redis: { host: localhost, port: ${ports[which]}, user: moodle, password: { secret: ${which} } } }`;
  const php = run("php", ["-r", "echo PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;"]);
  const read = readSiteConfiguration(`
site: judge
address: https://${host}
timeZone: Europe/Vienna
release: "4.5"
nodes: { platform: debian }
php: { version: "${php}", children: 4 }
database: { kind: mariadb, version: "10.11", host: 127.0.0.1, port: ${ports.database}, name: moodle, user: moodle,
  password: { secret: database }, connections: 500, tls: "off" }
sessions: ${redis("sessions")}
cache: ${redis("cache")}
files: { nfs: localhost, export: /x, directory: ${files} }
`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}
