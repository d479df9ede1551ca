/**
 * What a node says of itself under each fault: its own faults take it out of rotation (503), what all nodes share does
 * not (200, and the body tells). Real PHP, MariaDB and Redis; nginx and FPM are judged beside it.
 */

import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSilence } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataTier, dataTier } from "@warden/lab/data-tier";
import { freePort, processes, run, until } from "@warden/lab/processes";
import { readinessBody } from "@warden/moodle";
import { readSiteConfiguration } from "@warden/moodle/site";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleText } from "../support/bundle-text.ts";

let folder: string;
let tier: DataTier;
let port: number;
let workersPort: number;
let workers: Server;
/** What FPM would say of its workers. */
let poolStatus = { code: 502, body: "" };
const others = processes();
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "warden-ready-"));
  for (const name of ["data", "bin", "run"]) mkdirSync(at(name));
  tier = await dataTier(folder);
  workersPort = await freePort();
  workers = createServer((_, answer) => answer.writeHead(poolStatus.code).end(poolStatus.body)).listen(
    workersPort,
    "127.0.0.1",
  );
  const textOf = bundleText(site(), [
    ["/etc/warden/authorities/any.pem", tier.certificate],
    ["/etc/warden/secrets.php", at("secrets.php")],
    ["/proc/self/mounts", at("mounts")],
    ["/run/warden/", `${at("run")}/`],
    ["/opt/warden/lib.php", at("lib.php")],
    ["/opt/warden/installed.json", at("run/installed.json")],
    ["http://127.0.0.1/", `http://127.0.0.1:${workersPort}/`],
    ["'/var/cache/moodle/localcache'", `'${at("run")}'`],
  ]);
  for (const name of ["lib.php", "ready.php"]) writeFileSync(at(name), textOf(name));
  writeFileSync(at("settings.php"), textOf("ready-settings.php"));
  writeFileSync(at("secrets.php"), tier.secrets);
  port = await freePort();
  const env = {
    ...process.env,
    PATH: `${at("bin")}:${process.env["PATH"]}`,
    TMPDIR: at("run"),
    PHP_CLI_SERVER_WORKERS: "2",
  };
  others.start("php", ["-d", "opcache.enable=0", "-S", `127.0.0.1:${port}`, at("ready.php")], env);
  await until(ask, "PHP's web server");
}, 120_000);

afterAll(async () => {
  await others.end();
  await tier?.end();
  workers?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A node that is well. */
beforeEach(() => {
  const digest = "ab".repeat(32);
  writeFileSync(at("mounts"), `127.0.0.1:/ ${at("data")} nfs4 rw,hard 0 0\n`);
  writeFileSync(at("run/verified.json"), JSON.stringify({ release: "5.1", digest }));
  writeFileSync(at("run/installed.json"), JSON.stringify({ release: "5.1", digest }));
  poolStatus = { code: 200, body: JSON.stringify({ "total processes": 20, "active processes": 20 }) };
});

describe("a node that is well", () => {
  it("answers 200 and says that all it shares answers, too", async () => {
    expect(await ask()).toEqual({
      status: 200,
      v: 1,
      ready: true,
      release: "5.1",
      digest: "ab".repeat(32),
      node: { draining: null, verified: null, files: null, disk: null, workers: null },
      shared: { database: "ok", sessions: "ok", cache: "ok" },
      maintenance: false,
    });
  });

  it("stays in rotation while the site is in maintenance", async () => {
    writeFileSync(at("data/climaintenance.html"), "later");
    expect(await ask()).toMatchObject({ status: 200, maintenance: true });
    rmSync(at("data/climaintenance.html"));
  });
});

describe("a fault of the node takes it out of rotation", () => {
  const undo: (() => void)[] = [];
  afterEach(() => {
    for (const each of undo.splice(0)) each();
  });

  it("when it drains", async () => {
    writeFileSync(at("run/draining"), "");
    undo.push(() => rmSync(at("run/draining")));
    expect(await ask()).toMatchObject({ status: 503, node: { draining: "this node is leaving" } });
  });

  it("before it was verified", async () => {
    rmSync(at("run/verified.json"));
    expect(await ask()).toMatchObject({ status: 503, node: { verified: "this node was not verified yet" } });
  });

  it("when its configuration is another than it was verified for", async () => {
    writeFileSync(at("run/installed.json"), JSON.stringify({ release: "5.1", digest: "cd".repeat(32) }));
    const verified = "this node was verified for another configuration";
    expect(await ask()).toMatchObject({ status: 503, node: { verified } });
  });

  it("when the shared files are not mounted", async () => {
    writeFileSync(at("mounts"), `/dev/sda1 / ext4 rw 0 0\n127.0.0.1:/ ${at("data")}2 nfs4 rw 0 0\n`);
    expect(await ask()).toMatchObject({ status: 503, node: { files: "the shared files are not mounted" } });
  });

  it("when the shared files hang, in less time than a load balancer waits, and hangs no more than one child", async () => {
    writeFileSync(at("bin/stat"), "#!/bin/sh\nexec sleep 600\n");
    chmodSync(at("bin/stat"), 0o755);
    undo.push(() => {
      rmSync(at("bin/stat"));
      run("pkill", ["-f", "^sleep 600$"]);
    });
    const hung = { status: 503, node: { files: "the shared files do not answer" }, maintenance: false };
    for (let look = 1; look <= 3; look++) {
      const startedAt = performance.now();
      expect(await ask()).toMatchObject(hung);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    }
    expect(run("pgrep", ["-fc", "^sleep 600$"]).trim()).toBe("1");
  });

  it("and is back as soon as they answer", async () => {
    expect(await ask()).toMatchObject({ status: 200 });
  });

  it("when its disk is full", async () => {
    const settings = readFileSync(at("settings.php"), "utf8");
    writeFileSync(at("settings.php"), settings.replace("'leastfree' => 0.05", "'leastfree' => 1.1"));
    undo.push(() => writeFileSync(at("settings.php"), settings));
    expect(await ask()).toMatchObject({ status: 503, node: { disk: "the disk is full" } });
  });

  it.each([
    ["FPM is gone", { code: 502, body: "Bad Gateway" }],
    ["it has no worker left", { code: 200, body: JSON.stringify({ "total processes": 0 }) }],
    ["it answers something else", { code: 200, body: "<html>" }],
  ])("when %s", async (_, answer) => {
    poolStatus = answer;
    expect(await ask()).toMatchObject({ status: 503, node: { workers: "no worker of the site is there" } });
  });
});

describe("a fault of what all nodes share does not", () => {
  it.each(["sessions", "cache"] as const)("when Redis for the %s is gone", async (which) => {
    await tier.lose(which);
    const seen = await ask();
    await tier.restore(which);
    expect(seen).toMatchObject({ status: 200, ready: true, shared: { database: "ok", [which]: "does not answer" } });
    expect(await ask()).toMatchObject({ shared: { [which]: "ok" } });
  });

  it("when a cache takes another password: and no word of it leaves the node", async () => {
    writeFileSync(at("secrets.php"), tier.secrets.replace("cache-pass", "planted-secret"));
    const seen = await ask();
    writeFileSync(at("secrets.php"), tier.secrets);
    expect(seen).toMatchObject({ status: 200, shared: { cache: "refuses the password" } });
    expect(JSON.stringify(seen)).not.toMatch(/planted|moodle|-pass|localhost|127\.0/);
  });

  it("when the database takes another password", async () => {
    writeFileSync(at("secrets.php"), tier.secrets.replace("database-pass", "planted-secret"));
    const seen = await ask();
    writeFileSync(at("secrets.php"), tier.secrets);
    expect(seen).toMatchObject({ status: 200, shared: { database: "refuses the password", sessions: "ok" } });
  });

  it("when all of it hangs, and the node's own parts, too: the answer comes before the load balancer stops waiting", async () => {
    // Takes connections and never says a word.
    const silent = createSilence(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("a server that listens has an address");
    const settings = readFileSync(at("settings.php"), "utf8");
    const ports = [...Object.values(tier.ports), workersPort].map(String).join("|");
    writeFileSync(at("settings.php"), settings.replaceAll(new RegExp(`\\b(${ports})\\b`, "g"), String(address.port)));
    writeFileSync(at("bin/stat"), "#!/bin/sh\nexec sleep 601\n");
    chmodSync(at("bin/stat"), 0o755);
    const startedAt = performance.now();
    const seen = await ask();
    const took = performance.now() - startedAt;
    writeFileSync(at("settings.php"), settings);
    rmSync(at("bin/stat"));
    run("pkill", ["-f", "^sleep 601$"]);
    silent.close();
    expect(seen).toMatchObject({ status: 503, node: { files: "the shared files do not answer" } });
    expect(Object.values(readinessBody.shape.shared.parse(Reflect.get(seen, "shared")))).not.toContain("ok");
    expect(took).toBeLessThan(5_000);
  });

  it("when the database is gone", async () => {
    await tier.lose("database");
    expect(await ask()).toMatchObject({ status: 200, shared: { database: "does not answer", sessions: "ok" } });
  });
});

async function ask(): Promise<object> {
  const answer = await fetch(`http://127.0.0.1:${port}/warden/ready`);
  return { status: answer.status, ...readinessBody.parse(await answer.json()) };
}

function site() {
  const redis = (which: "sessions" | "cache") => ({
    redis: { host: "localhost", port: tier.ports[which], user: "moodle", password: { secret: which } },
  });
  const read = readSiteConfiguration(
    JSON.stringify({
      site: "judge",
      address: "https://moodle.example",
      timeZone: "UTC",
      release: "5.1",
      nodes: { platform: "debian" },
      php: { version: "8.2" },
      database: {
        ...{ kind: "mariadb", version: "10.11", host: "127.0.0.1", port: tier.ports.database, name: "moodle" },
        ...{ user: "moodle", password: { secret: "database" }, connections: 500, tls: "off" },
      },
      sessions: redis("sessions"),
      cache: redis("cache"),
      files: { nfs: "localhost", export: "/x", directory: at("data") },
    }),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}
