/** The lab's load balancer on loopback, before small servers of HTTP that do what a test tells them. */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type ClientRequest, createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { RoutedHealth, RoutedTarget } from "@warden/aws-local/region";
import { type Balancer, startBalancer } from "@warden/lab/balancer";
import { makeCertificate } from "@warden/lab/certificate";
import { freePort } from "@warden/lab/processes";

export interface BalancerWorld {
  readonly balancer: Balancer;
  readonly port: number;
  readonly certificate: string;
  /** A second load balancer, on this port. */
  another(port: number, within?: readonly string[]): Promise<Balancer>;
  /** A server on an address of its own, or on one that is free again. It answers with its name unless told otherwise. */
  target(name: string, behave?: RequestListener, address?: string): Promise<TestTarget>;
  /** From now on these are the targets of the one group. */
  route(...targets: readonly RoutedTarget[]): Promise<void>;
  /** A request that was begun, and has not ended. */
  begin(path: string, options?: RequestOptions): ClientRequest;
  ask(path?: string, options?: RequestOptions): Promise<Answer>;
  /** As many requests, one after the other: who answered them. */
  answered(times: number, options?: RequestOptions): Promise<string[]>;
  /** A client with one connection, which it keeps. */
  keeping(): Agent;
  /** Ids of the processes that this world's folder is named to. */
  processes(): readonly number[];
  end(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface TestTarget {
  readonly address: string;
  readonly server: Server;
  readonly healthy: RoutedTarget;
  readonly unhealthy: RoutedTarget;
  /** All are unhealthy, and so it takes requests all the same. */
  readonly failedOpen: RoutedTarget;
  readonly draining: RoutedTarget;
  readonly initial: RoutedTarget;
  /** Whoever is connected is cut off, and nobody listens. */
  end(): Promise<void>;
}

export async function balancerWorld(): Promise<BalancerWorld> {
  const folder = mkdtempSync(join(tmpdir(), "warden-balancer-"));
  const certificate = join(folder, "both.pem");
  makeCertificate({ certificate, key: certificate }, ["IP:127.0.0.1", "DNS:moodle.example"]);
  const ca = readFileSync(certificate);
  const [port, targetPort] = [await freePort(), await freePort()];
  const balancers: Balancer[] = [];
  const balancer = await start("first", port);
  const targets: TestTarget[] = [];
  const agents: Agent[] = [];

  async function start(name: string, on: number, within: readonly string[] = []): Promise<Balancer> {
    const parts = { folder: join(folder, name), address: "127.0.0.1", port: on, certificate, within };
    const started = await startBalancer(parts);
    balancers.push(started);
    return started;
  }

  async function target(name: string, behave?: RequestListener, address?: string): Promise<TestTarget> {
    const own = address ?? `127.0.1.${targets.length + 1}`;
    const server = createServer(behave ?? ((_, response) => response.end(name)));
    server.listen(targetPort, own);
    await once(server, "listening");
    const made = testTarget(server, { instanceId: `i-${name}`, address: own, port: targetPort });
    targets.push(made);
    return made;
  }

  const begin: BalancerWorld["begin"] = (path, options = {}) =>
    request({ host: "127.0.0.1", port, path, ca, agent: false, ...options });

  async function ask(path = "/", options: RequestOptions = {}): Promise<Answer> {
    return answerTo(begin(path, options).end());
  }

  return {
    balancer,
    port,
    certificate,
    another: (on, within) => start("second", on, within),
    target,
    route: (...routed) => balancer.follow([{ targetGroupArn: "group", deregistrationDelay: 300_000, targets: routed }]),
    begin,
    ask,
    async answered(times, options) {
      const answers: string[] = [];
      for (let count = 0; count < times; count++) answers.push((await ask("/", options)).text);
      return answers;
    },
    keeping() {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      agents.push(agent);
      return agent;
    },
    processes: () => processesNaming(folder),
    async end() {
      for (const agent of agents) agent.destroy();
      for (const each of balancers) await each.end();
      for (const each of targets) await each.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The whole answer. It is rejected when the answer breaks off. */
export async function answerTo(sent: ClientRequest): Promise<Answer> {
  const [answer]: IncomingMessage[] = await once(sent, "response");
  if (answer === undefined) throw new Error("a response has a message");
  return { status: answer.statusCode ?? 0, text: await text(answer) };
}

function testTarget(server: Server, place: Pick<RoutedTarget, "instanceId" | "address" | "port">): TestTarget {
  const routed = (state: Exclude<RoutedHealth["state"], "draining">, takesRequests: boolean): RoutedTarget => ({
    ...place,
    health: { state },
    takesRequests,
  });
  return {
    address: place.address,
    server,
    healthy: routed("healthy", true),
    unhealthy: routed("unhealthy", false),
    failedOpen: routed("unhealthy", true),
    draining: { ...place, health: { state: "draining", until: Number.MAX_SAFE_INTEGER }, takesRequests: false },
    initial: routed("initial", false),
    async end() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function processesNaming(folder: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
      } catch {
        // It went while it was looked at.
        return false;
      }
    })
    .map(Number);
}
