/** How long the lab's load balancer waits for a target: as long as an Application Load Balancer, and no longer. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { kill } from "@warden/lab/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BalancerWorld, balancerWorld } from "./balancer-world.ts";

let world: BalancerWorld;
const ending: (() => Promise<void> | void)[] = [];
beforeAll(async () => {
  world = await balancerWorld();
  ending.push(world.end);
});
afterAll(async () => {
  for (const end of ending.reverse()) await end();
});

/** A listener that takes no connection: its queue is full, and Linux drops what comes then. */
const deaf = `const server = require("node:net").createServer();
server.listen({ host: process.argv[1], port: Number(process.argv[2]), backlog: 1 }, () => process.stdout.write("up"));`;

async function startDeaf(address: string, port: number): Promise<void> {
  const child = spawn(process.execPath, ["-e", deaf, address, String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  ending.push(() => kill(child));
  await once(child.stdout, "data");
  child.kill("SIGSTOP");
  // Until one is not answered any more.
  for (let isTaken = true; isTaken; ) {
    const socket = connect(port, address).on("error", () => {});
    ending.push(() => void socket.destroy());
    isTaken = await Promise.race([once(socket, "connect").then(() => true), sleep(500).then(() => false)]);
  }
}

/** The answer's status, and after how many seconds it came. */
async function timed(path: string): Promise<{ status: number; seconds: number }> {
  const began = performance.now();
  const { status } = await world.ask(path);
  return { status, seconds: (performance.now() - began) / 1000 };
}

describe("the visitor gets 504", () => {
  it("10 s after a target did not take the connection, and 60 s after it fell silent (ELB guide, 'HTTP 504')", {
    timeout: 150_000,
  }, async () => {
    const silent = await world.target("silent", () => {});
    const { instanceId, port } = silent.healthy;
    const address = "127.0.1.100";
    await startDeaf(address, port);
    await world.route(silent.healthy);
    const idle = timed("/");
    await once(silent.server, "request");
    await world.route(silent.draining, { ...silent.healthy, instanceId: `${instanceId}-deaf`, address });
    const unconnected = await timed("/");
    expect(unconnected.status).toBe(504);
    expect(unconnected.seconds).toBeGreaterThan(9.9);
    // Before what is waited for an answer.
    expect(unconnected.seconds).toBeLessThan(50);
    const unanswered = await idle;
    expect(unanswered.status).toBe(504);
    expect(unanswered.seconds).toBeGreaterThan(59.9);
  });
});
