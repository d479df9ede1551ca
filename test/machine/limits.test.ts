/** What a machine may have of this host, and what can happen to it from outside: as its host, its network and its disk fail. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Group, groupsNamed } from "@warden/lab/control-groups";
import { limitsOf } from "@warden/lab/limits";
import { inNetwork } from "@warden/lab/network";
import { ended, run } from "@warden/lab/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Machine, machine } from "./machine.ts";
import { machineName, metadataNetwork, placeOf } from "./names.ts";
import { eventually } from "./node.ts";

const mebibyte = 2 ** 20;
const limits = { processors: 0.2, memory: 256 * mebibyte };
const disk = 2048 * mebibyte;

let own: Machine;
beforeAll(async () => {
  own = await machine({ limits, disk });
  await own.boot([]);
  await own.sh("systemctl start nginx");
});
afterAll(() => own?.end());

const group = (): Group => groupsNamed((name) => name === machineName).get(machineName) ?? [];
/** How curl fared with nginx's own page, from the other end of the machine's link. */
const page = () => {
  const curl = ["curl", "--silent", "--fail", "--output", "/dev/null", "--max-time", "3", "http://169.254.100.1/"];
  const [program = "", ...options] = [...inNetwork(metadataNetwork), ...curl];
  return ended(program, options).status;
};
const itsDisk = join(placeOf(machineName).folder, "disk");
/** As curl's manual numbers it: the time is over. */
const timedOut = 28;

it("is limited as it was asked for", () => {
  expect(limitsOf(group())).toEqual(limits);
});

describe("memory", () => {
  const nginx = () => own.sh("systemctl show --value --property MainPID nginx.service");

  it("that is more than the limit costs the program its life that takes it, and no other", async () => {
    const before = await nginx();
    const takes = (bytes: number) => own.run(`php -d memory_limit=-1 -r 'echo strlen(str_repeat("x", ${bytes}));'`);
    expect(await takes(64 * mebibyte)).toMatchObject({ status: 0, stdout: String(64 * mebibyte) });
    expect(await takes(512 * mebibyte)).toMatchObject({ status: 137, stdout: "" });
    expect(page()).toBe(0);
    expect(await nginx()).toBe(before);
  });

  it("is not what a program writes to the disk", async () => {
    const written = await own.run("head -c 600M /dev/zero >/var/tmp/large && sync -f /var/tmp && rm /var/tmp/large");
    expect(written).toMatchObject({ status: 0, stderr: "" });
  });
});

it("a program that never rests has its share of a processor", async () => {
  const loops = [1, 2].map(() => own.start("while :; do :; done"));
  const before = spent(group());
  await eventually(() => spent(group()).throttled - before.throttled >= 10, "it wanted more, ten times");
  const after = spent(group());
  for (const loop of loops) loop.kill();
  // A tenth more for what each processor had drawn when the period ended.
  const share = (after.periods - before.periods + 1) * limits.processors * 100_000;
  expect(after.microseconds - before.microseconds).toBeLessThan(share * 1.1);
});

/** What the kernel counted: periods that had work to do, those whose share did not suffice, and the time that was had. */
function spent(of: Group): { readonly periods: number; readonly throttled: number; readonly microseconds: number } {
  const read = (name: string): string[] =>
    of.flatMap((each) => {
      try {
        return [readFileSync(join(each, name), "utf8")];
      } catch {
        return [];
      }
    });
  const lines = read("cpu.stat").join("").split("\n");
  const counted = (name: string): number => Number(lines.find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
  const [nanoseconds] = read("cpuacct.usage");
  const microseconds = nanoseconds === undefined ? counted("usage_usec") : Number(nanoseconds) / 1000;
  return { periods: counted("nr_periods"), throttled: counted("nr_throttled"), microseconds };
}

it("a machine whose network is cut is reached by nobody, and again when it joins", async () => {
  const routes = await own.sh("ip route");
  expect(page()).toBe(0);
  own.cutNetwork();
  expect([7, timedOut]).toContain(page());
  expect((await own.run("true")).status).toBe(0);
  own.joinNetwork();
  await eventually(() => page() === 0, "it is reached again");
  expect(await own.sh("ip route")).toBe(routes);
});

describe("a machine that is frozen", () => {
  it("takes connections and does nothing until it thaws", async () => {
    own.freeze();
    expect(page()).toBe(timedOut);
    // Nor does the agent: a time-out is all that comes of a command.
    expect((await own.run("true", { seconds: 1 })).status).toBe(null);
    own.thaw();
    expect(page()).toBe(0);
    expect((await own.run("true")).status).toBe(0);
  });
});

describe("the disk", () => {
  it("has its size, whatever this host's own has", async () => {
    const [size = ""] = (await own.sh("df --output=size --block-size=1 /")).split("\n").slice(1);
    expect(Number(size)).toBeGreaterThan(disk * 0.9);
    expect(Number(size)).toBeLessThanOrEqual(disk);
  });

  it("that is full takes no more, costs this host nothing, and works again when there is room", async () => {
    const write = () => own.run("head -c 10M /dev/zero >/var/tmp/more");
    own.fillDisk();
    expect(await write()).toMatchObject({ status: 1, stderr: expect.stringContaining("No space left on device") });
    expect(await own.sh("df --output=avail / | tail -1 | tr -d ' '")).toBe("0");
    expect(statSync(itsDisk).blocks * 512).toBeLessThan(disk / 2);
    own.emptyDisk();
    expect((await write()).status).toBe(0);
    expect(page()).toBe(0);
  });
});

it("nothing is left of a machine whose power is cut while it is frozen", async () => {
  own.freeze();
  await own.cutPower();
  expect(group()).toEqual([]);
  await own.end();
  await eventually(() => !run("losetup", ["--list", "--output", "BACK-FILE"]).includes(itsDisk), "the disk is free");
});
