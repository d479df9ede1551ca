/** The benchmark's users, and a server on loopback that answers as Moodle does, or as it must not. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { browse, type Crowd, type Sample } from "@warden/lab/bench/browse";
import type { Content } from "@warden/lab/bench/content";
import { afterEach, expect, it } from "vitest";

const content: Content = {
  ...{ release: "4.5", password: "pass & word", course: { id: 7, name: "A course" }, assignment: 1 },
  users: [3, 4, 5].map((id) => ({ id, name: `user-${id}` })),
};

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => void end()));

const one: Crowd = { users: 1, ramp: 0, until: { visits: 1 } };

it("get every page of a visit, in turn, with a session of their own for each visit", async () => {
  const moodle = await pretender();
  const { samples } = await browsed(moodle, { users: 2, ramp: 0, until: { visits: 2 } });
  expect(samples.filter(({ failed }) => failed !== undefined)).toEqual([]);
  for (const of of ["login", "sign-in", "home", "course", "views"])
    expect(samples.filter((sample) => sample.of === of)).toHaveLength(4);
  expect(moodle.sessions.size).toBe(4);
  expect(moodle.signedIn.sort()).toEqual([3, 3, 4, 4]);
  expect(moodle.connections()).toBe(2);
  expect(moodle.hosts).toEqual(new Set(["moodle.example"]));
});

it("add up what they looked at, without the sign-in", async () => {
  const { samples } = await browsed(await pretender(), one);
  const ms = (wanted: Sample["of"]): number => samples.find(({ of }) => of === wanted)?.ms ?? Number.NaN;
  expect(ms("views")).toBeCloseTo(ms("login") + ms("home") + ms("course"));
});

it("are a closed loop: none asks for a page before it has the last one", async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  // Answers all three at once, and would wait for ever for a third who waits for another to end.
  const moodle = await pretender(undefined, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    most = Math.max(most, waiting.push(resolve));
    await setImmediate();
    if (waiting.length >= 3) waiting.splice(0).forEach((answer) => void answer());
    return promise;
  });
  const { samples } = await browsed(moodle, { users: 3, ramp: 0, until: { visits: 5 } });
  expect(samples.filter(({ of }) => of === "views")).toHaveLength(15);
  expect(most).toBe(3);
});

it("come one after the other over the ramp, and go when the time after it is over", async () => {
  const moodle = await pretender();
  let now = 0;
  const slept: number[] = [];
  // Each look at the clock is a second later.
  const clock = { now: () => (now += 1000), sleep: async (ms: number) => void slept.push(ms) };
  const samples = await browse(moodle.site, content, { users: 3, ramp: 30, until: { seconds: 60 } }, clock);
  expect(slept).toEqual([0, 10_000, 20_000]);
  const begun = samples.filter(({ of }) => of === "login").map(({ at }) => at);
  // The clock is looked at twice more before a visit's first page is asked for.
  expect(Math.max(...begun)).toBeLessThan(92_000);
  expect(Math.max(...begun)).toBeGreaterThan(60_000);
});

it.each<[string, string, (answer: Pretended) => Pretended]>([
  ["home", "another user's page", (page) => ({ ...page, body: page.body.replace('"userId":3,', '"userId":4,') })],
  ["course", "another user's page", (page) => ({ ...page, body: page.body.replace('"userId":3,', '"userId":0,') })],
  ["home", "another page, or a part of it", (page) => ({ ...page, body: page.body.slice(0, -"</html>\n".length) })],
  [
    "course",
    "another page, or a part of it",
    (page) => ({ ...page, body: page.body.replace('"courseId":7', '"courseId":8') }),
  ],
  ["course", "status 500", (page) => ({ ...page, status: 500 })],
  ["home", "the session was lost (303)", (page) => ({ ...page, status: 303, location: "/login/index.php" })],
  ["login", "no login form (200)", (page) => ({ ...page, body: "Under maintenance" })],
  ["login", "no login form (503)", (page) => ({ ...page, status: 503 })],
  ["sign-in", "not signed in (303)", (page) => ({ ...page, location: "/login/index.php?loginredirect=1" })],
  ["sign-in", "not signed in (303)", (page) => ({ ...page, location: "/login/index.php?testsession=9" })],
  ["tested", "the session was lost (200)", (page) => ({ ...page, status: 200 })],
])("see on page %s: %s", async (where, failed, change) => {
  const moodle = await pretender((page, answer) => (page === where ? change(answer) : answer));
  const { samples, slept } = await browsed(moodle, one);
  // Nothing of the visit comes after it, and the whole visit is none.
  expect(samples.at(-1)).toMatchObject({ of: where === "tested" ? "sign-in" : where, failed });
  expect(samples.filter((sample) => sample.failed !== undefined)).toHaveLength(1);
  expect(samples.map(({ of }) => of)).not.toContain("views");
  expect(slept.at(-1)).toBeGreaterThan(0);
});

it("see a connection that is refused or breaks, and go on with another", async () => {
  const moodle = await pretender((page, answer) => (page === "home" && moodle.sessions.size === 1 ? "break" : answer));
  const { samples } = await browsed(moodle, { ...one, until: { visits: 2 } });
  expect(samples.filter(({ failed }) => failed !== undefined)).toEqual([
    expect.objectContaining({ of: "home", failed: "connection" }),
  ]);
  expect(samples.filter(({ of }) => of === "views")).toHaveLength(1);
  moodle.close();
  const refused = await browsed(moodle, one);
  expect(refused.samples).toEqual([expect.objectContaining({ of: "login", failed: "connection" })]);
});

async function browsed(
  moodle: Moodle,
  crowd: Crowd,
): Promise<{ samples: readonly Sample[]; slept: readonly number[] }> {
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
    await setImmediate();
  };
  return { samples: await browse(moodle.site, content, crowd, { now: () => performance.now(), sleep }), slept };
}

interface Pretended {
  readonly status: number;
  readonly body: string;
  readonly location?: string;
}

type Moodle = Awaited<ReturnType<typeof pretender>>;

/** @param change what becomes of an answer, by the page @param hold what each answer waits for */
async function pretender(
  change: (page: string, answer: Pretended) => Pretended | "break" = (_, answer) => answer,
  hold: () => Promise<void> = async () => {},
) {
  /** Whose each is, once somebody signed in. */
  const sessions = new Map<string, number>();
  const signedIn: number[] = [];
  const hosts = new Set<string | undefined>();
  let connections = 0;

  async function answer(asked: IncomingMessage, to: ServerResponse): Promise<void> {
    hosts.add(asked.headers.host);
    const form = new URLSearchParams(await text(asked));
    const known = /MoodleSession=(\w+)/.exec(asked.headers.cookie ?? "")?.[1];
    const session = known ?? `s${sessions.size}`;
    if (known === undefined) sessions.set(session, 0);
    const url = new URL(asked.url ?? "", "https://moodle.example");
    const page = asked.method === "POST" ? "sign-in" : pageOf(url);
    const user = content.users.find(({ name }) => form.get("logintoken") === session && form.get("username") === name);
    if (page === "sign-in" && user !== undefined && form.get("password") === content.password) {
      sessions.set(session, user.id);
      signedIn.push(user.id);
    }
    const answered = change(page, answerOf(page, sessions.get(session) ?? 0, session));
    await hold();
    if (answered === "break") return void asked.socket.destroy();
    const { status, body, location } = answered;
    to.writeHead(status, {
      "set-cookie": `MoodleSession=${session}; path=/`,
      ...(location !== undefined && { location }),
    });
    to.end(body);
  }

  const server = createServer((asked, to) => void answer(asked, to)).on("connection", () => (connections += 1));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  ends.push(close);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const site = { connect: () => connect(port, "127.0.0.1"), headers: { host: "moodle.example" } };
  return { site, sessions, signedIn, hosts, close, connections: () => connections };
}

function pageOf({ pathname, searchParams }: URL): string {
  if (pathname === "/login/index.php") return searchParams.has("testsession") ? "tested" : "login";
  return pathname === "/" ? "home" : "course";
}

function answerOf(page: string, user: number, session: string): Pretended {
  const whole = (body: string): string =>
    `<html><script>M.cfg = {"userId":${user},"courseId":7,"x":1}</script>${body}</html>\n`;
  switch (page) {
    case "login":
      return { status: 200, body: whole(`<input type="hidden" name="logintoken" value="${session}">`) };
    case "sign-in":
      return { status: 303, body: "", location: `https://moodle.example/login/index.php?testsession=${user}` };
    case "tested":
      return { status: 303, body: "", location: "https://moodle.example/my/" };
    default:
      return { status: 200, body: whole(page === "home" ? '<body id="page-site-index">' : "") };
  }
}
