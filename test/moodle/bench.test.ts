/** The benchmark of the application cache on a real Moodle, see world.ts: small, and on loopback with no delays. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { arrange, verifyInUse } from "@warden/lab/bench/arrangement";
import { benchCache } from "@warden/lab/bench/bench";
import { browse } from "@warden/lab/bench/browse";
import { type Content, makeContent } from "@warden/lab/bench/content";
import { figuresOf } from "@warden/lab/bench/figures";
import type { Node } from "@warden/lab/bench/node";
import { arrangements, type Scope } from "@warden/lab/bench/plan";
import { plotOf } from "@warden/lab/bench/plot/plot";
import { processorTimes } from "@warden/lab/bench/processors";
import { run, until } from "@warden/lab/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { page } from "./page.ts";
import { type MoodleNode, type MoodleWorld, moodleWorld, sourceTree, type WebServer } from "./world.ts";

const tree = sourceTree();
const restart = "restart";
const site = (to: WebServer) => ({
  connect: () => connect(to.port, "127.0.0.1"),
  headers: { host: "moodle.example", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7" },
});
const clock = { now: () => performance.now(), sleep: (milliseconds: number) => sleep(milliseconds) };
let world: MoodleWorld;
let server: WebServer;
let node: Node;
let content: Content;
/** Scripts that ran on the node, but for PHP. */
const ran: string[] = [];

beforeAll(async () => {
  if (tree === undefined) return;
  world = await moodleWorld(tree.path, tree.release);
  const { stdout } = await world.schema("install", "Judge-1234").ended;
  expect(stdout.slice(-1000)).toMatch(/\ninstalled\n$/);
  server = await served(world);
  node = { ...nodeOf(), run: runOnNode };
  content = await makeContent(node);
}, 600_000);

afterAll(() => world?.stop());

describe.skipIf(tree === undefined)(`the benchmark of Moodle ${tree?.release ?? ""}'s application cache`, () => {
  it("makes its course and its users once", async () => {
    expect(content.users.length).toBeGreaterThanOrEqual(40);
    expect(await makeContent(node)).toEqual(content);
    expect(world.tier.sql("SELECT COUNT(*) FROM mdl_course")).toBe("2");
    expect(world.tier.sql(`SELECT COUNT(*) FROM mdl_course_modules WHERE course = ${content.course.id}`)).toBe("64");
  });

  it.each(arrangements)("has the cache as %s, and the pages stay right", async (arrangement) => {
    await arrange(node, arrangement);
    world.tier.redis("cache", "flushall");
    expect(await oneVisit()).toEqual(["login", "sign-in", "home", "course", "views"]);
    await verifyInUse(node, arrangement);
    expect(classOf("core", "config")).toBe(arrangement === "redis" ? "cachestore_redis" : "cachestore_file");
    expect(filesBelow("data/cache/cachestore_file/default_application") > 0).toBe(arrangement === "shared");
    expect(filesBelow("node-1/local") > 0).toBe(arrangement !== "shared");
    expect(Number(world.tier.redis("cache", "dbsize")) > 0).toBe(arrangement === "redis");
    // What is not the application cache stays where it was.
    expect(Number(world.tier.redis("sessions", "dbsize"))).toBeGreaterThan(0);
    expect(filesBelow("node-1/localcache")).toBeGreaterThan(0);
  });

  it("sees when the web server's PHP has another configuration", async () => {
    const elsewhere = await served(world.anotherNode());
    // The site's own web server is asked for nothing yet.
    await arrange({ ...node, restart: "true" }, "shared");
    await oneVisit(elsewhere);
    await expect(verifyInUse(node, "shared")).rejects.toThrow(
      /pages do not use the application cache as shared: it has 0 /,
    );
    await node.run(restart);
    await oneVisit();
    await verifyInUse(node, "shared");
  });

  it("is not deceived by Moodle, which goes on with shared files when Redis is not there", async () => {
    await world.tier.lose("cache");
    try {
      await expect(arrange(node, "redis")).rejects.toThrow(
        /not arranged as redis: core\/config is in cachestore_file at/,
      );
    } finally {
      await world.tier.restore("cache");
    }
  });

  it("runs, gives figures, and leaves the node as it was", async () => {
    ran.length = 0;
    const delays: number[] = [];
    const told: string[] = [];
    const record = await benchCache(
      {
        ...{
          node,
          clock,
          site: { connect: () => site(server).connect(), headers: site(server).headers },
          processors: processorTimes,
        },
        machine: { processors: 2, workers: 1 },
        date: new Date("2026-01-02T03:04:05Z"),
        setDelay: async (milliseconds) => void delays.push(milliseconds),
        tell: (line) => told.push(line),
      },
      scope,
    );
    expect(delays).toEqual(
      [...Array.from({ length: 3 }, () => [0, 0.1]), ...Array.from({ length: 3 }, () => [0, 1]), 0].flat(),
    );
    expect(told).toHaveLength(6);
    const figures = figuresOf(record);
    const { runs, cells, curves, moodle } = figures;
    expect(moodle).toContain(tree?.release);
    expect(runs.map(({ failed }) => failed)).toEqual(runs.map(() => ({})));
    expect(runs.map(({ arrangement, delay, users }) => `${arrangement} ${delay} ${users}`)).toEqual([
      ...arrangements.map((each) => `${each} 0.1 1`),
      ...arrangements.flatMap((each) => [`${each} 1 1`, `${each} 1 3`]),
    ]);
    expect(cells.filter(({ users }) => users === 1)).toHaveLength(6 * 5);
    expect(curves.filter(({ users }) => users === 1).map(({ points }) => points.length)).toEqual([2, 2, 2, 2, 2]);
    expect(runs.every(({ times }) => (times.login?.count ?? 0) > 0)).toBe(true);
    expect(runs.every(({ busy }) => busy > 0 && busy <= 1)).toBe(true);
    expect(plotOf(figures)).toContain("<svg");
    expect(classOf("core", "config")).toBe("cachestore_redis");
    expect(drift()).toEqual({ drift: [] });
    expect(ran.filter((each) => each !== restart)).toEqual(["echo calmed", ": resume calmed"]);
  }, 600_000);
});

const scope: Scope = { delays: [0.1, 1], visits: 1, crowds: [3], crowdDelays: [1], ramp: 1, seconds: 5, repeats: 1 };

function nodeOf(): Omit<Node, "run"> {
  const file = join(world.folder, "bundled.php");
  world.put("cache-configuration.php", file);
  return {
    php: "php",
    code: world.code,
    cacheConfiguration: readFileSync(file, "utf8"),
    calm: "echo calmed",
    resume: (calmed) => `: resume ${calmed}`,
    restart,
  };
}

/** Scripts run here, and the web server is started anew as PHP-FPM would be. */
async function runOnNode(script: string): Promise<string> {
  if (!script.includes("END OF PROGRAM")) ran.push(script.trim());
  if (script !== restart) return run("sh", ["-c", script], world.env);
  await server.stop();
  server = await served(world);
  return "";
}

async function served(by: MoodleNode): Promise<WebServer> {
  const started = await by.serve();
  await until(() => page(started.port, "/login/index.php"), "PHP's web server");
  return started;
}

/** What was asked for, and came right. */
async function oneVisit(to = server): Promise<readonly string[]> {
  const samples = await browse(site(to), content, { users: 1, ramp: 0, until: { visits: 1 } }, clock);
  expect(samples.filter(({ failed }) => failed !== undefined)).toEqual([]);
  return samples.map(({ of }) => of);
}

const classOf = (component: string, area: string): unknown =>
  world.inMoodle(`$cache = core_cache\\cache::make('${component}', '${area}');
    $store = (new ReflectionProperty(core_cache\\cache::class, 'store'))->getValue($cache);
    echo json_encode(get_class($store));`);

const filesBelow = (folder: string): number =>
  Number(run("sh", ["-c", 'find "$1" -type f 2>/dev/null | wc -l', "sh", join(world.folder, folder)]));

/** Of Moodle's cache configuration from the bundle's, as the node itself looks for it. */
function drift(): unknown {
  const program = new URL("../../packages/moodle/node/cache-drift.php", import.meta.url).pathname;
  return JSON.parse(
    run("php", [program, join(world.folder, "bundled.php"), join(world.folder, "node-1/muc/config.php")]),
  );
}
