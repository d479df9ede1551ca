/**
 * The lab as a person uses it: by its command, with AWS's own client beside it. Real machines come into service through the
 * real loop, leave it drained, and nothing is left, also of a lab that was killed.
 */
import { hardwareAddress, ip, labAddress, labNetwork } from "@warden/lab/network";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { family, isAlive, left, page, type RunningLab, runningLab, startTime } from "./running-lab.ts";

let lab: RunningLab;

beforeAll(async () => {
  lab = await runningLab(["--nodes", "1"]);
}, startTime * 1000);
afterAll(() => lab?.end(), 120_000);

/** Who remembers another hardware address than it has does not reach it. */
const gateway = (): string | undefined => / link\/ether (\S+)/.exec(ip(labNetwork, "link show lab0"))?.[1];

describe("the lab", { timeout: 300_000 }, () => {
  let first: string;

  it("brings a real machine into service, which installed the site and was verified", async () => {
    first = (await lab.inService(1))[0]?.id ?? "";
    const { out, status } = await lab.warden("explain", first);
    expect(status).toBe(0);
    expect(out).toMatch(/installing/);
    expect(out).toMatch(/joining +verified for release not-moodle-[0-9a-f]{32}/);
  });

  it("refuses a second one", async () => {
    expect((await lab.warden("lab", "up", "--port", "1")).status).toBe(4);
  });

  it("grows by AWS's own call, and each machine serves the page at the address that EC2 says", async () => {
    await lab.desire(2);
    const nodes = await lab.inService(2);
    for (const { id, address } of nodes) {
      const { text } = (await page(address, "/")) ?? {};
      expect(text).toContain("This is not Moodle");
      expect(text).toContain(`Machine ${id}`);
    }
    const status = JSON.parse((await lab.warden("lab", "status", "--json")).out);
    const machines: { instanceId: string; ready: string; limits: object }[] = status.machines;
    expect(machines.map(({ instanceId }) => instanceId).sort()).toEqual(nodes.map(({ id }) => id));
    expect(machines.map(({ ready }) => ready)).toEqual(["200", "200"]);
    // Of the launch template's t4g.medium.
    const medium = { processors: 2, memory: 4 * 2 ** 30 };
    expect(machines.map(({ limits }) => limits)).toEqual([medium, medium]);
    expect(gateway()).toBe(hardwareAddress(labAddress));
  });

  it("drains one that is to go, and takes its machine away", async () => {
    await lab.terminate(first);
    const name = `lab-${first.slice(-11)}`;
    await lab.eventually("it left", 180, async () => !(await lab.members()).includes(first));
    const { out } = await lab.warden("explain", first);
    expect(out).toMatch(/leaves: Auto Scaling ends it: drain/);
    expect(out).toMatch(/the host is idle/);
    await lab.eventually("its machine is gone", 60, () => left().every((each) => !each.includes(name)));
    await lab.inService(1);
    expect(lab.visit("/")).toBe(200);
    expect(gateway()).toBe(hardwareAddress(labAddress));
  });

  it("leaves nothing when it was killed, once `down` was run", async () => {
    const processes = family(lab.process.pid ?? 0);
    // The lab, its functions, its data tier, files and forwarder, and all of the machine that still serves.
    expect(processes.length).toBeGreaterThan(20);
    lab.process.kill("SIGKILL");
    await lab.eventually("it is dead", 10, () => lab.process.signalCode !== null);
    expect(left()).not.toEqual([]);
    expect((await lab.warden("lab", "down")).status).toBe(0);
    expect(left()).toEqual([]);
    expect(processes.filter(isAlive)).toEqual([]);
  });
});
