/**
 * The lab as a person uses it: by its command, with AWS's own client beside it. Real machines come into service through the
 * real loop, leave it drained, and nothing is left, also of a lab that was killed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ended, freePort, run } from "@warden/lab/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
let port: number;
let lab: ChildProcess;
let printed = "";
let autoScaling: AutoScalingClient;
let ec2: EC2Client;

/** Without a prepared root this makes one, from Debian's mirror. */
beforeAll(async () => {
  port = await freePort();
  const client = {
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  autoScaling = new AutoScalingClient(client);
  ec2 = new EC2Client(client);
  lab = spawn(process.execPath, [main, "lab", "up", "--nodes", "1", "--port", String(port)], { stdio: "pipe" });
  for (const stream of [lab.stdout, lab.stderr]) stream?.on("data", (chunk: Buffer) => (printed += String(chunk)));
  await eventually("the lab is ready", 540, () => {
    if (lab.exitCode !== null) throw new Error(`the lab ended: ${printed}`);
    return printed.includes("Ready: AWS answers");
  });
}, 600_000);
afterAll(() => {
  lab?.kill("SIGKILL");
  warden("lab", "down");
}, 120_000);

const warden = (...words: string[]) => {
  const env = { ...process.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: "eu-west-1" };
  return ended(process.execPath, [main, ...words], env);
};
async function members(): Promise<{ id: string; state: string }[]> {
  const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  const instances = AutoScalingGroups[0]?.Instances ?? [];
  return instances.map(({ InstanceId = "", LifecycleState = "" }) => ({ id: InstanceId, state: LifecycleState }));
}
const inService = async (count: number): Promise<string[]> => {
  await eventually(`${count} in service`, 240, async () => {
    const found = await members();
    return found.length === count && found.every(({ state }) => state === "InService");
  });
  return (await members()).map(({ id }) => id).sort();
};
async function addressOf(id: string): Promise<string> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0]?.PrivateIpAddress ?? "";
}
/** By curl in the lab's network. */
function page(address: string): string {
  const headers = ["-H", "Host: moodle.lab", "-H", "X-Forwarded-Proto: https", "-H", "X-Forwarded-For: 192.0.2.1"];
  const inNetwork = ["--net=/run/netns/warden-lab", "curl", "--silent", "--fail", "--max-time", "20"];
  return run("nsenter", [...inNetwork, ...headers, `http://${address}/`]);
}
async function eventually(what: string, seconds: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const until = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`not yet: ${what}\n${printed.slice(-4000)}`);
    await sleep(250);
  }
}

/** What the lab would leave: by its names, wherever Linux shows them. */
function left(): readonly string[] {
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
function family(pid: number): readonly number[] {
  const { stdout } = spawnSync("pgrep", ["--parent", String(pid)], { encoding: "utf8" });
  return [pid, ...stdout.split("\n").filter(Boolean).map(Number).flatMap(family)];
}

/** One that ended and that nobody asked about yet is none. */
function isAlive(pid: number): boolean {
  const state = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "")[0] : "X";
  return state !== "X" && state !== "Z";
}

describe("the lab", { timeout: 300_000 }, () => {
  let first: string;

  it("brings a real machine into service, which installed the site and was verified", async () => {
    first = (await inService(1))[0] ?? "";
    const { stdout, status } = warden("explain", first);
    expect(status).toBe(0);
    expect(stdout).toMatch(/installing/);
    expect(stdout).toMatch(/joining +verified for release not-moodle-[0-9a-f]{32}/);
  });

  it("refuses a second one", () => {
    expect(warden("lab", "up", "--port", "1").status).toBe(4);
  });

  it("grows by AWS's own call, and each machine serves the page at the address that EC2 says", async () => {
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "moodle", DesiredCapacity: 2 }));
    const ids = await inService(2);
    for (const id of ids) {
      const text = page(await addressOf(id));
      expect(text).toContain("This is not Moodle");
      expect(text).toContain(`Machine ${id}`);
    }
    const status = JSON.parse(warden("lab", "status", "--json").stdout);
    const machines: { instanceId: string; ready: string }[] = status.machines;
    expect(machines.map(({ instanceId }) => instanceId).sort()).toEqual(ids);
    expect(machines.map(({ ready }) => ready)).toEqual(["200", "200"]);
  });

  it("drains one that is to go, and takes its machine away", async () => {
    const input = { InstanceId: first, ShouldDecrementDesiredCapacity: true };
    await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(input));
    const name = `lab-${first.slice(-11)}`;
    await eventually("it left", 180, async () => !(await members()).some(({ id }) => id === first));
    const { stdout } = warden("explain", first);
    expect(stdout).toMatch(/leaves: Auto Scaling ends it: drain/);
    expect(stdout).toMatch(/the host is idle/);
    await eventually("its machine is gone", 60, () => left().every((each) => !each.includes(name)));
    expect(page(await addressOf((await inService(1))[0] ?? ""))).toContain("This is not Moodle");
  });

  it("leaves nothing when it was killed, once `down` was run", async () => {
    const processes = family(lab.pid ?? 0);
    // The lab, its functions, its data tier, files and forwarder, and all of the machine that still serves.
    expect(processes.length).toBeGreaterThan(20);
    lab.kill("SIGKILL");
    await eventually("it is dead", 10, () => lab.signalCode !== null);
    expect(left()).not.toEqual([]);
    expect(warden("lab", "down").status).toBe(0);
    expect(left()).toEqual([]);
    expect(processes.filter(isAlive)).toEqual([]);
  });
});
