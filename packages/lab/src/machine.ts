/**
 * One real machine: a disk of its own over a prepared root, booted by systemd-nspawn in control groups and a network of its
 * own. Root needed. What an earlier run left behind under its name is cleared away first.
 */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  freezeGroup,
  type Group,
  groupsNamed,
  killGroup,
  makeGroup,
  removeGroup,
  spawnIn,
  thawGroup,
} from "./control-groups.ts";
import { makeDisk } from "./disk.ts";
import { leader, leaderIn, type Ran, type Running, startInside } from "./inside.ts";
import { type Limits, limitGroup } from "./limits.ts";
import { ip, removeNetwork } from "./network.ts";
import { run } from "./processes.ts";

/** How much of this host it may have. */
export interface Size {
  readonly limits: Limits;
  /** Bytes that it may have on its disk, beside the root that it starts from. */
  readonly disk: number;
}

export interface MachineParts extends Size {
  /** Of its control groups and its network. */
  readonly name: string;
  readonly hostname: string;
  /** 32 hexadecimal digits. */
  readonly machineId: string;
  /** The root that it starts from, which stays as it is. */
  readonly lower: string;
  /** Its own, where there is room for its disk. */
  readonly folder: string;
  /** Where its link ends that is not in its own network. */
  readonly uplink: { readonly network: string; readonly link: string };
}

export interface Machine {
  /** Its files, to prepare them before it boots and to look at them afterwards. */
  readonly root: string;
  /** Those of them that are not as in the root that it started from. */
  readonly changed: string;
  /** Until all of its units are up. Its network must be there. */
  boot(binds: readonly string[]): Promise<void>;
  /** Its packets go nowhere, and none comes, until `joinNetwork`. */
  cutNetwork(): void;
  joinNetwork(): void;
  /** No program in it goes on until `thaw`: whoever connects waits. */
  freeze(): void;
  thaw(): void;
  /** Leaves nothing free on its disk until `emptyDisk`. */
  fillDisk(): void;
  emptyDisk(): void;
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

/** What a machine without a network of its own making or a console does not need; the image masks more. */
const masked = [
  ...["console-getty", "e2scrub_reap", "systemd-networkd", "systemd-resolved", "systemd-timesyncd", "systemd-logind"],
].map((name) => `${name}.service`);
const maskedOthers = ["getty.target", "machines.target", "remote-fs.target", "man-db.timer"];
const maskedTimers = ["dpkg-db-backup", "e2scrub_all", "fstrim", "logrotate"];

/** systemd's order to power off, as nspawn's manual has it: SIGRTMIN+4. */
const powerOffSignal = 38;

export async function machine(parts: MachineParts): Promise<Machine> {
  const { name, hostname, machineId, lower, folder, uplink } = parts;
  const root = join(folder, "root");
  await clearMachine({ name, folder });
  mkdirSync(root, { recursive: true });
  const disk = makeDisk(folder, parts.disk);
  const [changed, work] = [join(disk.folder, "upper"), join(disk.folder, "work")];
  for (const each of [changed, work]) mkdirSync(each);
  run("mount", ["-t", "overlay", "overlay", "-o", `lowerdir=${lower},upperdir=${changed},workdir=${work}`, root]);
  mask(root, [...masked, ...maskedOthers, ...maskedTimers.map((timer) => `${timer}.timer`)]);
  writeFileSync(join(root, "etc/hostname"), `${hostname}\n`);
  writeFileSync(join(root, "etc/machine-id"), `${machineId}\n`);
  let group: Group = [];
  let spawned: ChildProcess | undefined;

  async function boot(binds: readonly string[]): Promise<void> {
    group = makeGroup(name);
    limitGroup(group, parts.limits);
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

  const start: Machine["start"] = (script, env) => startInside(group, leader(spawned), script, env);

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
    cutNetwork: () => void ip(uplink.network, `link set ${uplink.link} down`),
    joinNetwork: () => void ip(uplink.network, `link set ${uplink.link} up`),
    freeze: () => freezeGroup(group),
    thaw: () => thawGroup(group),
    fillDisk: disk.fill,
    emptyDisk: disk.empty,
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

const mountsBelow = (folder: string): string[] =>
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    .filter((path) => path === folder || path.startsWith(`${folder}/`));
