/** Between the lab's network and this host: AWS to the machines, their web servers to whoever asks from here. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { HostAnswer } from "@warden/aws-local/region";
import { inNetwork, labAddress, labNetwork, metadataAddress } from "./network.ts";
import { inLab } from "./places.ts";
import { kill, until } from "./processes.ts";

export const forwarder = fileURLToPath(new URL("./forward.ts", import.meta.url));

/** Where a connection to anything in the lab's network begins. */
const gate = inLab("gate.sock");
/** Where the metadata service listens. */
export const metadataSocket = inLab("metadata.sock");

/** @param port of AWS, the same on this host's loopback and at the bridge @param group the control groups to be in */
export async function openGate(port: number, joining: readonly string[]): Promise<{ end(): Promise<void> }> {
  const open = new Set<Socket>();
  const aws = createServer((caller) => {
    const other = connect(port, "127.0.0.1");
    caller.pipe(other).pipe(caller);
    open.add(caller);
    caller.on("close", () => open.delete(caller));
    for (const each of [caller, other]) each.on("error", () => [caller, other].forEach((one) => void one.destroy()));
  });
  aws.listen(inLab("aws.sock"));
  const pairs = [`${labAddress}:${port}>${inLab("aws.sock")}`, `${metadataAddress}:80>${metadataSocket}?`, `${gate}>*`];
  const [program = "", ...options] = [...joining, ...inNetwork(labNetwork), process.execPath, forwarder, ...pairs];
  const child = spawn(program, options, { stdio: "ignore" });
  await until(() => {
    if (!existsSync(gate)) throw new Error("no socket");
  }, "the way into the lab's network");
  return {
    async end() {
      await kill(child);
      for (const caller of open) caller.destroy();
      aws.close();
    },
  };
}

/** A connection to a port of the lab's network, from this host. */
export function reachInLab(address: string, port: number): Socket {
  const socket = connect(gate);
  socket.write(`${address}:${port}\n`);
  return socket;
}

/** One HTTP request to a machine, as the load balancer's health check makes it. */
export function ask(address: string, port: number, path: string, milliseconds = 5_000): Promise<HostAnswer> {
  return new Promise((resolve) => {
    const socket = reachInLab(address, port);
    const headers = { Host: address, "User-Agent": "ELB-HealthChecker/2.0", Connection: "close" };
    const sent = request({ createConnection: () => socket, path, headers }, (answer) => {
      let body = "";
      answer.on("data", (chunk: Buffer) => {
        body += String(chunk).slice(0, mostOfBody - body.length);
      });
      answer.on("end", () => end({ status: answer.statusCode ?? 0, body }));
      answer.on("error", () => end("refused"));
    });
    const timer = setTimeout(() => end("timeout"), milliseconds);
    function end(answer: HostAnswer): void {
      clearTimeout(timer);
      sent.destroy();
      resolve(answer);
    }
    sent.on("error", () => end("refused"));
    sent.end();
  });
}

const mostOfBody = 100_000;
