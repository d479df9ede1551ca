/**
 * A real Moodle as the judge of what Warden writes for it. Needs its source tree, which is not ours to bring along:
 * WARDEN_MOODLE_DIR names it. PHP, MariaDB, Redis and openssl come from the distribution.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Ended, until } from "@warden/lab/processes";
import { inventoryDocument, type MoodleFacts } from "@warden/moodle/inventory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { codeOf } from "../../packages/moodle/src/release/code.ts";
import { filesOf } from "../../packages/moodle/src/release/files.ts";
import { page } from "./page.ts";
import { type MoodleWorld, moodleWorld, sourceTree } from "./world.ts";

const tree = sourceTree();
let world: MoodleWorld;
/** What the node's own program said of the site before it was installed. */
let before: Ended;
/** What differs in its cache configuration after somebody installed it with Moodle's own program. */
let drifted: unknown;

beforeAll(async () => {
  if (tree === undefined) return;
  world = await moodleWorld(tree.path, tree.release);
  before = world.asNode("site");
  const admin = ["--adminpass=Judge-1234", "--adminemail=judge@example.com"];
  expect(world.moodle("install_database.php", "--agree-license", ...admin)).toMatchObject({ status: 0 });
  drifted = drift();
  world.put("cache-configuration.php", world.place("/var/lib/moodle/muc/config.php"));
}, 600_000);

afterAll(() => world?.stop());

describe.skipIf(tree === undefined)(`Moodle ${tree?.release ?? ""} with the files that Warden writes`, () => {
  it("tells a node that it is not installed, installed, and waiting for its upgrade", () => {
    expect(before).toMatchObject({ status: 0, stdout: "empty\n" });
    expect(world.asNode("site")).toMatchObject({ status: 0, stdout: "installed\n" });
    const hash = String(world.inMoodle("echo json_encode($CFG->allversionshash);"));
    world.tier.sql("UPDATE mdl_config SET value = 'another' WHERE name = 'allversionshash'");
    expect(world.asNode("site")).toMatchObject({ status: 0, stdout: "upgrade-pending\n" });
    world.tier.sql(`UPDATE mdl_config SET value = '${hash}' WHERE name = 'allversionshash'`);
    expect(world.asNode("site")).toMatchObject({ status: 0, stdout: "installed\n" });
  });

  it("has the versions that the build of a release finds in its code", async () => {
    const { hash, plugins } = await codeOf(await filesOf(tree?.path ?? ""));
    expect(hash).toBe(world.inMoodle("echo json_encode($CFG->allversionshash);"));
    const found = world.inMoodle("echo json_encode(array_keys(core_component::get_all_versions()));");
    expect(["core", ...plugins.map(({ name }) => name)]).toEqual(found);
  });

  it("tells a node which tasks run there, and of no other node's", () => {
    const row = "UPDATE mdl_task_scheduled SET timestarted = 1, hostname";
    world.tier.sql(`${row} = '${hostname()}' WHERE classname LIKE '%session_cleanup_task'`);
    world.tier.sql(`${row} = 'elsewhere' WHERE classname LIKE '%delete_unconfirmed_users_task'`);
    expect(world.asNode("tasks")).toMatchObject({ status: 0, stdout: "core\\task\\session_cleanup_task\n" });
    world.tier.sql("UPDATE mdl_task_scheduled SET timestarted = NULL, hostname = NULL");
  });

  it("reads every setting that config.php sets", () => {
    const written = [...readFileSync(world.config, "utf8").matchAll(/^\$CFG->(\w+) = /gm)];
    expect(written.length).toBeGreaterThan(20);
    const code = execFileSync(
      "grep",
      ["-rhoE", "--include=*.php", "--exclude=config*.php", "CFG->[a-z_]+", world.code],
      {
        encoding: "utf8",
        maxBuffer: 1 << 28,
      },
    );
    const read = new Set(code.split("\n"));
    expect(written.map(([, name]) => name).filter((name) => !read.has(`CFG->${name}`))).toEqual([]);
  });

  it("keeps the application cache in Redis, live", () => {
    expect(storeOf("config")).toEqual(["cachestore_redis"]);
    expect(storeOf("string")).toEqual(["cachestore_file", "cachestore_redis"]);
  });

  it("uses the cache configuration where we put it", () => {
    expect(
      world.inMoodle(
        "class p extends core_cache\\config { static function at() { return self::get_config_file_path(); } } echo json_encode(p::at());",
      ),
    ).toBe(world.place("/var/lib/moodle/muc/config.php"));
  });

  it("has the site's identifier in the keys of its caches, and not the one that Moodle made up for this node", () => {
    expect(drifted).toEqual(["siteidentifier"]);
    const used = "echo json_encode([core_cache\\helper::get_site_identifier(), md5(get_site_identifier())]);";
    const [inKeys, madeUp] = z.tuple([z.string(), z.string()]).parse(world.inMoodle(used));
    const written = readFileSync(world.place("/var/lib/moodle/muc/config.php"), "utf8");
    expect(written).toMatch(new RegExp(`'siteidentifier' => '${inKeys}'`));
    expect(written).not.toContain(madeUp);
    expect(drift()).toEqual([]);
  });

  it("may write its cache configuration 100 times, and nothing has drifted", () => {
    const writes = world.inMoodle(
      "$count = 0; for ($i = 0; $i < 100; $i++) { $w = core_cache\\config_writer::instance();" +
        " $w->set_definition_sharing('core/string', $i % 2 ? 1 : 2); $count++; }" +
        " core_cache\\config_writer::instance()->set_definition_sharing('core/string', 2); echo json_encode($count);",
    );
    expect(writes).toBe(100);
    expect(drift()).toEqual([]);
    expect(storeOf("string")).toEqual(["cachestore_file", "cachestore_redis"]);
  });

  it("and what somebody changed in it is found, by its place and without its value", () => {
    const file = world.place("/var/lib/moodle/muc/config.php");
    const before = readFileSync(file, "utf8");
    const changed = before
      .replace("'prefix' => 'judge_cache_'", "'prefix' => 'other_'")
      .replace(/'store' => 'redis',\n\s+'sort' => -1/, "'store' => 'default_application', 'sort' => -1");
    expect(changed).not.toBe(before);
    writeFileSync(file, changed);
    expect(drift()).toEqual(["stores.redis.configuration.prefix", "modemappings.1"]);
    writeFileSync(file, before);
    expect(drift()).toEqual([]);
  });

  it("believes the load balancer's address of a client, not the client's own", () => {
    const forged =
      "$_SERVER['HTTP_CLIENT_IP'] = '6.6.6.6'; $_SERVER['HTTP_X_FORWARDED_FOR'] = '6.6.6.6, 203.0.113.7'; $_SERVER['REMOTE_ADDR'] = '10.0.0.5';";
    expect(world.inMoodle(`${forged} echo json_encode(getremoteaddr());`)).toBe("203.0.113.7");
  });

  it("keeps temporary files, the cache directory and backups with all nodes, and the local cache to itself", () => {
    const directories = world.inMoodle(
      "echo json_encode([$CFG->dataroot, $CFG->tempdir, $CFG->backuptempdir, $CFG->cachedir, $CFG->localcachedir]);",
    );
    const [data, ...others] = z.array(z.string()).parse(directories);
    const local = others.pop();
    expect(others.filter((each) => !each.startsWith(`${data}/`))).toEqual([]);
    expect(local).toBe(world.place("/var/cache/moodle/localcache"));
  });

  it("does not let a setting be changed that config.php holds", () => {
    expect(world.moodle("cfg.php", "--name=cronclionly", "--set=0")).toMatchObject({ status: 4 });
  });

  it("tells audits what holds in it, live", () => {
    const facts = factsOf();
    expect(facts).toMatchObject({
      moodle: "site",
      branch: tree?.release.replace(".", "0"),
      wwwroot: "https://moodle.example",
      dbtype: "mariadb",
      sslproxy: "true",
      cronclionly: "true",
      // Moodle's defaults and the database's: config.php does not say them.
      cookiehttponly: "true",
      cookiesecure: "true",
      debug: "0",
      session_handler_class: "\\core\\session\\redis",
      session_redis_encrypt: "verified",
      cachedir: "shared",
      tempdir: "shared",
      backuptempdir: "shared",
      localcachedir: "local",
      upgrade_pending: "false",
      maintenance_enabled: expect.stringMatching(/^(false|)$/),
      task_hosts: "",
      altcacheconfigpath: world.place("/var/lib/moodle/muc/config.php"),
      muc_modes: "application=cachestore_redis session=cachestore_session request=cachestore_static",
      muc_config: "cachestore_redis",
    });
  });

  it("tells audits that its cache fell back to files, and that its database does not answer, without a word of a secret", async () => {
    await world.tier.lose("cache");
    try {
      expect(factsOf()).toMatchObject({ moodle: "site", muc_config: "cachestore_file" });
    } finally {
      await world.tier.restore("cache");
    }
    const config = readFileSync(world.config, "utf8");
    writeFileSync(world.config, config.replace(/'dbport' => \d+/, "'dbport' => 1"));
    try {
      expect(factsOf()).toMatchObject({ moodle: "config", dbtype: "mariadb", localcachedir: "local" });
    } finally {
      writeFileSync(world.config, config);
    }
  });

  it("is measured by its own tables", async () => {
    const measured = async () => {
      const line = z.looseObject({ measuresSite: z.boolean() }).parse(JSON.parse(await world.measure()));
      // The database may yet have to notice that the one before is gone.
      if (!line.measuresSite) throw new Error("another has the lock");
      return line;
    };
    world.inMoodle(`
      $DB->set_field('user', 'lastaccess', 0);
      $DB->delete_records('task_adhoc');
      unset_config('lastcronstart', 'tool_task');
      echo '1';`);
    expect(await until(measured, "a measure")).toMatchObject({
      ActiveUsers: 0,
      AdhocQueue: 0,
      AdhocAge: 0,
      CronAge: null,
      SessionLockAge: 0,
    });
    world.inMoodle(`
      $DB->set_field('user', 'lastaccess', time() - 100, ['username' => 'admin']);
      set_config('lastcronstart', time() - 100, 'tool_task');
      $task = new core\\task\\asynchronous_backup_task();
      $task->set_next_run_time(time() - 100);
      core\\task\\manager::queue_adhoc_task($task);
      echo '1';`);
    const found = await until(measured, "a measure");
    expect(found).toMatchObject({ ActiveUsers: 1, AdhocQueue: 1 });
    for (const name of ["AdhocAge", "CronAge"]) expect(found[name], name).toBeGreaterThanOrEqual(100);
    world.inMoodle("$DB->delete_records('task_adhoc'); echo '1';");
  });

  it("lets out of cron's log what tasks were run, and nothing that they were given", () => {
    world.inMoodle(`
      $DB->set_field('task_scheduled', 'nextruntime', time() + 86400);
      $DB->set_field('task_scheduled', 'nextruntime', 0, ['classname' => '\\core\\task\\session_cleanup_task']);
      $task = new core\\task\\asynchronous_backup_task();
      $task->set_custom_data(['backupid' => 't0p-data']);
      core\\task\\manager::queue_adhoc_task($task);
      echo '1';`);
    const { stdout } = world.moodle("cron.php", "--keep-alive=0");
    world.inMoodle("$DB->delete_records('task_adhoc'); echo '1';");
    expect(stdout).toContain("t0p-data");
    const shipped = world.shipped("cron", stdout);
    expect(shipped.join("\n")).not.toContain("t0p-data");
    expect(shipped).toContainEqual(expect.stringMatching(/^Execute adhoc task: .*asynchronous_backup_task/));
    expect(shipped).toContainEqual(expect.stringMatching(/^Adhoc task failed: /));
    expect(shipped).toContainEqual(expect.stringMatching(/^Scheduled task complete: /));
    expect(shipped).toContainEqual(expect.stringMatching(/^Cron (run|script) completed/));
  });

  it("serves its login page to the load balancer and keeps the session in Redis", async () => {
    const server = await world.serve();
    try {
      const { status } = await until(() => page(server.port, "/login/index.php"), "PHP's web server");
      expect(status).toBe(200);
      expect(world.tier.redis("sessions", "--scan", "--pattern", "judge_sessions_*")).toMatch(/^judge_sessions_/);
      expect(world.tier.redis("cache", "--scan", "--pattern", "judge_sessions_*")).toBe("");
      expect(world.tier.redis("cache", "--scan", "--pattern", "*")).not.toMatch(/^(?!judge_cache_)./m);
    } finally {
      await server.stop();
    }
  }, 120_000);

  it("runs cron where a place is free, and only there", async () => {
    world.moodle("cfg.php", "--name=cron_enabled", "--set=0");
    // Cron that is switched off says so and ends with 1: that it was asked at all is what shows.
    expect(world.cronPlace(1)).toMatchObject({ status: 1, stdout: expect.stringMatching(/disabled/i) });
    const held = await world.hold(
      "$held = \\core\\lock\\lock_config::get_lock_factory('warden_cron')->get_lock('place_1', 0);",
    );
    expect(world.cronPlace(1)).toEqual({ status: 0, stdout: "" });
    expect(world.cronPlace(2)).toMatchObject({ status: 1 });
    await held.release();
    // The database has yet to notice that the connection is gone.
    await until(() => expect(world.cronPlace(1)).toMatchObject({ status: 1 }), "cron");
  }, 120_000);
});

/** The classes that really hold a definition's values now, the first that is asked first. */
function storeOf(area: string): unknown {
  return world.inMoodle(`
    $cache = cache::make('core', '${area}');
    $classes = [];
    while ($cache) {
      $store = (new ReflectionProperty('core_cache\\\\cache', 'store'))->getValue($cache);
      $loader = (new ReflectionProperty('core_cache\\\\cache', 'loader'))->getValue($cache);
      $classes[] = get_class($store);
      $cache = $loader instanceof core_cache\\cache ? $loader : null;
    }
    echo json_encode($classes);`);
}

/** What the probe says; never a password. */
function factsOf(): MoodleFacts {
  const document = world.probe();
  expect(document).not.toContain("-pass");
  return inventoryDocument.parse(JSON.parse(document)).Content;
}

function drift(): unknown {
  const script = new URL("../../packages/moodle/node/cache-drift.php", import.meta.url).pathname;
  const files = [join(world.folder, "expected.php"), world.place("/var/lib/moodle/muc/config.php")];
  world.put("cache-configuration.php", files[0] ?? "");
  const { drift } = JSON.parse(execFileSync("php", [script, ...files], { encoding: "utf8" }));
  return drift;
}
