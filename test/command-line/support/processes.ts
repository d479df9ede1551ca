/** What a session of processes has on this machine, read from /proc: a session holds all that a terminal would end. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

export interface ListeningPort {
  readonly address: string;
  readonly port: number;
}

/** Every process of the session that `leader` began, alive or not yet reaped. */
export function processesOfSession(leader: number): RunningProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => sessionOf(pid) === leader)
    .map((pid) => ({ pid, command: commandOf(pid) }));
}

/** The TCP ports that those processes listen on. */
export function portsOf(processes: readonly RunningProcess[]): ListeningPort[] {
  const sockets = new Set(processes.flatMap(({ pid }) => socketsOf(pid)));
  return listeners()
    .filter(({ inode }) => sockets.has(inode))
    .map(({ address, port }) => ({ address, port }));
}

export const isListenedOn = (wanted: number): boolean => listeners().some(({ port }) => port === wanted);

/** proc(5), /proc/pid/stat: the session is the fourth field after the name, which may itself hold brackets and spaces. */
function sessionOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === undefined || state === "Z" || session === undefined ? undefined : Number(session);
}

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}

const listening = "0A";

function listeners(): { address: string; port: number; inode: string }[] {
  const lines = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => read(path).trim().split("\n").slice(1));
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === listening)
    .map((fields) => {
      const [address = "", port = ""] = fields[1]?.split(":") ?? [];
      return { address: addressOf(address), port: Number.parseInt(port, 16), inode: fields[9] ?? "" };
    });
}

/** The kernel prints each 32-bit word of an address in the byte order of the machine. */
function addressOf(hex: string): string {
  if (hex.length !== 8) return `[${hex}]`;
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join(".");
}

/** A process may end while it is read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
