/**
 * One real machine for a test: this system's own root below an overlay in memory, booted by systemd-nspawn in a network
 * of its own. Root needed. What an earlier run left behind is cleared away first.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Ended, run, until } from "../support/processes.ts";

export interface Machine {
  /** Its files, to prepare them before it boots and to look at them afterwards. */
  readonly root: string;
  /** Those of them that are not as in this system's own root. */
  readonly changed: string;
  /** Runs one of its own files before it boots, as images are made: as root in a chroot, without systemd. */
  inRoot(path: string): string;
  boot(binds: readonly string[]): Promise<void>;
  /** As the SSM agent runs a script: as root, in a group of its own; ended with the group when the time is over. */
  run(script: string, options?: RunOptions): Promise<Ran>;
  /** @throws when it fails; what it printed, without the end of line */
  sh(script: string): Promise<string>;
  end(): Promise<void>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly seconds?: number;
}

export interface Ran extends Ended {
  readonly stderr: string;
}

export const machineName = "warden-machine";
export const metadataNetwork = `${machineName}-aws`;
const base = `/var/tmp/${machineName}`;
const root = join(base, "root");
const changed = join(base, "upper");
const controllers = "/sys/fs/cgroup";

/** Without its own group, systemd in the machine would share one with every other machine of this host. */
const groups = (existsSync(join(controllers, "cgroup.controllers")) ? ["."] : readdirSync(controllers))
  // A new group of this one takes nobody before it was given processors.
  .filter((tree) => tree !== "cpuset")
  .filter((tree) => existsSync(join(controllers, tree, "cgroup.procs")))
  .map((tree) => join(controllers, tree, machineName));

/** What the host runs for itself, and what a machine without a network or a console does not need; the image masks more. */
const masked = [
  ...["mariadb", "mysql", "postgresql", "redis-server", "redis", "console-getty", "e2scrub_reap"],
  ...["systemd-networkd", "systemd-resolved", "systemd-timesyncd", "systemd-logind", "ssh", "cron"],
].map((name) => `${name}.service`);
const maskedOthers = ["getty.target", "machines.target", "remote-fs.target", "man-db.timer"];
const maskedTimers = ["dpkg-db-backup", "e2scrub_all", "fstrim", "logrotate"];

export function machine(): Machine {
  clear();
  mkdirSync(base);
  // The lower layer is the whole root, so the upper one must lie on another file system.
  run("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", base]);
  for (const folder of ["upper", "work", "root"]) mkdirSync(join(base, folder));
  const layers = `lowerdir=/,upperdir=${changed},workdir=${join(base, "work")}`;
  run("mount", ["-t", "overlay", "overlay", "-o", layers, root]);
  for (const unit of [...masked, ...maskedOthers, ...maskedTimers.map((name) => `${name}.timer`)]) mask(unit);
  writeFileSync(join(root, "etc/hostname"), `${machineName}\n`);
  writeFileSync(join(root, "etc/machine-id"), "5a7c0de05a7c0de05a7c0de05a7c0de0\n");
  makeNetworks();
  for (const group of groups) mkdirSync(group);

  let spawned: ChildProcess | undefined;
  let commands = 0;

  async function boot(binds: readonly string[]): Promise<void> {
    const options = [
      ...["-q", "--register=no", "--keep-unit", "-M", machineName, `--hostname=${machineName}`, "-D", root],
      ...[`--network-namespace-path=/run/netns/${machineName}`, "--resolv-conf=off", "--timezone=off"],
      ...["--link-journal=no", "--console=pipe", ...binds.map((bind) => `--bind=${bind}`)],
    ];
    spawned = spawnIn(groups, ["systemd-nspawn", ...options, "-b", "systemd.show_status=no"]);
    spawned.stdout?.resume();
    await until(async () => {
      const state = (await execute("systemctl is-system-running", {})).stdout.trim();
      if (state !== "running") throw new Error(state);
    }, "the machine");
  }

  async function execute(script: string, { env = {}, seconds = 120 }: RunOptions): Promise<Ran> {
    // systemd in the machine has the groups below `payload`; where there is none, limits count for the whole machine.
    const hasOwn = (group: string): boolean => existsSync(join(group, "payload"));
    const own = groups.filter(hasOwn).map((group) => join(group, "payload", `command-${commands}`));
    commands += 1;
    for (const group of own) mkdirSync(group);
    const inside = ["-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w"];
    const variables = Object.entries({ PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", ...env });
    const child = spawnIn(
      [...own, ...groups.filter((group) => !hasOwn(group))],
      [
        ...["nsenter", "-t", String(leader(spawned)), ...inside, "env", "-i"],
        ...variables.map(([name, value]) => `${name}=${value}`),
        ...["setsid", "-w", "/bin/sh", "-c", script],
      ],
    );
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.on("data", (chunk: Buffer) => {
        texts[name] += String(chunk);
      });
    // A process that hangs in a file system cannot be killed, so its end is not waited for.
    const over = sleep(seconds * 1000, "over" as const, { ref: false });
    if ((await Promise.race([once(child, "close"), over])) === "over") {
      for (const group of own) kill(group);
      return { status: null, ...texts };
    }
    return { status: child.exitCode, ...texts };
  }

  return {
    root,
    changed,
    inRoot: (path) => run("unshare", ["--mount", "/bin/sh", "-euc", enterRoot, "sh", root, path]),
    boot,
    run: (script, options = {}) => execute(script, options),
    async sh(script) {
      const { status, stdout, stderr } = await execute(script, {});
      if (status !== 0) throw new Error(`${script} ended with ${status}: ${stdout}${stderr}`);
      return stdout.trimEnd();
    },
    async end() {
      clear();
      if (spawned !== undefined && spawned.exitCode === null && spawned.signalCode === null)
        await once(spawned, "exit");
    },
  };
}

/** The mounts end with the command. */
const enterRoot =
  'mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"; exec env -i PATH=/usr/sbin:/usr/bin chroot "$1" /bin/sh "$2"';

/** The machine's, and beside it one for the instance metadata, whose port 80 must not be the machine's own. */
function makeNetworks(): void {
  for (const name of [machineName, metadataNetwork]) {
    run("ip", ["netns", "add", name]);
    run("ip", ["-n", name, "link", "set", "lo", "up"]);
  }
  const peer = ["peer", "name", "eth0", "netns", metadataNetwork];
  run("ip", ["-n", machineName, "link", "add", "eth0", "type", "veth", ...peer]);
  const addresses = { [machineName]: "169.254.100.1/16", [metadataNetwork]: "169.254.169.254/16" };
  for (const [name, address] of Object.entries(addresses)) {
    run("ip", ["-n", name, "address", "add", address, "dev", "eth0"]);
    run("ip", ["-n", name, "link", "set", "eth0", "up"]);
  }
}

function mask(unit: string): void {
  const path = join(root, "etc/systemd/system", unit);
  spawnSync("rm", ["-f", path]);
  symlinkSync("/dev/null", path);
}

/** Starts a program that is in these groups from its first moment. */
function spawnIn(own: readonly string[], command: readonly string[]): ChildProcess {
  const joined = own.map((group) => `echo $$ >"${group}/cgroup.procs"`).join("; ");
  return spawn("/bin/sh", ["-c", `${joined}; exec "$@"`, "sh", ...command], { stdio: ["ignore", "pipe", "pipe"] });
}

/** The machine's process 1, as this host numbers it. */
function leader(spawned: ChildProcess | undefined): number {
  const children = readFileSync(`/proc/${spawned?.pid}/task/${spawned?.pid}/children`, "utf8").trim().split(" ");
  const found = children.find((pid) => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
  if (found === undefined) throw new Error("the machine has no first process yet");
  return Number(found);
}

/** Ends whatever is in a group and below it. */
function kill(group: string): void {
  if (existsSync(join(group, "cgroup.kill"))) writeFileSync(join(group, "cgroup.kill"), "1");
}

/** Also after a run that ended in the middle: each step is content where there is nothing to do. */
function clear(): void {
  for (const group of groups.filter((each) => existsSync(each))) {
    kill(group);
    for (const pid of members(group)) spawnSync("kill", ["-KILL", pid]);
  }
  for (const mount of mountsBelow(base).reverse()) spawnSync("umount", ["--lazy", mount]);
  for (const name of [machineName, metadataNetwork]) spawnSync("ip", ["netns", "del", name]);
  for (const group of groups) remove(group);
  spawnSync("rm", ["-rf", "--one-file-system", base]);
}

const mountsBelow = (folder: string): string[] =>
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    .filter((path) => path === folder || path.startsWith(`${folder}/`));

const below = (group: string): string[] =>
  readdirSync(group, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(group, entry.name));

function members(group: string): string[] {
  const own = readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
  return [...own, ...below(group).flatMap(members)];
}

/** A group can be removed when its last process is gone, which takes a moment. */
function remove(group: string, tries = 100): void {
  if (!existsSync(group)) return;
  try {
    for (const each of below(group)) remove(each, tries);
    rmdirSync(group);
  } catch (error) {
    if (tries === 0) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    remove(group, tries - 1);
  }
}
