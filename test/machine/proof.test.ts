/** What a node proves of itself beside its configuration: PHP, the shared files as the web user has them, its clock, its name. */
import { chmodSync, readdirSync } from "node:fs";
import { verifyOutput } from "@warden/moodle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Node, node } from "./node.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
  await own.bootstrap();
  expect((await own.verify()).line.verdict).toBe("ok");
});
afterAll(() => own?.end());

const sh = (script: string): Promise<string> => own.machine.sh(script);
const probes = ({ line }: Answer) => verifyOutput.parse(line).probes;
/** The verdict, and the first probe that failed. */
const seen = (answer: Answer): unknown[] => {
  const first = probes(answer).find(({ ok }) => !ok);
  return [answer.line.verdict, first?.name, first?.message];
};
const isWell = ["ok", undefined, undefined];

describe("PHP", () => {
  const version = "$(php -r 'echo PHP_MAJOR_VERSION.\".\".PHP_MINOR_VERSION;')";
  const folder = (of: "fpm" | "cli"): string => `/etc/php/${version}/${of}/conf.d`;
  const restart = "systemctl restart 'warden-php@*'";
  /** Whose files are read last: an FPM has settings of its own. */
  const latest = (of: "fpm" | "cli"): string => (of === "fpm" ? "/etc/warden/php/*" : folder(of));
  /** A setting of somebody else's, read after ours. */
  const setting = (of: "fpm" | "cli", text: string): Promise<string> =>
    sh(`cd ${latest(of)}; printf '${text}\\n' >zz-other.ini; ${restart}`);
  const back = (of: "fpm" | "cli"): Promise<string> => sh(`rm ${latest(of)}/zz-other.ini; ${restart}`);

  it("-FPM starts as often as somebody has a reason", async () => {
    await sh(`for n in 1 2 3 4 5 6 7 8; do ${restart} || exit 1; done`);
    expect(seen(await own.verify())).toEqual(isWell);
  });

  it.each([
    ["fpm", "gd", "PHP-FPM has no extension gd"],
    ["cli", "intl", "the command line has no extension intl"],
  ] as const)("of %s without %s is found", async (of, extension, message) => {
    await sh(`cd ${folder(of)}; mv *-${extension}.ini /root/; ${restart}`);
    expect(seen(await own.verify())).toEqual(["node-bad", "php", message]);
    await sh(`mv /root/*-${extension}.ini ${folder(of)}/; ${restart}`);
    expect(seen(await own.verify())).toEqual(isWell);
  });

  it.each([
    ["fpm", "max_input_vars = 4999", "PHP-FPM has max_input_vars 4999, less than 5000"],
    ["cli", "max_input_vars = 1000", "the command line has max_input_vars 1000, less than 5000"],
    ["fpm", "opcache.enable = 0", "PHP-FPM has no OPcache at work"],
    ["fpm", "opcache.file_cache = /tmp\\nopcache.file_cache_only = 1", "PHP-FPM keeps OPcache in files only"],
  ] as const)("of %s with %s is found", async (of, text, message) => {
    await setting(of, text);
    expect(seen(await own.verify())).toEqual(["node-bad", "php", message]);
    await back(of);
    expect(seen(await own.verify())).toEqual(isWell);
  });
});

describe("moodledata", () => {
  const isShared = (message: string): unknown[] => ["dependency-bad", "files", message];

  it("that the web user may not write is nobody's own fault", async () => {
    chmodSync(own.files, 0o555);
    expect(seen(await own.verify())).toEqual(isShared("the web user cannot create a file: Permission denied"));
    chmodSync(own.files, 0o755);
    expect(seen(await own.verify())).toEqual(isWell);
  });

  it("that is mounted read-only here is this node's own fault", async () => {
    await sh("mount -o remount,bind,ro /srv/moodledata");
    expect(seen(await own.verify())).toEqual(["node-bad", "mount", "moodledata is mounted read-only"]);
    await sh("mount -o remount,bind,rw /srv/moodledata");
    expect(seen(await own.verify())).toEqual(isWell);
  });

  it.each([
    ["create", "cp"],
    ["rename", "mv"],
  ])("where the web user waits for ever to %s a file does not keep verification", async (step, program) => {
    // As the web user alone: what hangs for him is the file system.
    await sh(`mv /usr/bin/${program} /usr/bin/${program}.real
      printf '#!/bin/sh\\n[ "$(id -u)" = 0 ] || exec sleep 600\\nexec /usr/bin/${program}.real "$@"\\n' >/usr/bin/${program}
      chmod 755 /usr/bin/${program}`);
    const began = Date.now();
    expect(seen(await own.verify())).toEqual(isShared(`the file system does not answer: ${step}`));
    expect(Date.now() - began).toBeLessThan(50_000);
    await sh(`/usr/bin/mv${program === "mv" ? ".real" : ""} /usr/bin/${program}.real /usr/bin/${program}`);
    expect(seen(await own.verify())).toEqual(isWell);
  });

  it("keeps nothing of what was tried", () => {
    expect(readdirSync(own.files).filter((name) => name.startsWith(".warden"))).toEqual([]);
  });
});

describe("the clock", () => {
  /** chrony knows it; its columns are those of chronyc(1), "tracking". */
  const chrony = (offset: string, status: string): Promise<string> => {
    const line = `C0A80001,192.168.0.1,3,1790000000.1,${offset},0.0,0.0,0.0,0.0,0.0,0.1,0.1,64.2,${status}`;
    return sh(`printf '#!/bin/sh\\necho "${line}"\\n' >/usr/bin/chronyc; chmod 755 /usr/bin/chronyc`);
  };

  it.each([
    ["0.400000000", isWell],
    ["-0.400000000", isWell],
    ["1.500000000", ["node-bad", "clock", "the clock is off by 1.5 s"]],
    ["-1.500000000", ["node-bad", "clock", "the clock is off by -1.5 s"]],
  ])("that is off by %s s", async (offset, expected) => {
    await chrony(offset, "Normal");
    expect(seen(await own.verify())).toEqual(expected);
  });

  it("is not known without a source of time, and no node is blamed for it", async () => {
    await chrony("0.000000000", "Not synchronised");
    const answer = await own.verify();
    expect(answer.line.verdict).toBe("ok");
    expect(probes(answer).find(({ name }) => name === "clock")?.message).toContain("nobody here can tell");
  });
});

describe("the machine's name", () => {
  it("is its instance's id, which tasks are known by", async () => {
    expect(await sh("uname -n; cat /etc/hostname; php -r 'echo gethostname();'")).toBe(
      Array(3).fill(own.region.instanceId).join("\n"),
    );
  });

  it("is missed when it is another, and given back by a bootstrap", async () => {
    await sh("hostname ip-10-0-0-7");
    const message = `is called ip-10-0-0-7, not ${own.region.instanceId}`;
    expect(seen(await own.verify())).toEqual(["node-bad", "host", message]);
    expect((await own.bootstrap()).line.ok).toBe(true);
    expect(seen(await own.verify())).toEqual(isWell);
  });
});

it("nothing of all that left anything in moodledata that the web user does not own", () => {
  expect(own.foreign()).toBe("");
});
