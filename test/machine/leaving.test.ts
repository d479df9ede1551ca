/** A node that leaves: out of rotation at once, idle when its last request and its last task have ended. And its secrets. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { passwordOf } from "@warden/lab/data-tier";
import { drainOutput, drainStatusOutput, evidenceOutput } from "@warden/moodle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Node, node, release } from "./node.ts";

const rotated = { database: "database-planted-anew", sessions: "sessions-planted-anew" };
let own: Node;
const printed: string[] = [];
beforeAll(async () => {
  own = await node();
  // Arguments can be read by every user of a machine: these two note theirs, and are who they were.
  for (const program of ["curl", "php"])
    await own.machine.sh(
      `real=$(readlink -f /usr/bin/${program}); mv "$real" "$real.real"
       printf '#!/bin/sh\\nprintf "%%s " "$@" >>/root/arguments\\nexec %s.real "$@"\\n' "$real" >"$real"; chmod 755 "$real"
       touch /root/arguments; chmod 666 /root/arguments; chmod 711 /root`,
    );
  for (const answer of [await own.bootstrap(), await own.verify()]) printed.push(answer.stdout, answer.stderr);
  expect(await own.ready()).toBe(200);
});
afterAll(() => own?.end());

const sh = (script: string): Promise<string> => own.machine.sh(script);
const status = async () => drainStatusOutput.parse((await own.document("Warden-DrainStatus")).line);

describe("a secret", () => {
  const values = (): string[] => [
    ...["database", "sessions", "cache"].map(passwordOf),
    ...Object.values(rotated),
    own.region.credentials.secretAccessKey,
    own.region.credentials.sessionToken ?? "no token",
  ];

  const pushed = () =>
    own.document("Warden-PushConfig", { Release: release, Digest: own.bundle.digest, Maintenance: "open" });

  it("that was rotated is fetched, tried, and taken up, or left when its server refuses it", async () => {
    own.data.takes("database", passwordOf("database"), rotated.database);
    await own.region.rotate("machine/database", JSON.stringify({ password: rotated.database }));
    await own.region.rotate("machine/sessions", rotated.sessions);
    for (const answer of [await own.verify(), await pushed(), await own.verify()])
      printed.push(answer.stdout, answer.stderr);
    expect(await sh("grep -oE '[a-z]+-(pass|planted-anew)' /etc/warden/secrets.php | sort")).toBe(
      [passwordOf("cache"), rotated.database, passwordOf("sessions")].sort().join("\n"),
    );
  });

  it("is nowhere but in the one file that PHP reads", async () => {
    await sh(`logger -t moodle-cron "mysqli: ${rotated.database} refused; password=hunter22 token: abcdef99"`);
    const evidence = await own.document("Warden-Evidence");
    const { summary } = evidenceOutput.parse(evidence.line);
    expect(summary.length).toBeLessThanOrEqual(2_000);
    expect(summary).toContain("mysqli: *** refused");
    const journal = (await sh("journalctl --no-pager")).replaceAll(/^.*moodle-cron.*$/gm, "");
    const everything = [...printed, evidence.stdout, evidence.stderr, journal, await sh("cat /root/arguments")].join(
      "\n",
    );
    expect(everything).toContain("secretsmanager");
    for (const value of [...values(), "hunter22", "abcdef99"]) expect(everything.includes(value), value).toBe(false);
    for (const value of values())
      expect(
        await sh(
          `grep -rlF -e '${value}' /etc/warden /opt/warden /var/lib/warden /run/warden /var/log/nginx /tmp || true`,
        ),
      ).toMatch(/^(\/etc\/warden\/secrets\.php)?$/);
  });
});

describe("a node that drains", () => {
  const cronJournals = (): string[] =>
    readdirSync(own.files)
      .filter((name) => name.startsWith("cron-"))
      .map((name) => readFileSync(join(own.files, name), "utf8"));
  let slow: Promise<unknown>;
  /** What is the site's own, and not this node's. */
  const ofTheSite = (): string =>
    own.data.sql("SELECT * FROM mdl_config") + existsSync(join(own.files, "climaintenance.html"));
  let site = "";

  it("is at work before", async () => {
    site = ofTheSite();
    await sh("systemctl start --no-block warden-cron@1.service");
    await eventually(() => cronJournals().some((text) => text.includes("began")), "cron");
    slow = own.ask("/slow.php");
    await eventually(async () => (await status()).active === 1, "the slow request");
    expect((await status()).tasks).toEqual(["core\\task\\judge_task"]);
  });

  it("answers 503 to the load balancer alone, and says so at once", async () => {
    const deadline = { Deadline: "2030-01-01T00:00:00.000Z" };
    expect(drainOutput.parse((await own.document("Warden-Drain", deadline)).line).draining).toBe(true);
    expect((await own.document("Warden-Drain", deadline)).status).toBe(0);
    expect(await own.ready()).toBe(503);
    expect((await own.ask("/login/index.php")).status).toBe(200);
    expect(await sh("systemctl list-units --plain --no-legend --state=active 'warden-cron@*.timer'")).toBe("");
  });

  it("ends no task when its time is up, and says which go on: whoever ends it lists them", async () => {
    await own.document("Warden-Drain", { Deadline: "2020-01-01T00:00:00.000Z" });
    expect((await status()).tasks).toEqual(["core\\task\\judge_task"]);
    expect(cronJournals().some((text) => text.endsWith("SIGTERM\n"))).toBe(true);
  });

  it("is idle when its last request and its last task have ended, each process with one SIGTERM", async () => {
    expect(await status()).toMatchObject({ active: 1, writing: 2, tasks: ["core\\task\\judge_task"] });
    expect(await slow).toMatchObject({ status: 200, body: "whole" });
    expect(await status()).toMatchObject({ active: 0, writing: 1, reading: 0, tasks: ["core\\task\\judge_task"] });
    await own.document("Warden-Drain", { Deadline: "2030-01-01T00:00:00.000Z" });
    own.share("task-may-end");
    await eventually(() => cronJournals().every((text) => text.endsWith("ended\n")), "cron ends");
    expect(await status()).toEqual({ v: 1, reading: 0, writing: 1, active: 0, tasks: [] });
    expect(cronJournals().map((text) => text.replace("began\n", ""))).toEqual(
      cronJournals().map(() => "SIGTERM\nended\n"),
    );
  });

  it("changed nothing that is the site's", () => {
    expect(ofTheSite()).toBe(site);
  });

  it("is not called idle when nobody can tell", async () => {
    own.links.cut("database");
    expect(await own.document("Warden-DrainStatus")).toMatchObject({ status: 1, stdout: "" });
    own.links.mend("database");
  });

  it("starts no cron, also when it bootstraps again", async () => {
    expect((await own.bootstrap()).line.ok).toBe(true);
    expect(await sh("systemctl list-units --plain --no-legend --state=active 'warden-cron@*'")).toBe("");
    expect(await own.ready()).toBe(503);
  });
});

it("nothing of all that left anything in moodledata that the web user does not own", () => {
  expect(own.foreign()).toBe("");
});
