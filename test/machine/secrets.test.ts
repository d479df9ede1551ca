/**
 * Secrets that are rotated while a node serves: the labels are moved in Secrets Manager, and the servers take other
 * passwords, in every order that happens.
 */

import { passwordOf } from "@warden/lab/data-tier";
import { pushConfigOutput, verifyOutput } from "@warden/moodle";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { interpret } from "../../packages/control/src/interpret.ts";
import { type Answer, type Node, node, release } from "./node.ts";
import { visits } from "./pushes.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
  await own.bootstrap();
  expect((await own.verify()).line.verdict).toBe("ok");
});
afterAll(() => own?.end());
afterEach(() => own.links.mend("aws"));

const parts = ["database", "sessions", "cache"] as const;
type Part = (typeof parts)[number];
/** What is in use of each. */
const now: Record<Part, string> = {
  database: passwordOf("database"),
  sessions: passwordOf("sessions"),
  cache: passwordOf("cache"),
};
let rotations = 0;
const next = (part: Part): string => `${part}-rotated-${++rotations}`;
const asSecret = (part: Part, password: string): string =>
  part === "database" ? JSON.stringify({ password }) : password;
const rotate = (part: Part, password: string, stage?: "AWSPENDING"): Promise<string> =>
  own.region.rotate(`machine/${part}`, asSecret(part, password), stage);

const push = async () => {
  const parameters = { Release: release, Digest: own.bundle.digest, Maintenance: "open" };
  return pushConfigOutput.parse((await own.document("Warden-PushConfig", parameters)).line);
};
const pushed = (): object => ({ v: 1, ok: true, release, digest: own.bundle.digest });
const wrong = ({ line }: Answer) => verifyOutput.parse(line).probes.filter(({ ok }) => !ok);
const names = (answer: Answer): string[] => wrong(answer).map(({ name }) => name);
const secretsOf = ({ line }: Answer) => verifyOutput.parse(line).probes.find(({ name }) => name === "secrets");
/** What the control plane makes of it: what is drifted it heals with a push, and ends no node for it. */
const view = ({ stdout }: Answer) => interpret("verify", { status: "ended", output: stdout, detail: "Success" });
const isHealed = { status: "answered", answer: { verdict: "node-bad", drifted: true } };
const versions = async (): Promise<Record<Part, string>> =>
  JSON.parse(await own.machine.sh("cat /etc/warden/secret-versions.json"));

it("the version of each secret is known on the node, to root alone", async () => {
  expect(await own.machine.sh("stat -c '%U:%G %a' /etc/warden/secret-versions.json")).toBe("root:root 600");
  expect(Object.keys(await versions())).toEqual(parts);
});

it("no value is fetched while nothing was rotated", async () => {
  const fetched = (): number => own.region.calls.filter((call) => call.endsWith("GetSecretValue")).length;
  const before = fetched();
  expect((await own.verify()).line.verdict).toBe("ok");
  expect(fetched()).toBe(before);
});

// Of the two kinds of servers there are.
describe.each(["database", "sessions"] as const)("the secret of the %s that was rotated", (part) => {
  it("is found and healed by a push of the same digest, and no request fails", async () => {
    const password = next(part);
    const visitors = visits(own);
    own.data.takes(part, now[part], password);
    const version = await rotate(part, password);
    const found = await own.verify();
    expect(wrong(found)[0]).toEqual({ name: "secrets", ok: false, message: `${part} was rotated` });
    expect(names(found)).toEqual(["secrets", "page"]);
    expect(view(found)).toMatchObject(isHealed);
    expect(await own.ready()).toBe(200);
    expect(await push()).toEqual(pushed());
    own.data.takes(part, password);
    now[part] = password;
    expect((await own.verify()).line.verdict).toBe("ok");
    const pages = await visitors.end();
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await versions())[part]).toBe(version);
  });

  it("is this node's own to heal also when the one before is refused", async () => {
    now[part] = next(part);
    own.data.takes(part, now[part]);
    await rotate(part, now[part]);
    const found = await own.verify();
    expect(found.line.verdict).toBe("node-bad");
    expect(names(found)).toEqual(expect.arrayContaining(["secrets", part]));
    expect(wrong(found).find(({ name }) => name === part)?.message).toBe("refuses the password");
    expect(view(found)).toMatchObject(isHealed);
    expect(await push()).toEqual(pushed());
    expect((await own.verify()).line.verdict).toBe("ok");
    expect(await own.ready()).toBe(200);
  });

  it("is not taken up before its server takes it, and then it is", async () => {
    const before = await versions();
    const password = next(part);
    await rotate(part, password);
    const early = await own.verify();
    expect(early.line.verdict).toBe("ok");
    expect(secretsOf(early)?.message).toContain(`${part}: its server refuses the current secret`);
    expect(await push()).toEqual(pushed());
    expect((await own.bootstrap()).line.ok).toBe(true);
    expect(await versions()).toEqual(before);
    expect((await own.verify()).line.verdict).toBe("ok");

    own.data.takes(part, now[part], password);
    expect(secretsOf(await own.verify())).toMatchObject({ ok: false, message: `${part} was rotated` });
    expect(await push()).toEqual(pushed());
    own.data.takes(part, password);
    now[part] = password;
    const after = await own.verify();
    expect([after.line.verdict, secretsOf(after)]).toEqual(["ok", { name: "secrets", ok: true }]);
  });
});

it("a secret that was rotated twice before its server took it is not exchanged for one that does not work", async () => {
  const before = await versions();
  await rotate("sessions", next("sessions"));
  const password = next("sessions");
  await rotate("sessions", password);
  expect((await own.verify()).line.verdict).toBe("ok");
  expect(await push()).toEqual(pushed());
  expect(await versions()).toEqual(before);
  expect((await own.ask("/login/index.php")).status).toBe(200);
  own.data.takes("sessions", password);
  now.sessions = password;
  expect(view(await own.verify())).toMatchObject(isHealed);
  expect(await push()).toEqual(pushed());
  expect((await own.verify()).line.verdict).toBe("ok");
});

it("a server that goes back to the password before is followed, and followed again", async () => {
  const before = now.sessions;
  const password = next("sessions");
  own.data.takes("sessions", password);
  await rotate("sessions", password);
  await push();
  own.data.takes("sessions", before);
  const back = await own.verify();
  expect(secretsOf(back)?.message).toBe("sessions: its server takes only the secret before the current one");
  expect(view(back)).toMatchObject(isHealed);
  expect(await push()).toEqual(pushed());
  expect((await own.verify()).line.verdict).toBe("ok");
  own.data.takes("sessions", password);
  now.sessions = password;
  expect(view(await own.verify())).toMatchObject(isHealed);
  expect(await push()).toEqual(pushed());
  expect((await own.verify()).line.verdict).toBe("ok");
});

it("while the label waits for a server that took the new password first, no node is blamed", async () => {
  const password = next("database");
  const version = await rotate("database", password, "AWSPENDING");
  own.data.takes("database", password);
  const waiting = await own.verify();
  expect([waiting.line.verdict, names(waiting)[0]]).toEqual(["dependency-bad", "database"]);
  expect(secretsOf(waiting)?.ok).toBe(true);
  await own.region.finishRotation("machine/database", version);
  now.database = password;
  expect(view(await own.verify())).toMatchObject(isHealed);
  expect(await push()).toEqual(pushed());
  expect((await own.verify()).line.verdict).toBe("ok");
});

it("a server that does not answer is not excused by a rotation", async () => {
  const password = next("cache");
  await rotate("cache", password);
  own.data.takes("cache", password);
  own.links.cut("cache");
  const cut = await own.verify();
  expect(cut.line.verdict).toBe("dependency-bad");
  expect(view(cut)).toMatchObject({ answer: { drifted: false } });
  own.links.mend("cache");
  now.cache = password;
  expect(await push()).toEqual(pushed());
  expect((await own.verify()).line.verdict).toBe("ok");
});

it("nobody can tell while Secrets Manager does not answer, and no node is blamed", async () => {
  await rotate("cache", next("cache"));
  own.links.cut("aws");
  const answer = await own.verify();
  expect(answer.line.verdict).toBe("ok");
  expect(secretsOf(answer)).toEqual({
    ...{ name: "secrets", ok: true, message: "nobody here can tell whether one was rotated" },
  });
});

it("nothing of all that left anything in moodledata that the web user does not own", () => {
  expect(own.foreign()).toBe("");
});
