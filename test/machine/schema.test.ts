/** The site's database on a real machine: installed, closed, looked at beforehand, and upgraded, as the documents do it. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { maintenanceOutput, preflightOutput, rehearseOutput, schemaOutput } from "@warden/moodle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ofVersion } from "./application.ts";
import { administratorPassword, eventually, type Node, node, release } from "./node.ts";
import { push } from "./pushes.ts";
import { uploadedRelease } from "./releases.ts";

let own: Node;
let digest: string;
beforeAll(async () => {
  own = await node();
  expect((await own.bootstrap()).line.ok).toBe(true);
  digest = own.bundle.digest;
});
afterAll(() => own?.end());

const sh = (script: string): Promise<string> => own.machine.sh(script);
const page = async (): Promise<number> => (await own.ask("/login/index.php")).status;
const file = (name: string): string => readFileSync(join(own.files, name), "utf8");
const assigned = (parameters: Readonly<Record<string, string>> = {}) => ({
  Release: release,
  Digest: digest,
  ...parameters,
});

describe("Warden-Install", () => {
  const install = async () => {
    const answer = await own.document("Warden-Install", assigned());
    return { ...answer, output: schemaOutput.parse(answer.line) };
  };
  const emptied = () =>
    own.data.sql("DROP DATABASE moodle; CREATE DATABASE moodle CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
  const given = async (administrator: string): Promise<void> => {
    const lines = `name: 'Machine''s own: $1 "school"'\nadministrator: { email: ann@moodle.example, ${administrator} }`;
    ({ digest } = await own.region.upload(own.site({ lines })));
    expect((await push(own, digest)).output.ok).toBe(true);
  };

  it("says what the site configuration lacks, and which secret cannot be read, and does nothing", async () => {
    emptied();
    expect((await own.verify()).line.verdict).toBe("site-not-installed");
    const { output, status } = await install();
    expect(output).toMatchObject({ state: "empty", moved: false });
    expect(output.message).toContain("add administrator: {");
    expect(status).toBe(1);
    await given("password: { secret: machine/nowhere }");
    expect((await install()).output).toMatchObject({
      ...{ state: "empty", moved: false, message: "the secret machine/nowhere cannot be read" },
    });
    expect(own.data.sql("SHOW TABLES")).toBe("");
  });

  it("installs with what the site configuration says, and with a password that lies nowhere", async () => {
    await given("user: head, password: { secret: machine/administrator, key: word }");
    own.share("installation-breaks");
    const broken = await install();
    expect(broken.output).toMatchObject({ state: "half-installed", moved: true });
    rmSync(join(own.files, "installation-breaks"));
    emptied();
    const done = await install();
    expect(done.output).toEqual({ v: 1, state: "installed", moved: true, message: "the site is installed" });
    expect(done.status).toBe(0);
    const { given: options, password, seen } = JSON.parse(file("installed-with"));
    expect(options.slice(-3)).toEqual([
      ...[`--fullname=Machine's own: $1 "school"`, "--adminemail=ann@moodle.example", "--adminuser=head"],
    ]);
    expect(seen).toBe(false);
    expect(password).toBe(
      (await sh(`printf '%s' '${administratorPassword.replaceAll("'", "'\\''")}' | sha1sum`)).slice(0, 40),
    );
    const printed = [broken, done].map((each) => each.stdout + each.stderr).join("\n");
    const journal = await sh("journalctl --no-pager");
    const kept = await sh(
      "grep -rlF administrator-pass /etc/warden /opt/warden /var/lib/warden /run/warden /tmp || true",
    );
    expect(printed + journal).not.toContain("administrator-pass");
    expect(kept).toBe("");
    expect((await own.verify(assigned())).line.verdict).toBe("ok");
    expect(own.foreign()).toBe("");
  });

  it("changes nothing when it is done, and reads no secret for it", async () => {
    const calls = own.region.calls.filter((call) => call.endsWith(":GetSecretValue")).length;
    expect((await install()).output).toMatchObject({ state: "installed", moved: false });
    expect(own.region.calls.filter((call) => call.endsWith(":GetSecretValue"))).toHaveLength(calls);
  });

  it("is for the node that has what it is asked for", async () => {
    const { line } = await own.document("Warden-Install", assigned({ Digest: "0".repeat(64) }));
    expect(line).toMatchObject({ state: "unknown", moved: false, message: expect.stringContaining(digest) });
  });
});

const maintain = async (wanted: "open" | "maintenance") => {
  const answer = await own.document("Warden-Maintenance", { Maintenance: wanted });
  return maintenanceOutput.parse(answer.line);
};
const timers = (): Promise<string> =>
  sh("systemctl list-units --plain --no-legend --state=active 'warden-cron@*.timer' | wc -l");

describe("Warden-Maintenance", () => {
  const journal = (): Promise<string> => sh("cat /srv/moodledata/cron-* 2>/dev/null || true");

  it("closes the site, ends cron with one signal, and says what still goes on", async () => {
    expect([await page(), await timers()]).toEqual([200, "2"]);
    // The timers may have started some before, on a database that was another one then.
    await sh("systemctl kill --signal KILL 'warden-cron@*.service' || true; systemctl stop 'warden-cron@*.service'");
    await sh("rm -f /srv/moodledata/cron-*; systemctl start --no-block warden-cron@1.service");
    await eventually(async () => (await journal()).includes("began"), "cron");
    const waiting = own.ask("/wait.php");
    await eventually(() => sh("ls /tmp/wait-began || true").then(Boolean), "a request");
    const first = await maintain("maintenance");
    expect(first).toMatchObject({ ok: true, maintenance: true, tasks: ["core\\task\\judge_task"] });
    const again = await maintain("maintenance");
    const [before, after] = [first, again].map((each) => (each.ok ? each.oldest : 0));
    expect(before).toBeGreaterThan(0);
    expect(after).toBeGreaterThan(before ?? 0);
    expect([await page(), await own.ready(), await timers()]).toEqual([503, 200, "0"]);
    // A push does not start cron again.
    expect((await push(own, digest, { Maintenance: "maintenance" })).output.ok).toBe(true);
    expect(await timers()).toBe("0");
    await sh("touch /tmp/wait-may-end");
    expect(await waiting).toMatchObject({ status: 200, body: "whole" });
    own.share("task-may-end");
    await eventually(async () => (await journal()).includes("ended"), "cron ends");
    // Each of them: the timers may have started another one meanwhile.
    const signals = (await sh("grep --count SIGTERM /srv/moodledata/cron-* /dev/null")).match(/\d+$/gm);
    expect(new Set(signals)).toEqual(new Set(["0", "1"]));
    expect(await maintain("maintenance")).toEqual({ v: 1, ok: true, maintenance: true, tasks: [], oldest: 0 });
    expect(own.foreign()).toBe("");
  });

  it("opens it, and starts cron where the node does not leave", async () => {
    await sh("touch /run/warden/draining");
    expect(await maintain("open")).toMatchObject({ ok: true, maintenance: false });
    expect([await page(), await timers()]).toEqual([200, "0"]);
    await sh("rm /run/warden/draining");
    expect(await maintain("open")).toMatchObject({ ok: true, maintenance: false });
    expect([await page(), await timers()]).toEqual([200, "2"]);
  });

  it("does not say that it is closed when nobody could close it", async () => {
    own.links.cut("database");
    expect(await maintain("maintenance")).toMatchObject({
      ok: false,
      message: expect.stringContaining("--enable failed"),
    });
    own.links.mend("database");
    expect([await page(), await timers()]).toEqual([200, "2"]);
  });
});

describe("another release", () => {
  let next: string;
  beforeAll(async () => {
    next = await uploadedRelease(own, { ...ofVersion("2025100600"), "release.json": "{}" });
  });

  const preflight = async (name = next) =>
    preflightOutput.parse((await own.document("Warden-Preflight", assigned({ Release: name }))).line);
  const upgrade = async (Maintenance: "open" | "maintenance") =>
    schemaOutput.parse((await own.document("Warden-Upgrade", assigned({ Release: next, Maintenance }))).line);
  const has = (): Promise<string> =>
    sh("cat /opt/warden/installed.json; readlink /srv/moodle/current; sha256sum /srv/moodle/current/config.php");
  const setting = (name: string): string => own.data.sql(`SELECT value FROM mdl_config WHERE name = '${name}'`);

  it("is looked at beside the one in use, and nothing is another afterwards", async () => {
    const before = await has();
    expect(await preflight()).toEqual({ v: 1, ok: true, upgrade: "closed", problems: [] });
    own.share("may-stay-open");
    expect(await preflight()).toEqual({ v: 1, ok: true, upgrade: "open", problems: [] });
    expect(await preflight(release)).toEqual({ v: 1, ok: true, upgrade: "none", problems: [] });
    expect([await has(), await page(), setting("version")]).toEqual([before, 200, "2024100700"]);
  });

  it("that cannot work here says why", async () => {
    const odd = {
      ...ofVersion("2023042400"),
      ...{
        "release.json": "{}",
        "version.php": "<?php $version = 2023042400; $release = '4.2'; $branch = '402'; $maturity = 150;",
      },
      ...{ "mod/judge/lib.php": "<?php\nfunction (;", "mod/judge/tests/lib.php": "<?php (;" },
    };
    const answer = await preflight(await uploadedRelease(own, odd));
    if (!answer.ok) throw new Error(answer.message);
    expect(answer.problems.join("\n")).toMatch(/PHP 8\.\d+\.\d+ cannot read mod\/judge\/lib.php: .* line 2$/m);
    expect(answer.problems.join("\n")).not.toContain("tests");
    expect(answer.problems.join("\n")).toMatch(/older than the site/);
    expect(answer.problems.join("\n")).toMatch(/is not stable/);
    expect(answer.problems.join("\n")).toMatch(/configuration is for Moodle 4.5, and the release is of branch 402/);
    expect(answer.problems).toHaveLength(4);
    // What Moodle itself would refuse.
    const unfit = await uploadedRelease(own, { ...ofVersion("2025100600"), "release.json": "{}", "lib/unfit": "" });
    expect(await preflight(unfit)).toMatchObject({
      problems: [
        "php_extension judge: must be installed",
        "the plugin mod_judge is not for this release, or needs another plugin that is not there",
      ],
    });
    own.links.cut("database");
    expect(await preflight()).toMatchObject({ ok: false, part: "database" });
    own.links.mend("database");
    expect(await preflight("one-that-is-nowhere")).toMatchObject({
      ok: false,
      message: expect.stringContaining("not on this node"),
    });
    expect((await sh("ls /srv/moodle/releases")).split("\n").sort()).toEqual([unfit, release].sort());
  });

  // Moodle tells its errors on standard output, and what is killed tells none.
  it.each([
    ["echo '!!! Nothing can be written !!!'; exit(1);", / start: !!! Nothing can be written !!! \(status 1\)$/],
    ["posix_kill(getmypid(), SIGKILL);", / start: .*\(status 137\)$/],
  ])("that does not start says with which words and status: %s", async (setup, words) => {
    const broken = await uploadedRelease(own, { "release.json": "{}", "lib/setup.php": `<?php ${setup}` });
    expect(await preflight(broken)).toEqual({ v: 1, ok: false, message: expect.stringMatching(words) });
  });

  describe("is rehearsed on a copy of the database", () => {
    const rehearse = async (Copy: string, more: Readonly<Record<string, string>> = {}) =>
      rehearseOutput.parse((await own.document("Warden-Rehearse", assigned({ Release: next, Copy, ...more }))).line);
    const host = "127.0.0.1";
    /** As a restore makes one. */
    const copied = (): void => {
      own.data.sql(`DROP DATABASE IF EXISTS copy; CREATE DATABASE copy; GRANT ALL ON copy.* TO moodle@'%'`);
      for (const table of own.data.sql("SHOW TABLES").split("\n"))
        own.data.sql(`CREATE TABLE copy.${table} LIKE ${table}; INSERT INTO copy.${table} SELECT * FROM ${table}`);
    };
    const all = (database: string): string =>
      own.data.sql(`SELECT * FROM ${database}.mdl_config; SELECT * FROM ${database}.mdl_upgrade_log`);
    /** Nothing that is in use, and nothing that is left over. */
    const around = async (): Promise<string> =>
      `${await has()} ${all("moodle")} ${await sh("ls /srv/moodle; ls /srv/moodledata | grep -v ^cron-; cat /srv/moodledata/upgraded-with")}`;

    it("which is brought up to it while the site serves, and nothing else is another afterwards", async () => {
      copied();
      const before = await around();
      const output = await rehearse(`${host}/copy`);
      expect(output).toEqual({ v: 1, ok: true, took: expect.any(Number) });
      expect(await around()).toBe(before);
      expect([await page(), (await own.verify(assigned())).line.verdict, own.foreign()]).toEqual([200, "ok", ""]);
      expect(all("copy")).toContain("version\t2025100600");
      expect(await rehearse(`${host}/copy`)).toMatchObject({
        ...{ ok: false, message: "the copy was used for a rehearsal before: restore another one (status 1)" },
      });
    });

    it("and not on the site's own, under whatever name", async () => {
      const before = await around();
      for (const name of [host, `${host}/moodle`, "127.1"])
        expect(await rehearse(name)).toMatchObject({ message: expect.stringContaining("the site's own database") });
      expect(await around()).toBe(before);
    });

    it("and says why it cannot be", async () => {
      const before = await around();
      expect(await rehearse("127.0.0.1:9/copy")).toMatchObject({ message: expect.stringContaining("does not answer") });
      copied();
      own.data.sql("REVOKE ALL ON copy.* FROM moodle@'%'; GRANT SELECT ON copy.* TO moodle@'%'");
      expect(await rehearse(`${host}/copy`)).toMatchObject({ message: expect.stringContaining("cannot be written") });
      copied();
      expect(await rehearse(`${host}/copy`, { Release: release })).toMatchObject({
        ...{ ok: false, message: expect.stringContaining("to Moodle the copy is installed, and not waiting") },
      });
      copied();
      own.data.sql("DROP TABLE copy.mdl_upgrade_log");
      expect(await rehearse(`${host}/copy`)).toMatchObject({
        message: expect.stringMatching(/^after \d+ s Moodle ended/),
      });
      expect(await around()).toBe(before);
    });
  });

  it("is what the database is upgraded for: by a node that has it, in maintenance, and once", async () => {
    rmSync(join(own.files, "may-stay-open"));
    expect(await upgrade("open")).toMatchObject({ state: "unknown", moved: false });
    await maintain("maintenance");
    const pushed = await push(own, digest, { Release: next, Maintenance: "maintenance", Upgrade: "expected" });
    expect(pushed.output).toEqual({ v: 1, ok: true, release: next, digest });
    own.share("upgrade-breaks");
    expect(await upgrade("maintenance")).toEqual({
      ...{ v: 1, state: "upgrade-pending", moved: true, message: "Moodle ended with: it broke in the middle " },
    });
    rmSync(join(own.files, "upgrade-breaks"));
    expect(await upgrade("maintenance")).toMatchObject({ state: "installed", moved: true });
    expect(await upgrade("maintenance")).toMatchObject({ state: "installed", moved: false });
    const verdict = (await own.verify(assigned({ Release: next, Maintenance: "maintenance" }))).line.verdict;
    expect([verdict, await own.ready(), await page()]).toEqual(["ok", 200, 503]);
    await maintain("open");
    expect(await page()).toBe(200);
  });

  it("is upgraded with the site open where Moodle lets it be, and not in maintenance that is none", async () => {
    own.data.sql("UPDATE mdl_config SET value = '1' WHERE name = 'version'");
    expect(await upgrade("maintenance")).toMatchObject({ moved: false, message: "the site is not in maintenance" });
    expect(await upgrade("open")).toMatchObject({
      ...{
        state: "upgrade-pending",
        moved: false,
        message: expect.stringContaining("cannot be done with the site open"),
      },
    });
    own.share("may-stay-open");
    expect(await upgrade("open")).toMatchObject({ state: "installed", moved: true });
    expect(file("upgraded-with")).toMatch(/--non-interactive --maintenance=0\n$/);
    expect(setting("outagelessupgrade")).toBe("");
    expect(own.foreign()).toBe("");
  });
});
