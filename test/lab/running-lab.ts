/** A lab for a test: started by its command as a person would, asked by AWS's own client and at its machines' own addresses. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { reachInLab } from "@warden/lab/gate";
import { inLab } from "@warden/lab/places";
import { ended, freePort, run } from "@warden/lab/processes";

const main = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

/** A command of Warden's, without a lab. */
export const warden = (...words: string[]): Promise<Said> =>
  saidBy(spawn(process.execPath, [main, ...words], { stdio: "pipe" }));

export interface RunningLab {
  readonly process: ChildProcess;
  /** Another command of Warden's, with this lab's AWS. */
  warden(...words: string[]): Promise<Said>;
  /** One that goes on. */
  begin(...words: string[]): ChildProcess;
  /** Ids of all that the group has, in whatever state. */
  members(): Promise<readonly string[]>;
  /** Once all of so many nodes are in service, and there are no others; in the order of their ids. */
  inService(count: number, seconds?: number): Promise<readonly LabNode[]>;
  desire(count: number): Promise<void>;
  /** Auto Scaling ends it, and the group is smaller by one. */
  terminate(id: string): Promise<void>;
  /** What these statements print, run on Moodle's database by the server's own root. */
  sql(statements: string): string;
  /** The status of a page, asked for as a visitor does: by curl, at the load balancer. 0 when there is no answer. */
  visit(path: string): number;
  eventually(what: string, seconds: number, holds: () => boolean | Promise<boolean>): Promise<void>;
  /** Kills it, whatever it is doing, and clears away what it left. */
  end(): Promise<void>;
}

export interface LabNode {
  readonly id: string;
  readonly address: string;
  readonly zone: string;
}

export interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Seconds in which a lab comes up, also without a prepared root: then it makes one, from Debian's mirror. */
export const startTime = 600;

/** @param words of `warden lab up` */
export async function runningLab(words: readonly string[], seconds = startTime): Promise<RunningLab> {
  const port = await freePort();
  const client = {
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  const autoScaling = new AutoScalingClient(client);
  const ec2 = new EC2Client(client);
  const env = { ...process.env, AWS_ENDPOINT_URL: client.endpoint, AWS_REGION: client.region };
  const begin = (...those: string[]): ChildProcess => spawn(process.execPath, [main, ...those], { env, stdio: "pipe" });
  const lab = begin("lab", "up", "--port", String(port), ...words);
  let printed = "";
  for (const stream of [lab.stdout, lab.stderr]) stream?.on("data", (chunk: Buffer) => (printed += String(chunk)));

  async function eventually(what: string, limit: number, holds: () => boolean | Promise<boolean>): Promise<void> {
    const until = Date.now() + limit * 1000;
    while (!(await holds())) {
      if (Date.now() > until) throw new Error(`not yet: ${what}\n${printed.slice(-4000)}`);
      await sleep(250);
    }
  }

  async function group(): Promise<readonly { id: string; state: string }[]> {
    const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    const instances = AutoScalingGroups[0]?.Instances ?? [];
    return instances.map(({ InstanceId = "", LifecycleState = "" }) => ({ id: InstanceId, state: LifecycleState }));
  }

  const running: RunningLab = {
    process: lab,
    warden: (...those) => saidBy(begin(...those)),
    begin,
    members: async () => (await group()).map(({ id }) => id),
    async inService(count, limit = 240) {
      let found: readonly { id: string; state: string }[] = [];
      await eventually(`${count} in service`, limit, async () => {
        found = await group();
        return found.length === count && found.every(({ state }) => state === "InService");
      });
      const { Reservations = [] } = await ec2.send(
        new DescribeInstancesCommand({ InstanceIds: found.map(({ id }) => id) }),
      );
      return Reservations.flatMap(({ Instances = [] }) => Instances)
        .map(({ InstanceId: id = "", PrivateIpAddress: address = "", Placement }) => {
          return { id, address, zone: Placement?.AvailabilityZone ?? "" };
        })
        .toSorted((one, other) => (one.id < other.id ? -1 : 1));
    },
    async desire(DesiredCapacity) {
      await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "moodle", DesiredCapacity }));
    },
    async terminate(InstanceId) {
      const input = { InstanceId, ShouldDecrementDesiredCapacity: true };
      await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(input));
    },
    sql(statements) {
      const server = ["--no-defaults", "--user=root", `--socket=${inLab("data-tier", "database.sock")}`];
      return run("mariadb", [...server, "--skip-column-names", "--execute", statements, "moodle"]).trim();
    },
    visit(path) {
      const place = ["--resolve", "moodle.lab:443:172.31.0.1", "--cacert", inLab("site.pem")];
      const asked = ["--silent", "--max-time", "5", "--output", "/dev/null", "--write-out", "%{http_code}"];
      const curl = ["curl", ...asked, ...place, `https://moodle.lab${path}`];
      return Number(ended("nsenter", ["--net=/run/netns/warden-lab", ...curl]).stdout);
    },
    eventually,
    async end() {
      lab.kill("SIGKILL");
      await warden("lab", "down");
    },
  };
  try {
    await eventually("the lab is ready", seconds, () => {
      if (lab.exitCode !== null) throw new Error(`the lab ended: ${printed.slice(-4000)}`);
      return printed.includes("Ready: AWS answers");
    });
  } catch (error) {
    await running.end();
    throw error;
  }
  return running;
}

/** A page of a node, as the load balancer asks for it. @returns undefined when nothing came */
export function page(address: string, path: string): Promise<{ status: number; text: string } | undefined> {
  return new Promise((resolve) => {
    const headers = { Host: "moodle.lab", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1" };
    const asked = request({
      createConnection: () => reachInLab(address, 80),
      ...{ path, headers: { ...headers, Connection: "close" } },
    });
    asked.setTimeout(60_000, () => asked.destroy());
    asked.on("error", () => resolve(undefined));
    asked.on("response", (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += String(chunk)));
      answer.on("error", () => resolve(undefined));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.end();
  });
}

/** What the lab would leave: by its names, wherever Linux shows them. */
export function left(): readonly string[] {
  const named = /^(warden-lab|lab-[0-9a-f]{11})$/;
  const networks = readdirSync("/run/netns").filter((name) => named.test(name));
  const mounts = readFileSync("/proc/self/mounts", "utf8").match(/ \/var\/tmp\/warden-lab\S*/g) ?? [];
  const groups = run("find", ["/sys/fs/cgroup", "-maxdepth", "2", "-type", "d"])
    .split("\n")
    .filter((path) => named.test(path.replace(/^.*\//, "")));
  const folders = ["/var/tmp/warden-lab", "/run/warden-lab"].filter((folder) => existsSync(folder));
  return [...networks, ...mounts, ...groups, ...folders].filter(Boolean);
}

/** A process, what it started, and what that started. */
export function family(pid: number): readonly number[] {
  const { stdout } = spawnSync("pgrep", ["--parent", String(pid)], { encoding: "utf8" });
  return [pid, ...stdout.split("\n").filter(Boolean).map(Number).flatMap(family)];
}

/** One that ended and that nobody asked about yet is none. */
export function isAlive(pid: number): boolean {
  const state = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "")[0] : "X";
  return state !== "X" && state !== "Z";
}

export function saidBy(child: ChildProcess): Promise<Said> {
  let [out, err] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (out += String(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => (err += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, out, err }));
  });
}
