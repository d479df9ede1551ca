/** What the nodes of a site do together, on a real Moodle (see world.ts): who installs and upgrades it, and what they share. */
import { execFileSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Ended, until } from "@warden/lab/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { page } from "./page.ts";
import { type MoodleNode, type MoodleWorld, moodleWorld, sourceTree } from "./world.ts";

const tree = sourceTree();
/** Moodle has 450 tables to make. */
const slow = { timeout: 600_000 };
const password = "Judge-1234 'of' $all";
let world: MoodleWorld;
let other: MoodleNode;

beforeAll(async () => {
  if (tree === undefined) return;
  world = await moodleWorld(tree.path, tree.release);
  other = world.anotherNode();
});

afterAll(() => world?.stop());

describe.skipIf(tree === undefined)(`the database of Moodle ${tree?.release ?? ""}`, () => {
  it("is not touched without a password", async () => {
    expect(await world.schema("install", "").ended).toMatchObject({ status: 255 });
    expect(await world.schema("upgrade").ended).toEqual({ status: 1, stdout: "\nempty\n" });
    expect(world.tier.sql("SHOW TABLES")).toBe("");
  });

  it("is called half-installed when the one that installs it is killed, and never installed", slow, async () => {
    const first = world.schema("install", password);
    const hasVersion = "SELECT value FROM mdl_config WHERE name = 'version'";
    await until(() => expect(world.tier.sql(hasVersion)).not.toBe(""), "the tables of Moodle's core");
    // Moodle's program takes the password as an argument, which everybody may see: ours does not hand it on as one.
    expect(
      execFileSync("sh", ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null || true"], { encoding: "latin1" }),
    ).not.toContain("Judge-1234");
    const second = other.schema("install", password);
    expect(await other.schema("install", password, 1).ended).toEqual({ status: 1, stdout: "\nheld\n" });
    await first.kill();
    expect(await second.ended).toEqual({ status: 1, stdout: "\nhalf-installed\n" });
    expect(await other.schema("upgrade").ended).toEqual({ status: 1, stdout: "\nhalf-installed\n" });
    expect(other.asNode("site").stdout).toBe("empty\n");
    world.tier.sql("DROP DATABASE moodle; CREATE DATABASE moodle CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
  });

  it("is installed once by three nodes at the same instant", slow, async () => {
    const nodes = [world, other, world.anotherNode()];
    const answers = await Promise.all(nodes.map((node) => node.schema("install", password).ended));
    expect(answers.map(said)).toEqual(["0 installed", "0 installed", "0 installed"]);
    // Moodle tells of each step: one of them has more to say than its answer.
    expect(answers.filter(({ stdout }) => stdout.length > 1000)).toHaveLength(1);
    expect(world.asNode("site").stdout).toBe("installed\n");
    const enters = `echo json_encode((bool) authenticate_user_login('admin', base64_decode('${btoa(password)}')));`;
    expect(world.inMoodle(enters)).toBe(true);
    expect(world.inMoodle("echo json_encode($DB->get_field('course', 'fullname', ['format' => 'site']));")).toBe(
      "judge",
    );
    expect(said(await other.schema("upgrade").ended)).toBe("0 installed");
  });

  it("has the key of Moodle's secrets from then on", () => {
    expect(world.inMoodle("echo json_encode(\\core\\encryption::key_exists());")).toBe(true);
  });

  it("is upgraded once by two nodes at the same instant", slow, async () => {
    outdate();
    const answers = await both((node) => node.schema("upgrade").ended);
    expect(answers.map(said)).toEqual(["0 installed", "0 installed"]);
    expect(upgrades()).toBe(1);
    expect(world.asNode("site").stdout).toBe("installed\n");
  });

  it("is upgraded by the next when the one that does it is killed", slow, async () => {
    outdate();
    // What it upgraded it writes there, so it waits in the middle of its work.
    const held = await world.hold("$DB->execute('LOCK TABLES {upgrade_log} WRITE');");
    const first = world.schema("upgrade");
    await until(() => expect(world.tier.sql(waits)).toBe("1"), "the upgrade");
    await first.kill();
    await held.release();
    // Moodle's mark says that an upgrade runs, and no node can tell it from one that somebody runs by hand.
    expect(said(await other.schema("upgrade", "", 1).ended)).toBe("1 held");
    expect(other.asNode("site").stdout).toBe("upgrade-pending\n");
    const second = other.schema("upgrade");
    world.tier.sql("UPDATE mdl_config SET value = UNIX_TIMESTAMP() - 1 WHERE name = 'upgraderunning'");
    expect(said(await second.ended)).toBe("0 installed");
    expect(
      world.tier.sql("SELECT value FROM mdl_config_plugins WHERE plugin = 'mod_page' AND name = 'version'"),
    ).not.toBe("2020010100");
  });
});

describe.skipIf(tree === undefined)(`two nodes of Moodle ${tree?.release ?? ""}`, () => {
  it("pass Moodle's own checks", () => {
    for (const node of [world, other]) {
      expect(node.moodle("checks.php", "--filter=core_")).toEqual({
        status: 0,
        stdout: expect.stringMatching(/^OK: /),
      });
    }
  });

  it("read each other's secrets, with a key that lies in moodledata and that nobody makes anew", () => {
    const secret = String(world.inMoodle("echo json_encode(core\\encryption::encrypt('t0p'));"));
    const read = `echo json_encode(core\\encryption::decrypt('${secret}'));`;
    expect(other.inMoodle(read)).toBe("t0p");
    expect(other.inMoodle("echo json_encode(core\\encryption::get_key_file());")).toBe(
      join(world.folder, "data/secret/key/sodium.key"),
    );
  });

  it("read what the other puts into a cache", () => {
    world.inMoodle("cache::make('core', 'groupdata')->set(7, 'of the first'); echo '1';");
    const read = "echo json_encode(cache::make('core', 'groupdata')->get(7));";
    expect(other.inMoodle(read)).toBe("of the first");
    other.inMoodle("cache::make('core', 'groupdata')->set(7, 'of the second'); echo '1';");
    expect(world.inMoodle(read)).toBe("of the second");
  });

  it("have one identifier in the keys of caches, however each of them came to the site", () => {
    const used = "echo json_encode(core_cache\\helper::get_site_identifier());";
    expect(new Set([world, other, world.anotherNode()].map((node) => node.inMoodle(used))).size).toBe(1);
  });

  it("do not serve from their own disks what the other made another", () => {
    const course = world.inMoodle(`require_once($CFG->dirroot . '/course/lib.php');
      echo json_encode(create_course((object) ['fullname' => 'x', 'shortname' => 'x', 'category' => 1])->id);`);
    const name = `echo json_encode(get_fast_modinfo(${course})->get_section_info(0)->name);`;
    expect(other.inMoodle(name)).toBe(null);
    const kept = execFileSync("find", [other.place("/var/cache/moodle/muc"), "-path", "*coursemodinfo*", "-type", "f"]);
    expect(String(kept)).not.toBe("");
    world.inMoodle(`$DB->set_field('course_sections', 'name', 'new', ['course' => ${course}, 'section' => 0]);
      rebuild_course_cache(${course}, true); echo '1';`);
    expect(other.inMoodle(name)).toBe("new");
  });

  it("take each other's visitors with one cookie", async () => {
    const servers = [await world.serve(), await other.serve()] as const;
    try {
      for (const [here, there] of [servers, [...servers].reverse()]) {
        if (here === undefined || there === undefined) throw new Error("there are two");
        const cookie = await signedIn(here.port);
        for (const { port } of [there, here]) {
          expect((await page(port, "/login/index.php", { cookie })).text).toContain("already logged in as");
        }
        expect((await page(there.port, "/login/index.php")).text).not.toContain("already logged in as");
      }
    } finally {
      for (const server of servers) await server.stop();
    }
  });

  it("do not take a task of one that died for done: an ad hoc one is freed after an hour", async () => {
    world.inMoodle(`$DB->delete_records('task_adhoc'); $DB->set_field('task_scheduled', 'nextruntime', time() + 86400);
      core\\task\\manager::queue_adhoc_task(new core\\task\\build_installed_themes_task()); echo '1';`);
    const row = "SELECT IFNULL(hostname, 'nobody'), timestarted IS NOT NULL, attemptsavailable FROM mdl_task_adhoc";
    const process = world.begin("adhoc_task.php", "--execute");
    await until(() => expect(world.tier.sql(row)).toContain("\t1\t"), "the task");
    const attempts = world.tier.sql(row).split("\t").at(-1);
    await process.kill();
    expect(world.tier.sql(row)).toBe(`${hostname()}\t1\t${attempts}`);
    expect(world.asNode("tasks").stdout).toBe("core\\task\\build_installed_themes_task\n");
    expect(other.moodle("adhoc_task.php", "--execute").stdout).not.toContain("Execute adhoc task");
    const cleanup = () => other.moodle("scheduled_task.php", "--execute=\\core\\task\\task_lock_cleanup_task");
    world.tier.sql("UPDATE mdl_task_adhoc SET timestarted = UNIX_TIMESTAMP() - 3500");
    expect(cleanup().status).toBe(0);
    expect(world.tier.sql(row)).toBe(`${hostname()}\t1\t${attempts}`);
    world.tier.sql("UPDATE mdl_task_adhoc SET timestarted = UNIX_TIMESTAMP() - 3601");
    expect(cleanup().status).toBe(0);
    expect(world.tier.sql(row)).toBe(`nobody\t0\t${Number(attempts) - 1}`);
  });

  it("run a scheduled task again with the next cron", async () => {
    const task = "classname LIKE '%task_log_cleanup_task'";
    world.tier.sql(`DELETE FROM mdl_task_adhoc; UPDATE mdl_task_scheduled SET nextruntime = 0 WHERE ${task}`);
    const row = `SELECT IFNULL(hostname, 'nobody'), timestarted IS NOT NULL, lastruntime > 0 FROM mdl_task_scheduled WHERE ${task}`;
    const held = await world.hold("$DB->execute('LOCK TABLES {task_log} WRITE');");
    const process = world.begin("cron.php", "--keep-alive=0");
    await until(() => expect(world.tier.sql(waits)).not.toBe("0"), "the task");
    await process.kill();
    await held.release();
    expect(world.tier.sql(row)).toBe(`${hostname()}\t1\t0`);
    expect(other.moodle("cron.php", "--keep-alive=0").stdout).toMatch(
      /Scheduled task complete: .*task_log_cleanup_task/,
    );
    expect(world.tier.sql(row)).toBe("nobody\t0\t1");
  });

  it("know nothing of a site that was before, in a database that was emptied", slow, async () => {
    const read = "echo json_encode([cache::make('core', 'groupdata')->get(7), $CFG->old ?? null]);";
    world.inMoodle("set_config('old', 'yes'); cache::make('core', 'groupdata')->set(7, 'old'); echo '1';");
    expect(other.inMoodle(read)).toEqual(["old", "yes"]);
    world.tier.sql("DROP DATABASE moodle; CREATE DATABASE moodle CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
    expect(said(await other.schema("install", password).ended)).toBe("0 installed");
    for (const node of [world, other]) expect(node.inMoodle(read)).toEqual([false, null]);
  });
});

const waits = "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'";

/** As before the last upgrade of a plugin. */
function outdate(): void {
  world.tier.sql("DELETE FROM mdl_upgrade_log");
  world.tier.sql("UPDATE mdl_config_plugins SET value = '2020010100' WHERE plugin = 'mod_page' AND name = 'version'");
  world.tier.sql("UPDATE mdl_config SET value = 'another' WHERE name = 'allversionshash'");
  expect(world.asNode("site").stdout).toBe("upgrade-pending\n");
}

const both = <Answer>(ask: (node: MoodleNode) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all([world, other].map(ask));

/** The cookie of a visitor who is signed in as administrator. */
async function signedIn(port: number): Promise<string> {
  const form = await until(() => page(port, "/login/index.php"), "PHP's web server");
  const token = /name="logintoken" value="(\w+)"/.exec(form.text)?.[1] ?? "";
  const body = String(new URLSearchParams({ username: "admin", password, logintoken: token }));
  const answer = await page(port, "/login/index.php", { cookie: form.cookie }, body);
  expect(answer.status).toBe(303);
  return answer.cookie;
}

/** Its status and its last line. */
const said = ({ status, stdout }: Ended): string => `${status} ${stdout.trimEnd().split("\n").at(-1)}`;

/** As Moodle wrote down when it began. */
const upgrades = (): number =>
  Number(world.tier.sql("SELECT COUNT(*) FROM mdl_upgrade_log WHERE plugin = 'mod_page' AND info LIKE 'Starting%'"));
