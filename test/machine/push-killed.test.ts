/** A push of other settings of PHP-FPM whose run is killed in the middle: the node serves on, and the next push does the rest. */
import { passwordOf } from "@warden/lab/data-tier";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Node, node } from "./node.ts";
import { alone, begin, inForce, usual } from "./php.ts";
import { failed, killedPush, push, untried, uploaded, visits } from "./pushes.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
  await own.bootstrap();
  await own.verify();
});
afterAll(() => own?.end());

const first = () => own.bundle.manifest.fpm;

describe("a push that is killed", () => {
  const other = { children: 5, memory: "400M" };
  beforeEach(() => begin(own));

  it.each([
    ["when it is tried out", "comes_up"],
    ["when the second PHP-FPM is there", "warm_php"],
    ["when all files are in their places", "forget_php"],
    ["when nginx was told", "nginx_runs_this"],
    ["before it is verified", "judge_push"],
  ])("%s leaves a node that serves, and the next one does the rest", async (_, command) => {
    const visitors = visits(own);
    const digest = await uploaded(own, other);
    await killedPush(own, command, digest);
    // Which nginx was not told of yet.
    if (command === "comes_up" || command === "warm_php") await alone(own, first());
    expect((await push(own, digest)).output).toMatchObject({ ok: true, digest });
    expect(failed(await visitors.end())).toEqual([]);
    expect(await inForce(own)).toEqual(other);
    expect(await own.ready()).toBe(200);
    await alone(own);
  });

  it("while it is tried out leaves the secrets that are in use, whatever it would bring", async () => {
    const secrets = (): Promise<string> => own.machine.sh("cd /etc/warden; cat secrets.php secret-versions.json");
    const before = await secrets();
    own.data.takes("database", passwordOf("database"), "the next one");
    await own.region.rotate("machine/database", JSON.stringify({ password: "the next one" }));
    const digest = await uploaded(own, other);
    await killedPush(own, "comes_up", digest);
    expect(await secrets()).toBe(before);
    expect((await push(own, digest)).output).toMatchObject({ ok: true, digest });
    expect(await secrets()).toContain("the next one");
    expect(await own.ready()).toBe(200);
  });

  it("was bad, and its repeat comes back to what the first came from", async () => {
    const digest = await uploaded(own, { ...other, settings: "judgebreaks: true" });
    await untried(own, () => killedPush(own, "judge_push", digest));
    expect((await push(own, digest)).output).toMatchObject({ ok: false, step: "verify", digest: own.bundle.digest });
    expect(await inForce(own)).toEqual(usual);
    expect(await own.ready()).toBe(200);
    await alone(own, first());
  });
});
