/** Other settings of PHP-FPM for a node that serves: a second one takes over, and the first ends when it has nothing to do. */
import { setTimeout as sleep } from "node:timers/promises";
import { drainStatusOutput } from "@warden/moodle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Node, node, release } from "./node.ts";
import { alone, begin, inForce, usual } from "./php.ts";
import { failed, push, slowOf, tampered, untried, upload, uploaded, visits } from "./pushes.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
  await own.bootstrap();
  await own.verify();
});
afterAll(() => own?.end());

const sh = (script: string): Promise<string> => own.machine.sh(script);
const running = () => sh("systemctl list-units --plain --no-legend --state=active 'warden-php@*' | wc -l").then(Number);
const active = async () => drainStatusOutput.parse((await own.document("Warden-DrainStatus")).line).active;
const first = () => own.bundle.manifest.fpm;

describe("other settings of PHP-FPM", () => {
  it("are in force at once, and no request is cut or held up", async () => {
    expect(await inForce(own)).toEqual(usual);
    const before = visits(own);
    await sleep(2_000);
    const usually = slowOf(await before.end());
    const waiting = own.ask("/wait.php");
    await eventually(() => own.machine.run("test -e /tmp/wait-began").then(({ status }) => status === 0), "a request");

    const sending = upload(own, "/limit.php");

    const visitors = visits(own);
    const digest = await uploaded(own, { children: 6, memory: "300M" });
    expect((await push(own, digest)).output).toEqual({ v: 1, ok: true, release, digest });
    expect(await inForce(own)).toEqual({ memory: "300M", children: 6 });
    const pages = await visitors.end();
    expect(pages.length).toBeGreaterThan(10);
    expect(failed(pages)).toEqual([]);
    const added = slowOf(pages) - usually;
    console.info(`a push with another PHP-FPM added ${Math.round(added)} ms to other requests (p95)`);
    expect(added).toBeLessThan(2_000);
    expect(await own.ready()).toBe(200);

    // The request that came before it is still in the first one, and is seen there.
    expect(await running()).toBe(2);
    expect(await active()).toBe(1);
    await sh("touch /tmp/wait-may-end");
    expect(await waiting).toMatchObject({ status: 200, body: "whole" });
    // One whose body is still on its way nginx will bring there, too.
    await eventually(async () => (await active()) === 0, "the request has ended");
    await sleep(5_000);
    expect(await running()).toBe(2);
    expect(await sending.finish()).toEqual({ status: 200, body: "256M" });
    await alone(own);
    expect(await active()).toBe(0);
  });

  it("can be pushed back and forth, and one PHP-FPM is left", async () => {
    const other = await uploaded(own, { children: 6, memory: "300M" });
    const visitors = visits(own);
    for (const digest of [own.bundle.digest, other, own.bundle.digest, other, own.bundle.digest])
      expect((await push(own, digest)).output).toMatchObject({ ok: true, digest });
    expect(failed(await visitors.end())).toEqual([]);
    expect(await inForce(own)).toEqual(usual);
    await alone(own, first());
  });

  it("wait for a worker of nginx that has not heard of them yet", async () => {
    const worker = await sh("pgrep --parent $(cat /run/nginx.pid) | head -n 1");
    await sh(`kill -STOP ${worker}`);
    const other = await uploaded(own, { children: 6, memory: "300M" });
    try {
      expect((await push(own, other)).output).toMatchObject({ ok: true, digest: other });
      await sleep(5_000);
      // It would still bring requests to the first one.
      expect(await running()).toBe(2);
    } finally {
      await sh(`kill -CONT ${worker}`);
    }
    await alone(own);
    await begin(own);
  });

  it("come with a bootstrap, too", async () => {
    const visitors = visits(own);
    const Digest = await uploaded(own, { memory: "310M" });
    expect((await own.document("Warden-Bootstrap", { Release: release, Digest })).line.ok).toBe(true);
    expect(await inForce(own)).toEqual({ ...usual, memory: "310M" });
    expect((await own.verify({ Digest })).line.verdict).toBe("ok");
    expect((await push(own, own.bundle.digest)).output.ok).toBe(true);
    expect(failed(await visitors.end())).toEqual([]);
    await alone(own, first());
  });
});

describe("settings with which PHP-FPM", () => {
  beforeAll(() => begin(own));
  it.each([
    ["does not begin", "lint", /PHP-FPM's settings/, ["pm = static", "pm = statix"]],
    ["does not come up", "swap", /warden-php@\w+\.service failed to start/, ["--nodaemonize", "--nodaemonise"]],
    [
      "gives no pages",
      "verify",
      /login page answers 500/,
      ["session.gc_probability = 0", "auto_prepend_file=/nowhere"],
    ],
  ] as const)("%s are refused before a visitor sees them", async (_, step, words, change) => {
    const visitors = visits(own);
    const { output, status } = await push(own, await tampered(own, change));
    expect(output).toMatchObject({ ok: false, step, release, digest: own.bundle.digest });
    expect(JSON.stringify(output)).toMatch(words);
    expect(status).toBe(1);
    expect(failed(await visitors.end())).toEqual([]);
    expect(await inForce(own)).toEqual(usual);
    expect(await own.ready()).toBe(200);
    await alone(own, first());
  });

  it("would take more memory than there is are refused", async () => {
    const digest = await uploaded(own, { children: 6 });
    await sh(
      "head -c 4096 /proc/meminfo | sed -E 's/^(MemAvailable: +)[0-9]+/\\11000/' >/root/meminfo; mount --bind /root/meminfo /proc/meminfo",
    );
    const { output } = await push(own, digest);
    await sh("umount /proc/meminfo");
    expect(output).toMatchObject({
      ok: false,
      step: "bundle",
      message: expect.stringMatching(/no room.*\d\d MiB, and 0/),
    });
    await alone(own, first());
  });

  it("and a configuration that is bad are taken back together", async () => {
    const digest = await uploaded(own, { memory: "320M", settings: "judgebreaks: true" });
    const { output } = await untried(own, () => push(own, digest));
    expect(output).toMatchObject({ ok: false, step: "verify", digest: own.bundle.digest });
    expect(await inForce(own)).toEqual(usual);
    expect((await own.ask("/login/index.php")).status).toBe(200);
    expect(await own.ready()).toBe(200);
    await alone(own, first());
  });
});
