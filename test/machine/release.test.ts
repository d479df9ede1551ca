/** Another release on a node: fetched by its digest, unpacked beside the one in use, and switched to in one step. */
import { bootstrapOutput } from "@warden/moodle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ofVersion } from "./application.ts";
import { eventually, type Node, node, release } from "./node.ts";
import { failed, killedPush, push, uploaded, visits } from "./pushes.ts";
import { uploadedRelease } from "./releases.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
  expect((await own.bootstrap()).line.ok).toBe(true);
});
afterAll(() => own?.end());

const sh = (script: string): Promise<string> => own.machine.sh(script);
const bring = async (name: string) => {
  const answer = await own.document("Warden-Bootstrap", { Release: name, Digest: own.bundle.digest });
  return bootstrapOutput.parse(answer.line);
};
const releases = async (): Promise<string[]> => (await sh("ls -A /srv/moodle/releases")).split("\n");
const inUse = (): Promise<string> => sh("readlink /srv/moodle/current");
const words = async (): Promise<string> => (await own.ask("/words.php")).body;

const saying = (text: string) => ({ "release.json": "{}", "words.php": `<?php echo '${text}';` });

it("is refused when it is another than its name says, is none, or is nowhere, and leaves nothing", async () => {
  const refused = async (name: string, message: string): Promise<void> =>
    expect(await bring(name)).toMatchObject({ ok: false, step: "release", message: expect.stringContaining(message) });
  await refused(await uploadedRelease(own, saying("evil"), `5.1.6-${"0".repeat(32)}`), "another checksum");
  await refused(await uploadedRelease(own, {}), "cannot be unpacked");
  await refused(`5.1.6-${"1".repeat(32)}`, "cannot be fetched");
  await refused("5.1.6", "is not on this node");
  expect([await releases(), await inUse()]).toEqual([[release], `releases/${release}`]);
});

it("is fetched, closed to PHP, and served, and the one before stays", async () => {
  const name = await uploadedRelease(own, saying("second"));
  expect(await bring(name)).toEqual({ v: 1, ok: true, release: name, digest: own.bundle.digest });
  expect(await inUse()).toBe(`releases/${name}`);
  expect((await releases()).sort()).toEqual([name, release].sort());
  expect((await own.verify({ Release: name })).line.verdict).toBe("ok");
  expect(await words()).toBe("second");
  expect(await sh(`find /srv/moodle/releases/${name} -type d ! -perm 755`)).toBe("");
  expect(await sh(`find /srv/moodle/releases/${name}/ ! -user root -o -perm /022 ! -type l`)).toBe("");
});

it("is not fetched again when it is there, and of three the last two stay", async () => {
  const calls = own.region.calls.filter((call) => call.endsWith(":GetObject")).length;
  expect((await bring(release)).ok).toBe(true);
  expect(own.region.calls.filter((call) => call.endsWith(":GetObject"))).toHaveLength(calls);
  const third = await uploadedRelease(own, saying("third"));
  expect((await bring(third)).ok).toBe(true);
  expect((await releases()).sort()).toEqual([third, release].sort());
  expect(await words()).toBe("third");
});

describe("pushed to a node that serves", () => {
  let first: string;
  beforeAll(async () => {
    first = await uploadedRelease(own, saying("first"));
    expect((await bring(first)).ok).toBe(true);
    expect((await own.verify({ Release: first })).line.verdict).toBe("ok");
  });

  const has = async () => JSON.parse(await sh("cat /opt/warden/installed.json"));
  const worker = (): Promise<string> => sh("systemctl show --value --property MainPID 'warden-php@*.service'");
  /** As the login page says it. */
  const code = async (): Promise<string> => JSON.parse((await own.ask("/login/index.php")).body).code;
  const codeOf = (name: string): string => `/srv/moodle/releases/${name}/login`;
  const asBefore = async (before: { release: string; digest: string }): Promise<void> => {
    expect(await has()).toMatchObject(before);
    expect(await inUse()).toBe(`releases/${before.release}`);
    expect(await code()).toBe(codeOf(before.release));
    expect(await own.ready()).toBe(200);
  };

  it("serves at once, with a configuration of its own, and no request is cut or held up", async () => {
    const [next, digest] = [
      await uploadedRelease(own, saying("next")),
      await uploaded(own, { settings: "supportname: n" }),
    ];
    const serving = await worker();
    const waiting = own.ask("/wait.php");
    await eventually(() => sh("ls /tmp/wait-began || true").then(Boolean), "a request");
    const visitors = visits(own);
    expect((await push(own, digest, { Release: next })).output).toEqual({ v: 1, ok: true, release: next, digest });
    const pages = await visitors.end();
    await sh("touch /tmp/wait-may-end");
    expect(await waiting).toMatchObject({ status: 200, body: "whole" });
    expect(failed(pages)).toEqual([]);
    const served = pages.map(({ body }) => JSON.parse(body));
    // Never the code of the one with the configuration of the other.
    expect(new Set(served.map((each) => `${each.code} ${each.contact}`))).toEqual(
      new Set([`${codeOf(first)} null`, `${codeOf(next)} n`]),
    );
    expect(served.at(-1).code).toBe(codeOf(next));
    expect([await words(), await worker(), await own.ready()]).toEqual(["next", serving, 200]);
    expect((await releases()).sort()).toEqual([first, next].sort());
    expect((await push(own, own.bundle.digest, { Release: first })).output.ok).toBe(true);
    expect(await words()).toBe("first");
  });

  it("is refused before anybody gets it when the database would have to be upgraded for it", async () => {
    const newer = await uploadedRelease(own, { ...ofVersion("2025100600"), ...saying("newer") });
    const visitors = visits(own);
    const { output, status } = await push(own, await uploaded(own, { settings: "supportname: n" }), { Release: newer });
    expect(output).toMatchObject({ ok: false, step: "release", release: first, digest: own.bundle.digest });
    expect(JSON.stringify(output)).toContain("have to be upgraded");
    expect(status).toBe(1);
    expect(new Set((await visitors.end()).map(({ body }) => JSON.parse(body).code))).toEqual(new Set([codeOf(first)]));
    await asBefore({ release: first, digest: own.bundle.digest });
  });

  it("is taken back when only then it shows that the database would have to be upgraded for it", async () => {
    const newer = await uploadedRelease(own, { ...ofVersion("2025100600"), ...saying("newer") });
    await sh("sed -i.kept 's/moodle 15 site/false/' /opt/warden/lib/push-config.sh");
    const { output } = await push(own, own.bundle.digest, { Release: newer });
    await sh("mv /opt/warden/lib/push-config.sh.kept /opt/warden/lib/push-config.sh");
    expect(output).toMatchObject({ ok: false, step: "verify", release: first, digest: own.bundle.digest });
    await asBefore({ release: first, digest: own.bundle.digest });
  });

  it("is there and not ready where the upgrade is expected", async () => {
    const newer = await uploadedRelease(own, { ...ofVersion("2025100600"), ...saying("newer") });
    const { digest } = own.bundle;
    const { output } = await push(own, digest, { Release: newer, Upgrade: "expected" });
    expect(output).toEqual({ v: 1, ok: true, release: newer, digest });
    const { verdict } = (await own.verify({ Release: newer, Upgrade: "expected" })).line;
    expect([verdict, await own.ready()]).toEqual(["upgrade-pending", 503]);
    // Back again, as it is for a site whose upgrade was withdrawn.
    expect((await push(own, digest, { Release: first })).output.ok).toBe(true);
    await asBefore({ release: first, digest });
  });

  it("takes the place of one that is gone in OPcache, too", async () => {
    const names = [await uploadedRelease(own, saying("second")), await uploadedRelease(own, saying("last"))];
    expect(await words()).toBe("first");
    expect(await cached(first)).toBe(true);
    for (const name of names) expect((await push(own, own.bundle.digest, { Release: name })).output.ok).toBe(true);
    expect((await releases()).sort()).toEqual([...names].sort());
    expect(await cached(first)).toBe(false);
    expect((await push(own, own.bundle.digest, { Release: first })).output.ok).toBe(true);
  });

  /** Whether PHP-FPM keeps a page of that release. */
  const cached = async (name: string): Promise<boolean> => {
    const script = `<?php echo json_encode(opcache_is_script_cached('/srv/moodle/releases/${name}/words.php'));`;
    await sh(`printf '%s' ${JSON.stringify(script)} >/tmp/cached.php`);
    return JSON.parse(await sh("php /opt/warden/lib/fastcgi.php /run/warden/php/*/warden-ready.sock /tmp/cached.php"));
  };

  /** Its pages come up, and its command line does not. */
  const bad = { ...saying("bad"), "lib/caches.php": "<?php if (PHP_SAPI === 'cli') throw new Exception('broken');" };

  it("is not switched to when its pages do not come up", async () => {
    const broken = { ...saying("broken"), "login/index.php": "<?php http_response_code(500);" };
    const visitors = visits(own);
    const { output } = await push(own, own.bundle.digest, { Release: await uploadedRelease(own, broken) });
    expect(output).toMatchObject({ ok: false, step: "verify", release: first });
    expect(JSON.stringify(output)).toContain("the login page answers 500");
    expect(failed(await visitors.end())).toEqual([]);
    await asBefore({ release: first, digest: own.bundle.digest });
  });

  it("and bad, and killed again and again, is taken back with its configuration to what the first came from", async () => {
    const [name, digest] = [await uploadedRelease(own, bad), await uploaded(own, { settings: "supportname: bad" })];
    const visitors = visits(own);
    // Before its files are those in use, and before anybody has looked at it.
    for (const command of ["switch_to", "judge_push"]) await killedPush(own, command, digest, { Release: name });
    const { output } = await push(own, digest, { Release: name });
    expect(output).toMatchObject({ ok: false, step: "verify", release: first, digest: own.bundle.digest });
    expect(JSON.stringify(output)).toContain("broken");
    expect(failed(await visitors.end())).toEqual([]);
    await asBefore({ release: first, digest: own.bundle.digest });
  });
});
