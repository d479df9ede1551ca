/**
 * The lab's load balancer does what an Application Load Balancer is documented to do (ELB guide, "Target groups for your
 * Application Load Balancers" and "Troubleshoot your Application Load Balancers"): real HAProxy, real servers.
 */
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Agent, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { freePort } from "@warden/lab/processes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerTo, type BalancerWorld, balancerWorld } from "./balancer-world.ts";

let world: BalancerWorld;
beforeEach(async () => {
  world = await balancerWorld();
});
afterEach(() => world.end());

/** A server whose requests a test answers by hand. */
function byHand() {
  const waiting: { request: IncomingMessage; response: ServerResponse }[] = [];
  const wanted: ((next: (typeof waiting)[number]) => void)[] = [];
  const behave: RequestListener = (request, response) => {
    const one = { request, response };
    const taker = wanted.shift();
    if (taker === undefined) waiting.push(one);
    else taker(one);
  };
  const next = async (): Promise<(typeof waiting)[number]> =>
    waiting.shift() ?? new Promise((resolve) => wanted.push(resolve));
  return { behave, next };
}

const sorted = (names: readonly string[]): string => names.toSorted().join(" ");

describe("requests", () => {
  it("come by TLS, and tell the target who asked, how and where (ELB guide, 'X-Forwarded headers')", async () => {
    const one = await world.target("one", (request, response) => response.end(JSON.stringify(request.headers)));
    await world.route(one.healthy);
    const headers = { Host: "moodle.example", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http" };
    const { status, text } = await world.ask("/", { headers });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      host: "moodle.example",
      "x-forwarded-for": "203.0.113.7, 127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-port": String(world.port),
    });
  });

  it.each(["1.1", "2"])("are understood from curl over HTTP/%s", async (version) => {
    const one = await world.target("one");
    await world.route(one.healthy);
    const trust = ["--silent", "--fail", "--cacert", world.certificate];
    const how = [`--http${version}`, "--write-out", " over %{http_version}", `https://127.0.0.1:${world.port}/`];
    expect((await promisify(execFile)("curl", [...trust, ...how])).stdout).toBe(`one over ${version}`);
  });

  it("go round, also those of one connection", async () => {
    const [one, two, three] = [await world.target("one"), await world.target("two"), await world.target("three")];
    await world.route(one.healthy, two.healthy, three.healthy);
    const answers = await world.answered(9, { agent: world.keeping() });
    for (const turn of [0, 3, 6]) expect(sorted(answers.slice(turn, turn + 3))).toBe("one three two");
  });

  it("of any size are handed on as they come", async () => {
    const hand = byHand();
    await world.route((await world.target("one", hand.behave)).healthy);
    const body = Buffer.alloc(40_000_000, "moodle");
    const sent = world.begin("/", { method: "POST", headers: { "Content-Length": body.length } });
    sent.write(body.subarray(0, 1000));
    const { request, response } = await hand.next();
    const [beginning]: Buffer[] = await once(request, "data");
    expect(beginning?.length).toBe(1000);
    const digest = createHash("sha256").update(beginning ?? "");
    sent.end(body.subarray(1000));
    for await (const chunk of request) digest.update(chunk);
    response.end(digest.digest("hex"));
    expect((await answerTo(sent)).text).toBe(createHash("sha256").update(body).digest("hex"));
  });

  it("may become another protocol, as a web socket's (RFC 6455)", async () => {
    const one = await world.target("one");
    const key = randomBytes(16).toString("base64");
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const upgrade = ["Connection: Upgrade", "Upgrade: websocket", `Sec-WebSocket-Accept: ${accept}`];
    one.server.on("upgrade", (_, socket) => {
      socket.write(["HTTP/1.1 101 Switching Protocols", ...upgrade, "", ""].join("\r\n"));
      socket.pipe(socket);
    });
    await world.route(one.healthy);
    const websocket = { "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13" };
    const sent = world.begin("/", { headers: { Connection: "Upgrade", Upgrade: "websocket", ...websocket } }).end();
    const [, socket] = await once(sent, "upgrade");
    socket.write("there and back");
    const [echo] = await once(socket, "data");
    expect(String(echo)).toBe("there and back");
    socket.destroy();
  });
});

describe("a target that drains", () => {
  it("gets no more requests, also not over connections that visitors keep", async () => {
    const [stays, leaves] = [await world.target("stays"), await world.target("leaves")];
    await world.route(stays.healthy, leaves.healthy);
    const agent = world.keeping();
    expect(sorted(await world.answered(4, { agent }))).toBe("leaves leaves stays stays");
    const port = await portOf(agent);
    await world.route(stays.healthy, leaves.draining);
    expect(sorted(await world.answered(4, { agent }))).toBe("stays stays stays stays");
    expect(await portOf(agent)).toBe(port);
  });

  it("finishes the download that it began", async () => {
    const hand = byHand();
    const [stays, leaves] = [await world.target("stays"), await world.target("leaves", hand.behave)];
    await world.route(leaves.healthy);
    const download = answerTo(world.begin("/").end());
    const { response } = await hand.next();
    response.write("first ");
    await world.route(stays.healthy, leaves.draining);
    expect(await world.answered(3)).toEqual(["stays", "stays", "stays"]);
    response.end("last");
    expect(await download).toEqual({ status: 200, text: "first last" });
  });

  it("finishes the upload that it began", async () => {
    const hand = byHand();
    const [stays, leaves] = [await world.target("stays"), await world.target("leaves", hand.behave)];
    await world.route(leaves.healthy);
    const upload = world.begin("/", { method: "POST", headers: { "Content-Length": 10_000_000 } });
    upload.write(Buffer.alloc(1000));
    const { request, response } = await hand.next();
    await once(request, "data");
    await world.route(stays.healthy, leaves.draining);
    expect(await world.answered(3)).toEqual(["stays", "stays", "stays"]);
    upload.end(Buffer.alloc(9_999_000));
    let size = 1000;
    for await (const chunk of request) size += chunk.length;
    response.end(`${size} bytes`);
    expect(await answerTo(upload)).toEqual({ status: 200, text: "10000000 bytes" });
  });

  it("is cut off when its delay is over: in the midst of an answer, or with 502 where none began", async () => {
    const [hand, staying] = [byHand(), byHand()];
    const [stays, leaves] = [await world.target("stays", staying.behave), await world.target("leaves", hand.behave)];
    await world.route(leaves.healthy);
    const begun = world.begin("/").end();
    (await hand.next()).response.write("first ");
    const [answer] = await once(begun, "response");
    const breaksOff = text(answer).then(
      () => "came whole",
      (error) => error.code,
    );
    const silent = answerTo(world.begin("/").end());
    await hand.next();
    await world.route(stays.healthy, leaves.draining);
    const other = answerTo(world.begin("/").end());
    const { response } = await staying.next();
    response.write("first ");
    await world.route(stays.healthy);
    expect(await breaksOff).toBe("ECONNRESET");
    expect((await silent).status).toBe(502);
    response.end("last");
    expect(await other).toEqual({ status: 200, text: "first last" });
  });

  it("gets requests again when it comes back, and keeps what it was doing", async () => {
    const hand = byHand();
    const one = await world.target("one", hand.behave);
    await world.route(one.healthy);
    const before = answerTo(world.begin("/").end());
    const kept = await hand.next();
    await world.route(one.draining);
    await world.route(one.healthy);
    const after = answerTo(world.begin("/").end());
    (await hand.next()).response.end("after");
    expect((await after).text).toBe("after");
    kept.response.end("before");
    expect((await before).text).toBe("before");
  });
});

describe("a target", () => {
  it("that is unhealthy or not yet judged gets nothing", async () => {
    const [well, ill, young] = [await world.target("well"), await world.target("ill"), await world.target("young")];
    await world.route(ill.unhealthy, well.healthy, young.initial);
    expect(await world.answered(4)).toEqual(["well", "well", "well", "well"]);
  });

  it("that is unhealthy gets requests like the others when all are (fail open)", async () => {
    const [one, two] = [await world.target("one"), await world.target("two")];
    await world.route(one.failedOpen, two.failedOpen);
    expect(sorted(await world.answered(4))).toBe("one one two two");
  });

  it("may come where another was that still drains: it inherits no connection, and nothing of it is cut", async () => {
    const first = await world.target("first");
    await world.route(first.healthy);
    const agent = world.keeping();
    expect(await world.answered(2, { agent })).toEqual(["first", "first"]);
    await first.end();
    const hand = byHand();
    const second = await world.target("second", hand.behave, first.address);
    await world.route(first.draining, second.healthy);
    const open = answerTo(world.begin("/", { agent }).end());
    const { response } = await hand.next();
    await world.route(second.healthy);
    response.end("second");
    expect(await open).toEqual({ status: 200, text: "second" });
  });

  it("that takes the place of one that is gone is asked over a connection of its own", async () => {
    const one = await world.target("one", (request, response) => response.end(String(request.socket.remotePort)));
    await world.route(one.healthy);
    const agent = world.keeping();
    const [port, kept] = await world.answered(2, { agent });
    expect(kept).toBe(port);
    await world.route();
    await world.route({ ...one.healthy, instanceId: "i-next" });
    const [other] = await world.answered(1, { agent });
    expect(other).toMatch(/^\d+$/);
    expect(other).not.toBe(port);
  });
});

describe("without an answer from a target", () => {
  it("the visitor gets 503 where no target is registered, or all drain", async () => {
    expect((await world.ask()).status).toBe(503);
    const one = await world.target("one");
    await world.route(one.healthy);
    expect((await world.ask()).status).toBe(200);
    await world.route(one.draining);
    expect((await world.ask()).status).toBe(503);
    await world.route();
    expect((await world.ask()).status).toBe(503);
    await world.balancer.follow([]);
    expect((await world.ask()).status).toBe(503);
  });

  it("the visitor gets 502 where the target refuses", async () => {
    const one = await world.target("one");
    await world.route(one.healthy);
    await one.end();
    expect((await world.ask()).status).toBe(502);
  });

  it("the visitor gets 502 where the target hangs up, and the target was asked once", async () => {
    let asked = 0;
    const behave: RequestListener = (request) => {
      asked += 1;
      request.socket.destroy();
    };
    const [one, two] = [await world.target("one", behave), await world.target("two", behave)];
    await world.route(one.healthy, two.healthy);
    for (const method of ["POST", "GET"]) expect((await world.ask("/", { method })).status).toBe(502);
    expect(asked).toBe(2);
  });

  it.each([502, 503, 504])("%d of the target's own comes through as it is", async (status) => {
    const one = await world.target("one", (_, response) => response.writeHead(status).end("mine"));
    await world.route(one.healthy);
    expect(await world.ask()).toEqual({ status, text: "mine" });
  });
});

describe("changes", () => {
  it("that come quickly end in the last, and fail no request on the way", async () => {
    const [one, two] = [await world.target("one"), await world.target("two")];
    await world.route(one.healthy, two.healthy);
    let isChanging = true;
    const statuses: number[] = [];
    const visits = (async () => {
      while (isChanging) statuses.push((await world.ask()).status);
    })();
    const changes = Array.from({ length: 30 }, (_, turn) => [
      world.route(one.draining, two.healthy),
      world.route(two.unhealthy, one.healthy, { ...two.draining, instanceId: `i-${turn}` }),
      world.route(one.failedOpen, two.failedOpen),
    ]);
    await Promise.all([...changes.flat(), world.route(one.draining, two.healthy)]);
    isChanging = false;
    await visits;
    expect(await world.answered(4)).toEqual(["two", "two", "two", "two"]);
    expect(statuses).toContain(200);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  });

  it("that cannot be followed are refused, and the next is followed", async () => {
    const one = await world.target("one");
    const group = { targetGroupArn: "group", deregistrationDelay: 0, targets: [one.healthy] };
    await expect(world.balancer.follow([group, { ...group, targetGroupArn: "other" }])).rejects.toThrow("one only");
    const many = Array.from({ length: 101 }, (_, index) => ({ ...one.healthy, instanceId: `i-${index}` }));
    await expect(world.route(...many)).rejects.toThrow("room for 100 targets");
    const broken = world.route({ ...one.healthy, address: "nowhere" });
    const mended = world.route(one.healthy);
    await expect(broken).rejects.toThrow("HAProxy does not do");
    await mended;
    expect(await world.ask()).toEqual({ status: 200, text: "one" });
  });
});

describe("the load balancer itself", () => {
  it("leaves no process when it is ended, and whoever still tells it something is not hurt", async () => {
    const one = await world.target("one");
    await world.route(one.healthy);
    expect(world.processes()).toHaveLength(1);
    const late = Array.from({ length: 5 }, () => world.route(one.draining));
    await world.balancer.end();
    await Promise.all([...late, world.route(one.healthy)]);
    expect(world.processes()).toEqual([]);
    await expect(world.ask()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("does not share its port with one that was forgotten", async () => {
    await expect(world.another(world.port)).rejects.toThrow("Address already in use");
    expect(world.processes()).toHaveLength(1);
  });

  it("is started by the command that it is to run within", async () => {
    const started = world.another(await freePort(), ["env", "PATH=/nowhere"]);
    await expect(started).rejects.toThrow("No such file");
  });
});

/** On the visitor's side of a kept connection. */
async function portOf(agent: Agent): Promise<number> {
  const sent = world.begin("/", { agent }).end();
  const [socket] = await once(sent, "socket");
  const { localPort } = socket;
  await answerTo(sent);
  return localPort;
}
