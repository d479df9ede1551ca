/**
 * Debian's nginx and PHP-FPM as the judges of what Warden writes for them, for a release with the document root
 * `public/` and for one without. Everything is asked from outside, over HTTP. Needs root, for the workers have a user of
 * their own.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { assets, fileText, hidden, hiddenText, outside, ranText } from "./application.ts";
import type { Answer } from "./http.ts";
import { children, until, type WebWorld, webWorld } from "./world.ts";

const withPublic = "5.1";
const sites = ["4.5", withPublic] as const;

describe.each(sites)("the web node of Moodle %s", (release) => {
  let world: WebWorld;
  beforeAll(async () => {
    // So long that no test comes near it.
    world = await webWorld(release, { longestRequest: "300s" });
  });
  afterAll(() => world?.stop());

  const tellingOf = async (path: string): Promise<z.output<typeof telling>> => {
    const { status, body } = await world.ask(path);
    expect({ path, status, says: String(body).slice(0, 200) }).toMatchObject({ status: 200 });
    return telling.parse(JSON.parse(String(body)));
  };
  const script = (name: string): string => join(world.documentRoot("one"), name);

  it("has files that both programs accept without a word", () => {
    const { nginx, fpm } = world.verdicts();
    expect(nginx.status, nginx.said).toBe(0);
    expect(fpm.status, fpm.said).toBe(0);
    expect(nginx.said + fpm.said).not.toMatch(/warn|error|emerg|alert/i);
  });

  describe("scripts", () => {
    it("gives slash arguments as PATH_INFO, decoded", async () => {
      const { server, file } = await tellingOf("/pluginfile.php/12/mod_page/content/1/a%20b.png?forcedownload=1");
      expect(file).toBe(script("pluginfile.php"));
      expect(server).toMatchObject({
        PATH_INFO: "/12/mod_page/content/1/a b.png",
        SCRIPT_NAME: "/pluginfile.php",
        REQUEST_URI: "/pluginfile.php/12/mod_page/content/1/a%20b.png?forcedownload=1",
        QUERY_STRING: "forcedownload=1",
        DOCUMENT_ROOT: world.documentRoot("one"),
        HTTPS: "on",
      });
    });

    it.each([
      ["/", "index.php"],
      ["/course/", "course/index.php"],
      ["/mod/quiz/view.php?id=3", "mod/quiz/view.php"],
      ["/admin/index.php", "admin/index.php"],
      ["/admin/tool/task/scheduledtasks.php", "admin/tool/task/scheduledtasks.php"],
      ["/webservice/rest/server.php", "webservice/rest/server.php"],
      ["/login/index.php", "login/index.php"],
      ["/user/tests.php", "user/tests.php"],
      ["/report/log/upgrade_done.php", "report/log/upgrade_done.php"],
    ])("runs %s", async (path, name) => {
      const { server, get, file } = await tellingOf(path);
      expect(file).toBe(script(name));
      expect(server).toMatchObject({ SCRIPT_NAME: `/${name}`, PATH_INFO: "" });
      expect(get).toEqual(path.endsWith("?id=3") ? { id: "3" } : {});
    });

    // What follows a script is a name that a user chose.
    it.each([
      ["/lib/javascript.php", "/1/lib/x.js"],
      ["/theme/styles.php", "/boost/1/all"],
      ["/draftfile.php", "/5/user/draft/1/README.md"],
      ["/pluginfile.php", "/5/mod_folder/content/1/vendor/x.pdf"],
      ["/pluginfile.php", "/5/mod_folder/content/1/tests/a.pdf"],
      ["/pluginfile.php", "/5/mod_folder/content/1/.git/a"],
      ["/pluginfile.php", "/5/mod_folder/content/1/db/install.xml"],
      ["/pluginfile.php", "/5/mod_folder/content/1/composer.lock"],
      ["/pluginfile.php", "/5/mod_folder/content/1/homework.php"],
      ["/pluginfile.php", "/5/mod_folder/content/1/admin/cli/config.php/install.sh"],
    ])("leaves to %s what is called %s", async (name, argument) => {
      const { server, file } = await tellingOf(`${name}${argument}`);
      expect(file).toBe(script(name.slice(1)));
      expect(server).toMatchObject({ SCRIPT_NAME: name, PATH_INFO: argument });
    });

    it.each([
      "/nothing.php",
      "/nothing.php/x",
      "/nothing.php/index.php",
      "/picture.png/.php",
      "/picture.png/x.php",
      "/picture.png%00.php",
      "/picture.png/index.php/x",
    ])("runs nothing for %s", async (path) => {
      const answer = await world.ask(path);
      expect([400, 404]).toContain(answer.status);
      expect(String(answer.body)).not.toContain(ranText);
    });

    it("never runs a picture", async () => {
      const { status, headers, body } = await world.ask("/picture.png");
      expect(status).toBe(200);
      expect(headers["content-type"]).toBe("image/png");
      // As it is, in PHP's own words.
      expect(String(body)).toBe(`<?php echo '${ranText}';`);
    });
  });

  describe("files that nginx sends for Moodle", () => {
    const sent = (path: string, headers = {}): Promise<Answer> =>
      world.ask(`/send.php?path=${encodeURIComponent(path)}`, { headers });

    it.each([
      "/dataroot/filedir/ab/cd/abcd",
      "/dataroot/temp/tests/.hidden/script.php",
      "/localcachedir/theme/vendor/README.md",
    ])("sends %s with the script's type", async (path) => {
      const { status, headers, body } = await sent(path);
      expect({ path, status, body: String(body) }).toEqual({ path, status: 200, body: fileText });
      expect(headers["content-type"]).toMatch(/^application\/x-judge/);
      expect(headers).not.toHaveProperty("x-accel-redirect");
    });

    it("sends a part", async () => {
      const { status, headers, body } = await sent("/dataroot/filedir/ab/cd/abcd", { range: "bytes=2-5" });
      expect({ status, body: String(body) }).toEqual({ status: 206, body: "2345" });
      expect(headers["content-range"]).toBe(`bytes 2-5/${fileText.length}`);
      expect(headers["content-type"]).toMatch(/^application\/x-judge/);
    });

    it.each([
      "/dataroot/filedir/ab/cd/abcd",
      "/dataroot/temp/tests/.hidden/script.php",
      "/localcachedir/theme/vendor/README.md",
      "/course/../dataroot/filedir/ab/cd/abcd",
      "/%64ataroot/filedir/ab/cd/abcd",
    ])("gives nobody %s directly", async (path) => {
      const { status, body } = await world.ask(path);
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(String(body)).not.toContain(fileText);
    });

    it.each([
      "/dataroot/../secret.txt",
      "/dataroot/filedir/../../secret.txt",
      "/dataroot../secret.txt",
      "/localcachedir/../secret.txt",
      "/localcachedir../secret.txt",
    ])("does not leave the directory by %s", async (path) => {
      const byScript = await sent(path);
      const direct = await world.ask(path);
      expect({ path, status: byScript.status }).toEqual({ path, status: 404 });
      expect([400, 404]).toContain(direct.status);
      expect(String(byScript.body) + String(direct.body)).not.toContain(hiddenText);
    });
  });

  describe("what is not for the web", () => {
    const expectNothing = async (path: string, ...statuses: readonly number[]): Promise<void> => {
      const { status, body } = await world.ask(path);
      expect({ path, status, exposed: String(body).includes(hiddenText) }).toEqual({
        path,
        status: expect.toSatisfy((each: number) => statuses.includes(each)),
        exposed: false,
      });
    };

    it.each(hidden)("hides /%s", async (path) => {
      await expectNothing(`/${path}`, 404);
      await expectNothing(`//${path}`, 404);
      await expectNothing(`/course/../${path}`, 404);
      await expectNothing(`/${path.replace(/[a-z]/, percentEncoded)}`, 404);
      await expectNothing(`/${path}/x`, 404);
      await expectNothing(`/${path}/x.php`, 404);
    });

    it.each(release === withPublic ? outside : [])("serves nothing beside public/: %s", async (path) => {
      for (const way of ["/", "/../", "/%2e%2e/", "/..%2f", "/course/../../", "/public/", "/public/../"])
        await expectNothing(`${way}${path}`, 400, 404);
    });

    it.each(assets)("still serves /%s", async (path) => {
      const { status, body } = await world.ask(`/${path}`);
      expect({ status, body: String(body) }).toEqual({ status: 200, body: `asset ${path}` });
    });
  });

  describe("sizes", () => {
    const post = (form: Buffer): Promise<Answer> =>
      world.ask("/upload.php", { method: "POST", headers: formHeaders, body: form });

    it("takes a file of the size that is configured", async () => {
      const file = Buffer.alloc(2 * mebibyte, "0123456789abcde");
      const { status, body } = await post(formWith(file));
      expect(status, String(body)).toBe(200);
      const digest = createHash("sha256").update(file).digest("hex");
      expect(JSON.parse(String(body))).toEqual({ error: 0, size: file.length, digest });
    });

    it("takes the longest form, to the byte", async () => {
      const form = formWith(Buffer.from("small"), 10 * mebibyte);
      expect(form.length).toBe(10 * mebibyte);
      const { status, body } = await post(form);
      expect(status, String(body)).toBe(200);
      expect(JSON.parse(String(body))).toMatchObject({ error: 0, size: 5 });
    });

    it("lets PHP refuse a file that is too large", async () => {
      const { body } = await post(formWith(Buffer.alloc(2 * mebibyte + 1)));
      const tooLargeForIni = 1;
      expect(JSON.parse(String(body))).toMatchObject({ error: tooLargeForIni });
    });

    it("refuses a longer form before it is sent", async () => {
      const length = 10 * mebibyte + 1;
      const head = `POST /upload.php HTTP/1.1\r\nHost: moodle.example\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
      expect(await world.askRaw(Buffer.from(head))).toMatch(/^HTTP\/1\.1 413 /);
    });
  });

  describe("while every worker of the site is busy", () => {
    let release: () => Promise<readonly Answer[]>;
    beforeAll(async () => {
      ({ release } = await world.occupyWorkers());
    });
    afterAll(async () => {
      const answers = await release();
      expect(answers.map(({ status, body }) => [status, String(body)])).toEqual(answers.map(() => [200, "released"]));
    });

    it("tells how many workers there are", async () => {
      const { status, body } = await world.ask("/warden/workers?json");
      expect(status, String(body)).toBe(200);
      expect(JSON.parse(String(body))).toMatchObject({
        pool: "moodle",
        "process manager": "static",
        "total processes": children,
        "active processes": children,
        "idle processes": 0,
      });
    });

    it("tells how many requests there are", async () => {
      const { status, body } = await world.ask("/warden/requests");
      expect(status).toBe(200);
      const active = /^Active connections: (\d+)/.exec(String(body))?.[1];
      // Those that are busy, and this one.
      expect(Number(active)).toBeGreaterThanOrEqual(children + 1);
    });

    it.each(["/warden/workers", "/warden/requests"])("tells nobody else: %s", async (path) => {
      expect((await world.ask(path, { from: "127.0.0.2" })).status).toBe(403);
    });

    it.each(["moodle.example", "10.1.2.3", "nobody.knows.example:8080"])(
      "says that it is ready, asked as %s from anywhere",
      async (host) => {
        const { status, body } = await world.ask("/warden/ready", { headers: { host }, from: "127.0.0.2" });
        expect(status, String(body)).toBe(200);
        // The memory of its own pool, not of the site's.
        expect(JSON.parse(String(body))).toEqual({ memory: "32M" });
      },
    );

    it("tells visitors nothing about it", async () => {
      const headers = { "x-forwarded-for": "203.0.113.7" };
      expect(await world.ask("/warden/ready", { headers })).toMatchObject({ status: 404 });
    });

    it("says that it is ready without any host", async () => {
      expect(await world.askRaw(Buffer.from("GET /warden/ready HTTP/1.0\r\n\r\n"))).toMatch(/^HTTP\/1\.1 200 /);
    });
  });

  describe("a switch of release", () => {
    afterAll(() => world.switchTo("one"));

    it("shows at once, to workers that know the old one well", async () => {
      const served = async (): Promise<readonly string[]> => {
        const answers: string[] = [];
        for (let count = 0; count < 4 * children; count++) {
          const both = await Promise.all(Array.from({ length: children }, () => world.ask("/which.php")));
          answers.push(...both.map(({ body }) => String(body)));
        }
        return [...new Set(answers)];
      };
      expect(await served()).toEqual(["one"]);
      world.switchTo("two");
      expect(await served()).toEqual(["two"]);
      world.switchTo("one");
      expect(await served()).toEqual(["one"]);
    });
  });

  // The last, because it reads what all the others left.
  describe("the access log", () => {
    const entries = (): readonly z.output<typeof logEntry>[] =>
      readFileSync(world.accessLog, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => logEntry.parse(JSON.parse(line)));
    const arrived = (holds: (entry: z.output<typeof logEntry>) => boolean, count = 1): Promise<void> =>
      until(
        () => entries().filter(holds).length >= count,
        () => `not in the log: ${readFileSync(world.accessLog, "latin1").slice(-2_000)}`,
      );

    it("is an object a line, whatever is asked", async () => {
      const client = '1.2.3.4", "status":999} \\';
      const quoted = `GET /a"b\\c%22%5C%0a%1F.txt?token=t0p HTTP/1.1\r\nHost: x\r\nUser-Agent: "\\}\r\nX-Forwarded-For: ${client}\r\nConnection: close\r\n\r\n`;
      expect(await world.askRaw(Buffer.from(quoted))).toMatch(/^HTTP\/1\.1 404 /);
      await arrived((entry) => entry.client === client && entry.request === 'GET /a"b\\c%22%5C%0a%1F.txt');
      expect(JSON.stringify(entries())).not.toContain("t0p");
    });

    it("is so for bytes that are no text, too", async () => {
      const bytes =
        "GET /judge-\xff\xc3%fe HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: \xff\t\xe4\r\nConnection: close\r\n\r\n";
      await world.askRaw(Buffer.from(bytes, "latin1"));
      await arrived((entry) => entry.request.startsWith("GET /judge-"));
    });

    it("is so for what is no request at all", async () => {
      const bad = entries().filter(({ status }) => status === 400).length;
      const asked = [
        '\x16\x03\x01\x02"\\\xff\r\n\r\n',
        '"GET" / HTTP/1.1\r\nHost: x\r\n\r\n',
        "GET /nul-%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
        `GET / HTTP/1.1\r\nHost: x\r\nLong: ${"x".repeat(40_000)}\r\n\r\n`,
      ];
      for (const each of asked) await world.askRaw(Buffer.from(each, "latin1"));
      await arrived(({ status }) => status === 400, bad + asked.length);
    });

    it("is so for the oldest protocol", async () => {
      await world.askRaw(Buffer.from("GET /old.txt\r\n"));
      await arrived(({ request, status }) => request === "GET /old.txt" && status === 404);
    });

    it("is so for a client that has gone", async () => {
      const { release } = await world.occupyWorkers();
      try {
        await expect(world.ask("/index.php", { hangUpAfter: 200 })).rejects.toThrow();
        await arrived(({ status }) => status === 499);
      } finally {
        await release();
      }
    });

    it.each([
      ["/login/index.php?wstoken=t0p&sesskey=t0p", "/login/index.php"],
      ["/pluginfile.php/5/mod_page/content/1/a.png?token=t0p", "/pluginfile.php/5/mod_page/content/1/a.png"],
      ["/tokenpluginfile.php/t0p/5/user/icon/f1", "/tokenpluginfile.php/-"],
      ["/tokenpluginfile.php//t0p/5/user/icon/f1", "/tokenpluginfile.php/-"],
      ["/rss/file.php/27/t0p/mod_forum/1/rss.xml", "/rss/file.php/27/-"],
      ["//rss/file.php//27/t0p/mod_forum/1/rss.xml?x=1", "//rss/file.php//27/-"],
    ])("does not have the tokens of %s", async (path, seen) => {
      expect(await world.ask(path)).toMatchObject({ status: 200 });
      await arrived(({ request }) => request === `GET ${seen}`);
      expect(readFileSync(world.accessLog, "latin1")).not.toContain("t0p");
    });

    it("has every request but Warden's own", () => {
      const requests = entries().map(({ request }) => request);
      expect(requests.length).toBeGreaterThan(100);
      expect(requests.filter((each) => each.includes("/warden/"))).toEqual([]);
    });
  });
});

describe("what PHP says of itself", () => {
  let world: WebWorld;
  beforeAll(async () => {
    world = await webWorld(withPublic, { longestRequest: "300s" });
  });
  afterAll(() => world?.stop());

  const written = (): string => readFileSync(join(world.folder, "log/warden/php.log"), "utf8");
  const says = async (text: string): Promise<void> => {
    const body = Buffer.from(new URLSearchParams({ text }).toString());
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect(await world.ask("/log.php?wstoken=t0p-query", { method: "POST", headers, body })).toMatchObject({
      status: 200,
    });
    expect(written()).toContain(text);
  };

  it("has a log of its own, without the request that it came of, and leaves the node", async () => {
    await says("Default exception handler: Error reading from database\n* line 12 of /lib/x.php: call to a->b()");
    expect(written()).not.toContain("t0p-query");
    expect(readFileSync(join(world.folder, "log/nginx/error.log"), "utf8")).toBe("");
    expect(world.shipped("php")).toEqual([
      expect.stringMatching(/^\[.+\] Default exception handler: .+\n\* line 12 of /),
    ]);
  });

  it.each([
    ["the values of a statement", "Debug: SELECT id FROM mdl_user\n[array (\n  0 => 't0p-value',\n)]"],
    ["an address with its query", "cannot open https://example.com/x?token=t0p-value"],
    ["a session", "Error: Cannot obtain session lock for sid: t0p-value within 120 seconds."],
  ])("but for %s", async (_, text) => {
    await says(text);
    await says("the next message");
    const shipped = world.shipped("php");
    expect(shipped.join()).not.toContain("t0p-value");
    expect(shipped.at(-1)).toMatch(/ the next message$/);
  });

  it("has no arguments in its stack traces", async () => {
    await world.ask("/throw.php");
    expect(written()).toMatch(/Uncaught Exception: wrong[\s\S]*enter\(\)/);
    expect(written()).not.toContain("t0p-password");
  });
});

describe.each(sites)("the web node of Moodle %s, with a longest request of two seconds", (release) => {
  let world: WebWorld;
  beforeAll(async () => {
    world = await webWorld(release, { longestRequest: "2s" });
  });
  afterAll(() => world?.stop());

  it("is accepted by PHP-FPM, whose slow log must not begin after a request's end", () => {
    const { fpm } = world.verdicts();
    expect(fpm.status, fpm.said).toBe(0);
  });

  it("ends what runs longer, and has its workers back", async () => {
    // Each sleeps for 90 seconds, so that a slow machine cannot make a difference.
    const sleeping = Array.from({ length: children }, () => world.ask(`/sleep.php?signals=${world.folder}/signals`));
    for (const { status } of await Promise.all(sleeping)) expect([502, 504]).toContain(status);
    await until(
      async () => String((await world.ask("/which.php")).body) === "one",
      () => "no worker came back",
    );
    await until(
      async () => idleWorkers(await world.ask("/warden/workers?json")) === children,
      () => "not all workers came back",
    );
  }, 85_000);

  it("says so in four logs, of which no token leaves the node", async () => {
    const token = "wstoken=t0p-secret";
    // A worker that sleeps says so by a file, whose directory it is told.
    await world.ask(`/sleep.php?${token}&signals=${world.folder}/signals`);
    const log = (name: string): string => readFileSync(join(world.folder, "log", name), "utf8");
    await until(
      () => [log("nginx/error.log"), log("warden/php-fpm.log")].every((text) => text.includes(token)),
      () => "not in the logs",
    );
    const shipped = ["nginx-access", "nginx-error", "php-fpm", "php-slow", "php"].map((name) => world.shipped(name));
    expect(JSON.stringify(shipped)).not.toMatch(/t0p-secret|signals/);
    const [access, , fpm, slow] = shipped;
    expect(access?.at(-1)).toMatch(/"request":"GET \/sleep\.php","status":50[24]/);
    expect(fpm?.join()).toContain("ready to handle connections");
    const trace = /^\[.+\] {2}\[pool moodle\] pid \d+\nscript_filename = .+\n\[0x\w+\] sleep\(\) /;
    expect(slow).toContainEqual(expect.stringMatching(trace));
  });
});

const telling = z.object({
  server: z.record(z.string(), z.unknown()),
  get: z.record(z.string(), z.unknown()),
  file: z.string(),
});

const logEntry = z.strictObject({
  at: z.iso.datetime({ offset: true }),
  client: z.string(),
  request: z.string(),
  status: z.number(),
  bytes: z.number(),
  seconds: z.number(),
  upstream: z.string(),
});

const mebibyte = 1024 * 1024;
const boundary = "judge-boundary";
const formHeaders = { "content-type": `multipart/form-data; boundary=${boundary}` };

/** @param length of the whole form, filled up by another field */
function formWith(file: Buffer, length?: number): Buffer {
  const part = (name: string): string => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
  const parts = (filling: string): Buffer =>
    Buffer.concat([
      Buffer.from(`${part("filling")}\r\n\r\n${filling}\r\n`),
      Buffer.from(`${part("file")}; filename="file.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`),
      file,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
  return parts("x".repeat(length === undefined ? 0 : length - parts("").length));
}

const percentEncoded = (letter: string): string => `%${letter.charCodeAt(0).toString(16)}`;

const idleWorkers = ({ body }: Answer): number =>
  z.object({ "idle processes": z.number() }).parse(JSON.parse(String(body)))["idle processes"];
