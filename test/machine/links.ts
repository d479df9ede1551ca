/** From a machine's network to servers on this host's loopback, each a link that can be cut and mended. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { forwarder } from "@warden/lab/gate";
import { inNetwork } from "@warden/lab/network";
import { kill, until } from "@warden/lab/processes";
import { machineName, metadataNetwork } from "./names.ts";

export interface Links {
  /** Whoever asks finds a connection that ends at once. */
  cut(name: string): void;
  mend(name: string): void;
  /** Of the machine's web server, as a socket of this host. */
  readonly web: string;
  end(): Promise<void>;
}

/** @param ports by name: in the machine's network they are the same as on this host @param within in front of a command */
export async function links(
  folder: string,
  ports: Readonly<Record<string, number>>,
  within: readonly string[],
): Promise<Links> {
  const at = (name: string): string => join(folder, `${name}.sock`);
  const down = new Set<string>();
  const open = new Map<Socket, string>();
  const servers: Server[] = [];

  for (const [name, port] of Object.entries(ports)) {
    const server = createServer((socket) => {
      if (down.has(name)) {
        socket.destroy();
        return;
      }
      const other = connect(port, "127.0.0.1");
      open.set(socket, name);
      socket.on("close", () => void open.delete(socket));
      socket.pipe(other).pipe(socket);
      for (const each of [socket, other]) each.on("error", () => [socket, other].forEach((one) => void one.destroy()));
    });
    server.listen(at(name));
    servers.push(server);
  }

  const pairs = Object.entries(ports).map(([name, port]) => `127.0.0.1:${port}>${at(name)}`);
  const forwards = [
    forward(within, machineName, [...pairs, `${at("web")}>127.0.0.1:80`]),
    forward(within, metadataNetwork, [`169.254.169.254:80>${at("metadata")}?`]),
  ];
  await until(() => {
    if (!existsSync(at("web"))) throw new Error("no socket");
  }, "the links of the machine");

  return {
    web: at("web"),
    cut(name) {
      down.add(name);
      for (const [socket, of] of open) if (of === name) socket.destroy();
    },
    mend: (name) => void down.delete(name),
    async end() {
      await Promise.all(forwards.map(kill));
      for (const socket of open.keys()) socket.destroy();
      for (const server of servers) server.close();
    },
  };
}

function forward(within: readonly string[], network: string, pairs: readonly string[]): ChildProcess {
  const [program = "", ...options] = [...within, ...inNetwork(network), process.execPath, forwarder, ...pairs];
  return spawn(program, options, { stdio: "ignore" });
}
