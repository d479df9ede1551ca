/**
 * One real machine: an overlay in memory over a prepared root, booted by systemd-nspawn in control groups and a network of
 * its own. Root needed. What an earlier run left behind under its name is cleared away first.
 */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdir, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Group, groupsNamed, killGroup, makeGroup, removeGroup, spawnIn } from "./control-groups.ts";
import { removeNetwork } from "./network.ts";
import { type Ended, run } from "./processes.ts";

export interface MachineParts {
  /** Of its control groups and its network. */
  readonly name: string;
  readonly hostname: string;
  /** 32 hexadecimal digits. */
  readonly machineId: string;
  /** The root that it starts from, which stays as it is. */
  readonly lower: string;
  /** Its own, wherever there is room for a folder; in memory while it lives. */
  readonly folder: string;
}

export interface Machine {
  /** Its files, to prepare them before it boots and to look at them afterwards. */
  readonly root: string;
  /** Those of them that are not as in the root that it started from. */
  readonly changed: string;
  /** Until all of its units are up. Its network must be there. */
  boot(binds: readonly string[]): Promise<void>;
  /** As the SSM agent runs a script: as root, in a group of its own; ended with the group when the time is over. */
  run(script: string, options?: RunOptions): Promise<Ran>;
  start(script: string, env?: RunOptions["env"]): Running;
  /** @throws when it fails; what it printed, without the end of line */
  sh(script: string): Promise<string>;
  /** As its button does it; whoever is not off by then is cut off. */
  shutDown(seconds: number): Promise<void>;
  /** As when the power is cut; its files stay. */
  cutPower(): Promise<void>;
  /** Cuts the power, and leaves nothing of it. */
  end(): Promise<void>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly seconds?: number;
}

export interface Ran extends Ended {
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ran>;
  /** With all that it started. A process that hangs in a file system cannot be killed, so its end is not waited for. */
  kill(): void;
}

/** What is printed beyond is lost: a program that never stops printing fills nobody's memory. */
const mostOutput = 1 << 20;

/** What a machine without a network of its own making or a console does not need; the image masks more. */
const masked = [
  ...["console-getty", "e2scrub_reap", "systemd-networkd", "systemd-resolved", "systemd-timesyncd", "systemd-logind"],
].map((name) => `${name}.service`);
const maskedOthers = ["getty.target", "machines.target", "remote-fs.target", "man-db.timer"];
const maskedTimers = ["dpkg-db-backup", "e2scrub_all", "fstrim", "logrotate"];

/** systemd's order to power off, as nspawn's manual has it: SIGRTMIN+4. */
const powerOffSignal = 38;

export async function machine({ name, hostname, machineId, lower, folder }: MachineParts): Promise<Machine> {
  const root = join(folder, "root");
  const changed = join(folder, "upper");
  await clearMachine({ name, folder });
  mkdirSync(folder, { recursive: true });
  // An upper layer must not lie on the lower one's own file system when that is the whole root.
  run("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", folder]);
  for (const each of ["upper", "work", "root"]) mkdirSync(join(folder, each));
  const layers = `lowerdir=${lower},upperdir=${changed},workdir=${join(folder, "work")}`;
  run("mount", ["-t", "overlay", "overlay", "-o", layers, root]);
  mask(root, [...masked, ...maskedOthers, ...maskedTimers.map((timer) => `${timer}.timer`)]);
  writeFileSync(join(root, "etc/hostname"), `${hostname}\n`);
  writeFileSync(join(root, "etc/machine-id"), `${machineId}\n`);
  let group: Group = [];
  let spawned: ChildProcess | undefined;
  let commands = 0;

  async function boot(binds: readonly string[]): Promise<void> {
    group = makeGroup(name);
    const options = [
      ...["-q", "--register=no", "--keep-unit", "-M", hostname, `--hostname=${hostname}`, "-D", root],
      ...[`--network-namespace-path=/run/netns/${name}`, "--resolv-conf=off", "--timezone=off"],
      ...["--link-journal=no", "--console=pipe", ...binds.map((bind) => `--bind=${bind}`)],
    ];
    spawned = spawnIn(group, ["systemd-nspawn", ...options, "-b", "systemd.show_status=no"]);
    spawned.stdout?.resume();
    spawned.stderr?.resume();
    const isUp = async (): Promise<string> =>
      leaderIn(spawned) === undefined ? "" : (await start("systemctl is-system-running").ended).stdout.trim();
    const began = Date.now();
    for (let state = await isUp(); state !== "running"; state = await isUp()) {
      if (await gone(0.1)) throw new Error("the machine went off while it booted");
      if (Date.now() - began > 60_000) throw new Error(`the machine did not come up, it is ${state}`);
    }
  }

  function start(script: string, env: RunOptions["env"] = {}): Running {
    // systemd in the machine has the groups below `payload`; where there is none, limits count for the whole machine.
    const hasOwn = (each: string): boolean => existsSync(join(each, "payload"));
    const own = group.filter(hasOwn).map((each) => join(each, "payload", `command-${commands}`));
    commands += 1;
    const first = leader(spawned);
    for (const each of own) mkdirSync(each);
    const inside = ["-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w"];
    const variables = Object.entries({ PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", ...env });
    const child = spawnIn(
      [...own, ...group.filter((each) => !hasOwn(each))],
      [
        ...["nsenter", "-t", String(first), ...inside, "env", "-i"],
        ...variables.map(([variable, value]) => `${variable}=${value}`),
        ...["setsid", "-w", "/bin/sh", "-c", script],
      ],
    );
    const { promise: killed, resolve } = Promise.withResolvers<null>();
    const texts = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream]?.on("data", (chunk: Buffer) => {
        texts[stream] += String(chunk).slice(0, mostOutput - texts[stream].length);
      });
    const closed = once(child, "close").then(() => child.exitCode);
    return {
      ended: Promise.race([closed, killed]).then((status) => {
        // What it left in the background may stay.
        for (const each of own) rmdir(each, () => {});
        return { status, ...texts };
      }),
      kill() {
        killGroup(own);
        resolve(null);
      },
    };
  }

  async function ran(script: string, { env, seconds = 120 }: RunOptions = {}): Promise<Ran> {
    const running = start(script, env);
    const timer = setTimeout(running.kill, seconds * 1000);
    return running.ended.finally(() => clearTimeout(timer));
  }

  async function gone(seconds: number): Promise<boolean> {
    if (spawned === undefined || spawned.exitCode !== null || spawned.signalCode !== null) return true;
    const over = new AbortController();
    const late = sleep(seconds * 1000, false, over).catch(() => false);
    const left = await Promise.race([once(spawned, "exit").then(() => true), late]);
    over.abort();
    return left;
  }

  async function cutPower(): Promise<void> {
    killGroup(group);
    await gone(10);
    await removeGroup(group);
  }

  return {
    root,
    changed,
    boot,
    start,
    run: ran,
    async sh(script) {
      const { status, stdout, stderr } = await ran(script);
      if (status !== 0) throw new Error(`${script} ended with ${status}: ${stdout}${stderr}`);
      return stdout.trimEnd();
    },
    async shutDown(seconds) {
      const first = leaderIn(spawned);
      if (first !== undefined) process.kill(first, powerOffSignal);
      await gone(seconds);
      await cutPower();
    },
    cutPower,
    async end() {
      await clearMachine({ name, folder });
      await gone(10);
    },
  };
}

/** Also after a run that ended in the middle: each step is content where there is nothing to do. */
export async function clearMachine({ name, folder }: Pick<MachineParts, "name" | "folder">): Promise<void> {
  const groups = [...groupsNamed((each) => each === name).values()];
  for (const group of groups) killGroup(group);
  removeFolder(folder);
  removeNetwork(name);
  for (const group of groups) await removeGroup(group);
}

/** With all that is mounted in it. */
export function removeFolder(folder: string): void {
  for (const mount of mountsBelow(folder).reverse()) spawnSync("umount", ["--lazy", mount]);
  spawnSync("rm", ["-rf", "--one-file-system", folder]);
}

/** Units that are never to start in this root. */
export function mask(root: string, units: readonly string[]): void {
  for (const unit of units) {
    const path = join(root, "etc/systemd/system", unit);
    rmSync(path, { force: true });
    symlinkSync("/dev/null", path);
  }
}

/** Runs a file of a root as images are made: as root in a chroot, without systemd. The mounts end with the command. */
export const enterRoot = (root: string, file: string, variables: readonly string[] = []): string[] => [
  ...["unshare", "--mount", "/bin/sh", "-euc"],
  'mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"; root=$1 file=$2; shift 2; exec env -i PATH=/usr/sbin:/usr/bin "$@" chroot "$root" /bin/sh "$file"',
  ...["sh", root, file, ...variables],
];

function leader(spawned: ChildProcess | undefined): number {
  const found = leaderIn(spawned);
  if (found === undefined) throw new Error("the machine has no first process yet");
  return found;
}

/** The machine's process 1, as this host numbers it. */
function leaderIn(spawned: ChildProcess | undefined): number | undefined {
  const pid = spawned?.pid;
  if (pid === undefined || !existsSync(`/proc/${pid}`)) return undefined;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return children.map(Number).find((child) => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${child}/status`, "utf8")));
}

const mountsBelow = (folder: string): string[] =>
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    .filter((path) => path === folder || path.startsWith(`${folder}/`));
