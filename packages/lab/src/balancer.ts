/**
 * The load balancer's data plane: HAProxy, where the embedded ELB is the control plane. It checks nobody's health and decides
 * nothing: it is told where requests go, and says it to HAProxy, command by command.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Routing } from "@warden/aws-local/region";
import { command } from "./balancer/admin.ts";
import { configurationText } from "./balancer/configuration.ts";
import { type Slots, stepTo } from "./balancer/slots.ts";
import { kill, until } from "./processes.ts";

export interface BalancerParts {
  /** Of the caller's own; takes `balancer` in it. */
  readonly folder: string;
  /** Where it listens. */
  readonly address: string;
  readonly port: number;
  /** PEM file, certificate and key. */
  readonly certificate: string;
  /** In front of HAProxy's own command. */
  readonly within: readonly string[];
}

export interface Balancer {
  /** From now on it routes like this: once it does, it resolves. One comes after the other. */
  follow(routing: Routing): Promise<void>;
  /** Cuts all that is open. Who calls `follow` afterwards is not heard. */
  end(): Promise<void>;
}

/** Until it is told more, it answers that there is no target. */
export async function startBalancer({ folder, within, ...listener }: BalancerParts): Promise<Balancer> {
  const at = (name: string): string => join(folder, "balancer", name);
  const socket = at("admin.sock");
  mkdirSync(at(""), { recursive: true });
  // Whoever answers there is the new one.
  rmSync(socket, { force: true });
  writeFileSync(at("haproxy.cfg"), configurationText({ ...listener, socket }));
  const [program = "", ...options] = [...within, "haproxy", "-db", "-f", at("haproxy.cfg")];
  const child = spawn(program, options, { stdio: ["ignore", "ignore", "pipe"] });
  await untilUp(child, socket);

  let slots: Slots = new Map();
  let last: Promise<void> = Promise.resolve();
  let ended = false;

  async function apply(routing: Routing): Promise<void> {
    const step = stepTo(slots, routing);
    for (const each of step.commands) await command(socket, each);
    slots = step.slots;
  }

  return {
    follow(routing) {
      const applied = last.then(async () => {
        if (ended) return;
        await apply(routing).catch((error: unknown) => {
          if (!ended) throw error;
        });
      });
      // The next says everything anew, whatever became of this one.
      last = applied.catch(() => {});
      return applied;
    },
    async end() {
      ended = true;
      await kill(child);
      await last;
    },
  };
}

/** Its complaints are part of the failure: of a port that is taken, for one. */
async function untilUp(child: ChildProcess, socket: string): Promise<void> {
  let complaints = "";
  const hear = (chunk: Buffer): void => {
    complaints += String(chunk);
  };
  child.stderr?.on("data", hear);
  const gone = once(child, "close").then(([status]) => {
    throw new Error(`HAProxy ended with ${status}: ${complaints}`);
  });
  const isUp = until(() => command(socket, "set timeout cli 10"), "HAProxy");
  try {
    await Promise.race([isUp, gone]);
  } catch (error) {
    // One that could not be started has no end to wait for.
    if (child.pid !== undefined) await kill(child);
    throw error;
  } finally {
    gone.catch(() => {});
    isUp.catch(() => {});
    child.stderr?.off("data", hear).resume();
  }
}
