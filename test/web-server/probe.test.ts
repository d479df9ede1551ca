/**
 * What a node tells audits of itself: real PHP as the user who runs it, real mounts and permissions. Here config.php is the
 * bundle's own with secrets planted in it, and Moodle's library is not there; with a real Moodle it is judged in
 * test/moodle. Needs root, as the unit has it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inventoryDocument, type MoodleFacts } from "@warden/moodle/inventory";
import { readSiteConfiguration } from "@warden/moodle/site";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleText } from "../support/bundle-text.ts";

const instance = "i-0123456789abcdef0";
let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const written = (): string => at("ssm", instance, "inventory/custom/moodle.json");

/** A node as it is right after its bootstrap. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-probe-"));
  chmodSync(folder, 0o755);
  for (const name of [
    `ssm/${instance}`,
    "code/public/lib",
    "code/lib",
    "data/cache",
    "data/temp/backup",
    "localcache",
    "bin",
  ])
    mkdirSync(at(name), { recursive: true });
  chmodSync(at("data"), 0o755);
  const textOf = bundleText(site(), [
    ["/etc/warden/secrets.php", at("secrets.php")],
    ["/opt/warden/probe", at("probe")],
    ["/srv/moodle/current", at("code")],
    ["/etc/nginx/conf.d", folder],
    ["/var/cache/moodle/localcache", at("localcache")],
    ["/srv/moodledata", at("data")],
    ["/var/lib/amazon/ssm", at("ssm")],
  ]);
  for (const name of ["lib.php", "probe.php", "probe-moodle.php", "probe-settings.php", "inventory.sh"])
    writeFileSync(at(name), textOf(name));
  writeFileSync(at("moodle.conf"), textOf("nginx.conf"));
  writeFileSync(
    at("secrets.php"),
    "<?php return ['database' => 't0p-db', 'sessions' => 't0p-redis', 'cache' => 't0p'];",
  );
  const config = textOf("config.php").replace("require_once", "// require_once");
  writeFileSync(at("code/config.php"), `${config}${planted}`);
  writeFileSync(
    at("code/public/version.php"),
    "<?php defined('MOODLE_INTERNAL') || die(); $version = 2025100606.00; $release = '5.1.6 (Build: 20260810)'; $branch = '501';",
  );
  program("chronyc", "echo A9FEA97B,169.254.169.123,4,1795327502.5,-0.000213,0.1,0.1,1,0.1,0.1,0.1,0.1,16.1,Normal");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What people put into config.php. */
const planted = `
$CFG->tool_secret = 't0p-setting';
$CFG->passwordsaltmain = 't0p-salt';
$CFG->cachedir = $CFG->dataroot . '/cache'; $CFG->tempdir = $CFG->dataroot . '/temp';
$CFG->backuptempdir = $CFG->dataroot . '/temp/backup';
echo "A word that Moodle says\\n";
`;

describe("the facts of a node", () => {
  it("are those of the disk, of PHP, of the machine and of config.php", () => {
    const { moodle, ...facts } = collected();
    expect(moodle).toBe("site");
    expect(facts).toMatchObject({
      release: "5.1.6 (Build: 20260810)",
      version: "2025100606",
      branch: "501",
      document_root: at("code/public"),
      php: expect.stringMatching(/^8\.\d+\.\d+/),
      phpredis: expect.stringMatching(/^\d+\.\d+/),
      extensions: expect.stringMatching(/\bredis\b.*\bopcache$/),
      opcache: expect.stringMatching(/^enable=1 memory_consumption=\d+ /),
      clock_offset: "-0.000213",
      hostname: expect.stringMatching(/./),
      wwwroot: "https://moodle.example",
      dbtype: "mariadb",
      sslproxy: "true",
      reverseproxy: "",
      getremoteaddrconf: "1",
      preventexecpath: "true",
      cronclionly: "true",
      session_handler_class: "\\core\\session\\redis",
      session_redis: "localhost:6379",
      session_redis_prefix: "judge_sessions_",
      session_redis_encrypt: "verified",
      session_redis_lock_expire: "120",
      cachedir: "shared",
      tempdir: "shared",
      backuptempdir: "shared",
      localcachedir: "local",
      // Nobody is there to say so.
      muc_config: "",
      altcacheconfigpath: "",
      upgrade_pending: "",
    });
  });

  it("fit into what Systems Manager takes", () => {
    const facts = Object.entries(collected());
    expect(facts.length).toBeLessThanOrEqual(50);
    for (const [name, value] of facts) {
      expect(name.length).toBeLessThanOrEqual(64);
      expect(Buffer.byteLength(value ?? "")).toBeLessThanOrEqual(4096);
    }
    expect(statSync(written())).toMatchObject({ uid: 0, mode: 0o100644 });
    expect(readdirSync(at("ssm", instance, "inventory/custom"))).toEqual(["moodle.json"]);
  });

  it("hold no secret, wherever one stands", () => {
    collected();
    expect(readFileSync(written(), "utf8")).not.toContain("t0p");
  });

  it.each([
    ["wwwroot", "'https://admin:t0p@moodle.example'"],
    ["session_redis_host", "'user:t0p@localhost'"],
    ["session_handler_class", "['t0p']"],
    ["lock_factory", "'t0p secret'"],
    ["debug", "'t0p'"],
    ["xsendfile", '"t0p\\n"'],
  ])("do not let a secret out as %s", (name, value) => {
    writeFileSync(at("code/config.php"), `${readFileSync(at("code/config.php"), "utf8")}\n$CFG->${name} = ${value};`);
    const facts = new Map(Object.entries(collected()));
    expect(facts.get(name === "session_redis_host" ? "session_redis" : name)).toBe("?");
    expect(readFileSync(written(), "utf8")).not.toContain("t0p");
  });

  it("say whether PHP could change the code", () => {
    expect(collected()).toMatchObject({ code_writable: "false", config_writable: "false" });
    chmodSync(at("code/lib"), 0o777);
    chmodSync(at("code/config.php"), 0o666);
    expect(collected()).toMatchObject({ code_writable: "true", config_writable: "true" });
  });

  it("say what config.php alone says when Moodle does not come up, and what the node says when nobody does", () => {
    const config = readFileSync(at("code/config.php"), "utf8");
    const fails = "if (!defined('ABORT_AFTER_CONFIG')) { echo 'Error: Database connection failed'; exit(1); }";
    writeFileSync(at("code/config.php"), `${config}\n${fails}`);
    expect(collected()).toMatchObject({ moodle: "config", wwwroot: "https://moodle.example", cachedir: "shared" });
    writeFileSync(at("code/config.php"), "<?php exit(1);");
    const facts = collected();
    expect(facts).toMatchObject({ moodle: "", release: "5.1.6 (Build: 20260810)" });
    expect(facts).not.toHaveProperty("wwwroot");
  });

  it("stay as they were when the probe fails", () => {
    collected();
    const before = readFileSync(written(), "utf8");
    writeFileSync(at("probe.php"), "<?php echo '{'; exit(1);");
    expect(inventory().status).not.toBe(0);
    expect(readFileSync(written(), "utf8")).toBe(before);
  });

  it("are not written where no SSM Agent is registered", () => {
    rmSync(at("ssm", instance), { recursive: true });
    const { status, stderr } = inventory();
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("no directory") });
    expect(existsSync(written())).toBe(false);
  });

  it("do not know a clock without a source", () => {
    program("chronyc", "echo 7F7F0101,,0,0,0.0,0,0,0,0,0,1,1,0,Not synchronised");
    expect(collected()).toMatchObject({ clock_offset: "" });
  });
});

const mayMount = spawnSync("unshare", ["--mount", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;

describe.skipIf(!mayMount)("the mount of the shared files (where this machine lets one mount)", () => {
  /** In a name space of its own, so that nothing of it stays. */
  const mounted = 'mount -t tmpfs -o noexec,size=1m,mode=0777 none "$1" && ';

  it.each([
    ["unwritable", 0o755],
    ["writable", 0o777],
  ])("is told, and that the directory below it is %s", (bare, mode) => {
    chmodSync(at("data"), mode);
    const facts = collected(mounted);
    expect(facts).toMatchObject({ bare_mountpoint: bare, mount: expect.stringMatching(/^tmpfs rw,\S*noexec/) });
  });

  it("is empty where there is none", () => {
    chmodSync(at("data"), 0o755);
    expect(collected()).toMatchObject({ bare_mountpoint: "unwritable", mount: "" });
  });
});

function collected(before = ""): MoodleFacts {
  const { status, stderr } = inventory(before);
  expect(status, stderr).toBe(0);
  return inventoryDocument.parse(JSON.parse(readFileSync(written(), "utf8"))).Content;
}

function inventory(before = "") {
  const php = execFileSync("which", ["php"], { encoding: "utf8" }).trim();
  const line = `${before}shift && exec sh "$@"`;
  const script = [at("inventory.sh"), "www-data:www-data", php, at("data")];
  const env = { ...process.env, PATH: `${at("bin")}:${process.env["PATH"]}` };
  const command = before === "" ? [] : ["unshare", "--mount"];
  const [program = "sh", ...options] = [...command, "sh", "-c", line, "sh", at("data"), ...script];
  return spawnSync(program, options, { encoding: "utf8", env });
}

function program(name: string, text: string): void {
  writeFileSync(at("bin", name), `#!/bin/sh\n${text}\n`);
  chmodSync(at("bin", name), 0o755);
}

function site() {
  const read = readSiteConfiguration(`
site: judge
address: https://moodle.example
timeZone: UTC
release: "5.1"
nodes: { platform: debian }
php: { version: "8.2" }
database: { kind: mariadb, version: "10.11", host: 127.0.0.1, name: moodle, user: moodle,
  password: { secret: database }, connections: 500, tls: "off" }
sessions: { redis: { host: localhost, user: moodle, password: { secret: sessions } } }
cache: { redis: { host: localhost, port: 6380, user: moodle, password: { secret: cache } } }
files: { nfs: localhost, export: /x }
`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}
