/**
 * What a node measures each minute, from real PHP-FPM, nginx, MariaDB and Redis: the figures, and under each fault a null,
 * never a zero, and an end in time.
 */
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataTier, dataTier } from "@warden/lab/data-tier";
import { firstLineOf, freePort, kill, processes, run } from "@warden/lab/processes";
import { bundleOf } from "@warden/moodle/bundle";
import { readSiteConfiguration } from "@warden/moodle/site";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { bundleText } from "../support/bundle-text.ts";
import { children, until, type WebWorld, webWorld } from "./world.ts";

const fleetMetrics = ["BusyWorkers", "ListenQueue"];
const siteMetrics = ["ActiveUsers", "CronAge", "AdhocQueue", "AdhocAge", "SessionLockAge"];
const others = processes();
let web: WebWorld;
let tier: DataTier;
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  web = await webWorld("5.1", { longestRequest: "120s" });
  folder = mkdtempSync(join(tmpdir(), "warden-measure-"));
  mkdirSync(at("bin"));
  tier = await dataTier(folder);
  writeFileSync(at("secrets.php"), tier.secrets);
  const textOf = bundleText(site(), []);
  for (const name of ["lib.php", "measure.php"]) writeFileSync(at(name), textOf(name));
  sql("CREATE TABLE mdl_user (id INT, deleted INT, lastaccess BIGINT)");
  sql("CREATE TABLE mdl_config_plugins (plugin VARCHAR(100), name VARCHAR(100), value LONGTEXT)");
  sql("CREATE TABLE mdl_task_adhoc (nextruntime BIGINT, timestarted BIGINT NULL, attemptsavailable INT NULL)");
}, 120_000);

afterAll(async () => {
  await others.end();
  await web?.stop();
  await tier?.end();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A site that is well, whose lock is free. */
beforeEach(async () => {
  await connectionsGone();
  const now = Math.floor(Date.now() / 1000);
  for (const table of ["user", "config_plugins", "task_adhoc"]) sql(`DELETE FROM mdl_${table}`);
  sql(`INSERT INTO mdl_user VALUES (2, 0, ${now - 10}), (3, 0, ${now - 200}), (4, 1, ${now}), (5, 0, ${now - 400})`);
  // Another plugin's comes first.
  const cron = [`'mod_x', 'lastcronstart', '1'`, `'tool_task', 'lastcronstart', '${now - 42}'`];
  sql(`INSERT INTO mdl_config_plugins VALUES (${cron.join("), (")})`);
  // Two wait, one runs, one is for later, and one has no attempt left.
  const tasks = [`${now - 90}, NULL, NULL`, `${now - 30}, NULL, 3`, `${now - 500}, ${now - 5}, 1`];
  sql(
    `INSERT INTO mdl_task_adhoc VALUES (${[...tasks, `${now + 60}, NULL, 1`, `${now - 900}, NULL, 0`].join("), (")})`,
  );
  chrony("0.000213", "Normal");
});
describe("a site that is well", () => {
  it("is measured, and CloudWatch is told how to make metrics of it", async () => {
    tier.redis("sessions", "set", "judge_sessions_abc.lock", "[pid 1] host:/x?sesskey=t0p", "EX", "100");
    tier.redis("sessions", "set", "other_sessions_abc.lock", "x", "EX", "3");
    const { line, text } = await measured();
    tier.redis("sessions", "flushall");
    expect(line).toMatchObject({ v: 1, Site: "judge", measuresSite: true, ActiveUsers: 2, AdhocQueue: 2 });
    expect(line).toMatchObject({ BusyWorkers: 0, ListenQueue: 0, clockOffset: 0.000213 });
    for (const [name, least] of [
      ["CronAge", 42],
      ["AdhocAge", 90],
      ["SessionLockAge", 20],
    ] as const)
      expect(within(line[name], least, 30), `${name} ${line[name]}`).toBe(true);
    expect(metricsOf(line)).toEqual([...fleetMetrics, ...siteMetrics]);
    expect(text).not.toMatch(/t0p|-pass|sessions_|mdl_|127\.0/);
  });

  it("tells of the site's workers' OPcache, not of its own", async () => {
    const opcache = z.looseObject({
      scripts: z.number(),
      used: z.number(),
      restarts: z.object({ outOfMemory: z.number() }),
    });
    // The page that was asked for, and the script that tells: once they are two seconds old, for OPcache takes no younger
    // file (opcache.file_update_protection).
    const cached = async (): Promise<number> => {
      await web.ask("/which.php");
      return opcache.parse(JSON.parse(String((await web.ask("/warden/opcache")).body))).scripts;
    };
    await until(
      async () => (await cached()) >= 2,
      () => "OPcache takes no page",
    );
    const { scripts, used, restarts } = opcache.parse((await measured()).line["opcache"]);
    expect(scripts).toBeGreaterThanOrEqual(2);
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThan(1);
    expect(restarts.outOfMemory).toBe(0);
    expect((await web.ask("/warden/opcache", { from: "127.0.0.2" })).status).toBe(403);
  });

  it("knows what a queue of none is, and no cron yet", async () => {
    for (const table of ["config_plugins", "task_adhoc"]) sql(`DELETE FROM mdl_${table}`);
    const { line } = await measured();
    expect(line).toMatchObject({ AdhocQueue: 0, AdhocAge: 0, SessionLockAge: 0, CronAge: null });
    expect(metricsOf(line)).not.toContain("CronAge");
  });

  it("is measured by one node a minute", async () => {
    const node = others.start("php", [at("measure.php"), settingsOf({})]);
    const [first] = await once(node.stdout ?? node, "data");
    expect(JSON.parse(String(first))).toMatchObject({ measuresSite: true, ActiveUsers: 2 });
    const other = (await measured()).line;
    expect(other).toMatchObject({ measuresSite: false, BusyWorkers: 0, ActiveUsers: null, SessionLockAge: null });
    expect(metricsOf(other)).toEqual(fleetMetrics);
    await kill(node);
    await connectionsGone();
    expect((await measured()).line).toMatchObject({ measuresSite: true });
  });

  it("is left by a node that begins late in the minute, for another may have been there", async () => {
    expect((await measured({ hold: 0 })).line).toMatchObject({ measuresSite: false, ActiveUsers: null });
  });
});

describe("a node whose workers are all busy", () => {
  it("says so, and how many requests wait, which FPM itself does not know", async () => {
    const { release } = await web.occupyWorkers();
    const waiting = Array.from({ length: 4 }, () => web.ask("/which.php", { hangUpAfter: 60_000 }));
    try {
      await until(
        async () => (await measured()).line["ListenQueue"] === 4,
        () => "nobody waits",
      );
      const { line } = await measured();
      expect(line).toMatchObject({ BusyWorkers: 100, workers: { total: children, active: children } });
      expect(line["opcache"]).toMatchObject({ scripts: expect.any(Number) });
      const own = JSON.parse(String((await web.ask("/warden/workers?json")).body));
      expect(own).toMatchObject({ "active processes": children, "listen queue": 0 });
    } finally {
      await release();
      await Promise.all(waiting);
    }
  });
});

describe("what does not answer is null, and no metric", () => {
  const silent: Server[] = [];
  afterEach(() => {
    for (const each of silent.splice(0)) each.close();
  });
  /** Takes connections and never says a word. */
  const silence = async (): Promise<number> => {
    const port = await freePort();
    silent.push(createServer(() => undefined).listen(port, "127.0.0.1"));
    return port;
  };
  const nobody = { measuresSite: null, ActiveUsers: null, CronAge: null, AdhocQueue: null, AdhocAge: null };

  it.each([
    ["is gone", freePort],
    ["hangs", silence],
  ])("when the database %s", async (_, database) => {
    const { line } = await measured({ database: await database() });
    expect(line).toMatchObject({ ...nobody, SessionLockAge: null, BusyWorkers: 0, ListenQueue: 0 });
    expect(metricsOf(line)).toEqual(fleetMetrics);
  });

  it.each([
    ["is gone", freePort],
    ["hangs", silence],
  ])("when Redis for the sessions %s", async (_, sessions) => {
    const { line } = await measured({ sessions: await sessions() });
    expect(line).toMatchObject({ ActiveUsers: 2, SessionLockAge: null });
    expect(metricsOf(line)).toEqual([...fleetMetrics, ...siteMetrics.slice(0, -1)]);
  });

  it.each([
    ["is gone", freePort],
    ["hangs", silence],
  ])("when the web server %s", async (_, http) => {
    const { line } = await measured({ http: await http() });
    expect(line).toMatchObject({ BusyWorkers: null, workers: { total: null, active: null }, opcache: null });
    expect(line).toMatchObject({ ActiveUsers: 2 });
    expect(metricsOf(line)).toEqual(["ListenQueue", ...siteMetrics]);
  });

  it("when FPM is not there", async () => {
    const { line } = await measured({ socket: "/nowhere.sock" });
    expect(line).toMatchObject({ ListenQueue: null, workers: { waiting: null } });
    expect(metricsOf(line)).not.toContain("ListenQueue");
  });

  it("when a table is not there yet", async () => {
    const { line } = await measured({ prefix: "new_" });
    expect(line).toMatchObject({ ...nobody, measuresSite: true, SessionLockAge: 0 });
  });

  it.each([
    ["has no source", () => chrony("0.000000", "Not synchronised")],
    ["fails", () => program("chronyc", "echo 506 Cannot talk to daemon; exit 1")],
    ["hangs", () => program("chronyc", "exec sleep 30")],
  ])("when chrony %s", async (_, make) => {
    make();
    expect((await measured()).line).toMatchObject({ clockOffset: null, BusyWorkers: 0 });
  });
});

interface Change {
  /** The second until which the site's lock is kept. */
  readonly hold?: number;
  readonly http?: number;
  readonly database?: number;
  readonly sessions?: number;
  readonly socket?: string;
  readonly prefix?: string;
}

interface Measured {
  readonly line: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Its line. It would keep its lock until the minute's end; it is ended before, for the next one. */
async function measured(change: Change = {}): Promise<Measured> {
  const settings = settingsOf(change);
  const env = { ...process.env, PATH: `${at("bin")}:${process.env["PATH"]}` };
  const startedAt = performance.now();
  const text = await firstLineOf("php", [at("measure.php"), settings], env);
  // The unit has 45 seconds, of which the lock takes 20.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  return { line: z.record(z.string(), z.unknown()).parse(JSON.parse(text)), text };
}

/** The database notices a little later that a process has ended, and with it its lock. */
const connectionsGone = (): Promise<void> =>
  until(
    () => sql("SELECT COUNT(*) FROM information_schema.processlist").trim().endsWith("\n1"),
    () => "connections stay open",
  );

/** The file with its settings, as the bundle has them, but for the places and what a test changes. */
function settingsOf({ hold = 61, ...change }: Change): string {
  const configuration = site(change);
  const { fpm } = bundleOf(configuration).manifest;
  const textOf = bundleText(configuration, [
    ["/etc/warden/authorities/any.pem", tier.certificate],
    ["/etc/warden/secrets.php", at("secrets.php")],
    ["http://127.0.0.1/", `http://127.0.0.1:${change.http ?? web.port}/`],
    [`/run/warden/php/${fpm}/moodle.sock`, change.socket ?? join(web.folder, "moodle.sock")],
    // A node that begins later in the minute than that does not measure the site: a test begins when it likes.
    ["'hold' => 20", `'hold' => ${hold}`],
  ]);
  const file = at("settings.php");
  writeFileSync(file, textOf("measure-settings.php"));
  return file;
}

const embedded = z.strictObject({
  Timestamp: z.int(),
  CloudWatchMetrics: z.tuple([
    z.strictObject({
      Namespace: z.literal("Warden/Moodle"),
      // With the instance as a dimension each would cost once per node.
      Dimensions: z.tuple([z.tuple([z.literal("Site")])]),
      Metrics: z.array(z.strictObject({ Name: z.string(), Unit: z.enum(["Percent", "Count", "Seconds"]) })).min(1),
    }),
  ]),
});

/** The names of the metrics that CloudWatch would make: each must be a number in the line. */
function metricsOf(line: Measured["line"]): readonly string[] {
  const { Timestamp, CloudWatchMetrics } = embedded.parse(line["_aws"]);
  expect(Math.abs(Date.now() - Timestamp)).toBeLessThan(60_000);
  const names = CloudWatchMetrics[0].Metrics.map(({ Name }) => Name);
  for (const name of names) expect(line[name], name).toBeTypeOf("number");
  return names;
}

const within = (value: unknown, least: number, more: number): boolean =>
  typeof value === "number" && value >= least && value <= least + more;

const chrony = (offset: string, state: string): void =>
  program("chronyc", `echo A9FEA97B,169.254.169.123,4,1795327502.5,${offset},0.1,0.1,1,0.1,0.1,0.1,0.1,16.1,${state}`);

function program(name: string, text: string): void {
  writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${text}\n`);
  chmodSync(at(`bin/${name}`), 0o755);
}

function sql(statement: string): string {
  const place = ["--host=127.0.0.1", `--port=${tier.ports.database}`, "--user=moodle", "--password=database-pass"];
  return run("mariadb", ["--no-defaults", ...place, "moodle", "--execute", statement]);
}

function site({ database = tier.ports.database, sessions = tier.ports.sessions, prefix = "mdl_" }: Change = {}) {
  const read = readSiteConfiguration(`
site: judge
address: https://moodle.example
timeZone: UTC
release: "5.1"
nodes: { platform: debian }
php: { version: "8.2" }
database: { kind: mariadb, version: "10.11", host: 127.0.0.1, port: ${database}, name: moodle, user: moodle,
  password: { secret: database }, prefix: ${prefix}, connections: 500, tls: "off" }
sessions: { redis: { host: localhost, port: ${sessions}, user: moodle, password: { secret: sessions } } }
cache: { redis: { host: localhost, port: ${tier.ports.cache}, user: moodle, password: { secret: cache } } }
files: { nfs: localhost, export: /x }
`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}
