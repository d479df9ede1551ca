import { describe, expect, it } from "vitest";
import { type VirtualClock, virtualClock } from "../../src/clock.ts";
import { createMachine, type Machine } from "../../src/hosts/machine.ts";
import { awsProfile, type MachineFaults } from "../../src/hosts/profile.ts";
import type { Program, Software } from "../../src/hosts/software.ts";
import { seededRandom } from "../../src/random.ts";
import type { DocumentResult, DocumentRun, Instance } from "../../src/region.ts";

const at = (milliseconds: number) => ({ low: milliseconds, high: milliseconds });
const instance: Instance = {
  instanceId: "i-0123456789abcdef0",
  privateIp: "10.0.1.7",
  launchedAt: 0,
  state: "running",
  launchTemplate: undefined,
  imageId: "ami-0123456789abcdef0",
  instanceType: "t3.small",
  availabilityZone: "eu-west-1a",
  subnetId: "subnet-1",
  tags: {},
  userData: undefined,
  roleName: undefined,
  spot: false,
};

interface Bench {
  readonly clock: VirtualClock;
  readonly machine: Machine;
  /** What the agent told Systems Manager, with the second. */
  readonly told: string[];
  /** Runs a document and gives its result once there is one. */
  run(run?: Partial<DocumentRun>): { result?: DocumentResult; cancel(): void; readonly taken: boolean };
}

function bench(software: Partial<Software> = {}, faults: MachineFaults = {}): Bench {
  const clock = virtualClock({ startAt: 0 });
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(`${what} ${clock.now() / 1000}`);
  const machine = createMachine({
    clock,
    random: seededRandom(1),
    instance,
    agents: { ping: tell("ping"), silence: tell("silence") },
    profile: { ...awsProfile, boot: at(20_000), agentStart: at(10_000), faults },
    install: () => ({ programs: {}, ...software }),
  });
  function run(overrides: Partial<DocumentRun> = {}) {
    const running = machine.run({ ...documentRun, ...overrides });
    const seen: { result?: DocumentResult; cancel(): void; taken: boolean } = {
      taken: running !== undefined,
      cancel: () => running?.cancel(),
    };
    void running?.finished.then((result) => {
      seen.result = result;
    });
    return seen;
  }
  return { clock, machine, told, run };
}

const documentRun: DocumentRun = {
  commandId: "command",
  documentName: "Work",
  documentVersion: "1",
  parameters: {},
  content: { schemaVersion: "2.2", mainSteps: [{ action: "aws:runShellScript", name: "work" }] },
  executionTimeout: 60,
};

/** Works for ten seconds and succeeds. */
const work: Program = (_, process) =>
  process.wait(10_000, () => {
    process.print("worked");
    process.exit(0);
  });

async function up(bench: Bench): Promise<Bench> {
  bench.machine.powerOn();
  await bench.clock.advance(30_000);
  return bench;
}

describe("starting", () => {
  it("boots first; its agent comes later, and reports every five minutes", async () => {
    const { clock, machine, told } = bench();
    machine.powerOn();
    await clock.advance(19_000);
    expect(machine.power).toBe("booting");
    await clock.advance(1_000);
    expect(machine.power).toBe("on");
    expect(told).toEqual([]);
    await clock.advance(610_000);
    expect(told).toEqual(["ping 30", "ping 330", "ping 630"]);
  });

  it("takes no document before its agent listens", async () => {
    const { clock, machine, run } = bench();
    machine.powerOn();
    await clock.advance(25_000);
    expect(run().taken).toBe(false);
    await clock.advance(5_000);
    expect(run().taken).toBe(true);
  });

  it("answers timeout while off, refuses while booting, then asks its software", async () => {
    const answer = (port: number, path: string) => ({ status: 200, body: `${port}${path}` });
    const { clock, machine } = bench({ answer });
    expect(await machine.request(80, "/")).toBe("timeout");
    machine.powerOn();
    expect(await machine.request(80, "/")).toBe("refused");
    await clock.advance(20_000);
    expect(await machine.request(80, "/page")).toEqual({ status: 200, body: "80/page" });
  });

  it("can hang at boot, lack an agent, or be slow, by its profile", async () => {
    const hung = await up(bench({}, { neverBoots: true }));
    expect(hung.machine.power).toBe("booting");
    const mute = await up(bench({}, { agentNeverStarts: true }));
    expect(mute.machine.power).toBe("on");
    expect(mute.told).toEqual([]);
    const slow = await up(bench({}, { slowness: 3 }));
    expect(slow.told).toEqual([]);
    await slow.clock.advance(60_000);
    expect(slow.told).toEqual(["ping 90"]);
  });
});

describe("running a document", () => {
  it("takes the time of its program", async () => {
    const { clock, run } = await up(bench({ programs: { Work: work } }));
    const running = run();
    await clock.advance(9_000);
    expect(running.result).toBeUndefined();
    await clock.advance(1_000);
    expect(running.result).toEqual({ exitCode: 0, stdout: "worked\n", stderr: "" });
  });

  it("ends at its execution time-out", async () => {
    const { clock, run } = await up(bench({ programs: { Work: work } }));
    const running = run({ executionTimeout: 5 });
    await clock.advance(5_000);
    expect(running.result).toEqual({ exitCode: 137, timedOut: true, stdout: "", stderr: "" });
  });

  it("is killed by a cancellation", async () => {
    const { clock, run } = await up(bench({ programs: { Work: work } }));
    const running = run();
    running.cancel();
    await clock.advance(20_000);
    expect(running.result).toEqual({ exitCode: 137, stdout: "", stderr: "" });
  });

  it("dies with the power, and nobody is told", async () => {
    const effects: string[] = [];
    const dying: Program = (_, process) => process.wait(10_000, () => void effects.push("done"));
    const { clock, machine, run, told } = await up(bench({ programs: { Work: dying } }));
    const running = run();
    machine.powerOff("kill");
    await clock.advance(3_600_000);
    expect(running.result).toBeUndefined();
    expect(effects).toEqual([]);
    expect(told).toEqual(["ping 30", "silence 30"]);
  });

  it("starts again after a stop, with its agent", async () => {
    const { clock, machine, run } = await up(bench({ programs: { Work: work } }));
    machine.powerOff("shutdown");
    expect(run().taken).toBe(false);
    machine.powerOn();
    await clock.advance(30_000);
    expect(run().taken).toBe(true);
  });
});

describe("switches", () => {
  it("freezes the agent: it takes nothing and reports what ended only when it thaws", async () => {
    const { clock, machine, run, told } = await up(bench({ programs: { Work: work } }));
    const running = run();
    machine.switches.freezeAgent();
    expect(run().taken).toBe(false);
    await clock.advance(600_000);
    expect(running.result).toBeUndefined();
    expect(told).toEqual(["ping 30"]);
    machine.switches.thawAgent();
    await clock.advance(0);
    expect(running.result).toMatchObject({ exitCode: 0 });
    expect(told).toEqual(["ping 30", "ping 630"]);
  });

  it("loses what a frozen agent had to report when the power goes", async () => {
    const { clock, machine, run } = await up(bench({ programs: { Work: work } }));
    const running = run();
    machine.switches.freezeAgent();
    await clock.advance(20_000);
    machine.powerOff("kill");
    machine.switches.thawAgent();
    await clock.advance(1_000);
    expect(running.result).toBeUndefined();
  });

  it("hangs documents until their time-out", async () => {
    const { clock, machine, run } = await up(bench({ programs: { Work: work } }));
    machine.switches.hangDocuments(true);
    const running = run();
    await clock.advance(60_000);
    expect(running.result).toMatchObject({ timedOut: true });
  });

  it("fails the next run, and only that", async () => {
    const { clock, machine, run } = await up(bench({ programs: { Work: work } }));
    machine.switches.failNext("Work");
    const [failed, well] = [run(), run()];
    await clock.advance(20_000);
    expect(failed.result).toMatchObject({ exitCode: 1 });
    expect(well.result).toMatchObject({ exitCode: 0 });
  });

  it("lies: claims a result without doing anything, until told not to", async () => {
    const { clock, machine, run } = await up(bench({ programs: { Work: work } }));
    const lie = { exitCode: 0, stdout: "all well\n", stderr: "" };
    machine.switches.lie("Work", lie);
    const lied = run();
    await clock.advance(1_000);
    expect(lied.result).toEqual(lie);
    machine.switches.lie("Work", undefined);
    const honest = run();
    await clock.advance(20_000);
    expect(honest.result?.stdout).toBe("worked\n");
  });

  it("stops, hangs and fakes the web server", async () => {
    const { machine } = await up(bench({ answer: () => ({ status: 200, body: "" }) }));
    const { switches } = machine;
    switches.stopWeb();
    expect(await machine.request(80, "/")).toBe("refused");
    switches.hangWeb();
    expect(await machine.request(80, "/")).toBe("timeout");
    switches.lieWeb({ status: 503, body: "" });
    expect(await machine.request(80, "/")).toEqual({ status: 503, body: "" });
    switches.startWeb();
    expect(await machine.request(80, "/")).toEqual({ status: 200, body: "" });
  });

  it("slows programs down", async () => {
    const { clock, machine, run } = await up(bench({ programs: { Work: work } }));
    machine.switches.slowDown(2);
    const running = run();
    await clock.advance(19_000);
    expect(running.result).toBeUndefined();
    await clock.advance(1_000);
    expect(running.result).toMatchObject({ exitCode: 0 });
  });
});

describe("services", () => {
  it("live from boot until the power goes, and hear of changed metadata", async () => {
    const heard: string[] = [];
    const { clock, machine } = bench({
      booted: (process) => process.wait(60_000, () => void heard.push("a minute after boot")),
      metadataChanged: () => void heard.push("metadata"),
      stopped: (how) => void heard.push(how),
    });
    machine.metadata.rebalance = { noticeTime: "2026-03-02T08:00:00Z" };
    machine.powerOn();
    await clock.advance(100_000);
    machine.metadata.spotAction = { action: "terminate", time: "2026-03-02T08:02:00Z" };
    delete machine.metadata.rebalance;
    machine.powerOff("shutdown");
    machine.metadata.spotAction = { action: "stop", time: "2026-03-02T08:02:00Z" };
    expect(heard).toEqual(["a minute after boot", "metadata", "metadata", "shutdown"]);
    expect(machine.metadata).toEqual({ spotAction: { action: "stop", time: "2026-03-02T08:02:00Z" } });
  });
});

describe("the shell of a modelled machine", () => {
  async function script(...runCommand: string[]): Promise<DocumentResult | undefined> {
    const { clock, run } = await up(bench());
    const step = { action: "aws:runShellScript", name: "work", inputs: { runCommand } };
    const running = run({ content: { schemaVersion: "2.2", mainSteps: [step] } });
    await clock.advance(30_000);
    return running.result;
  }

  it.each([
    [["hostname"], 0, "ip-10-0-1-7\n"],
    [["cat /etc/hostname"], 0, "ip-10-0-1-7\n"],
    [["#!/bin/sh", "", "echo \"two words\" and 'more'"], 0, "two words and more\n"],
    [["sleep 5", "true", "echo after"], 0, "after\n"],
    [["exit 300", "echo never"], 44, ""],
    [["false", "exit"], 1, ""],
    [["false", "echo on"], 0, "on\n"],
    [["set -eu", "false", "echo never"], 1, ""],
  ])("answers what it can: %j", async (lines, exitCode, stdout) => {
    expect(await script(...lines)).toEqual({ exitCode, stdout, stderr: "" });
  });

  it.each(["systemctl restart php-fpm", "cat /etc/passwd", "echo $HOME", "true && echo yes", "echo `id`", "exit now"])(
    "ends with 127 and says that it is modelled: %s",
    async (line) => {
      const result = await script(line);
      expect(result).toMatchObject({ exitCode: 127, stdout: "" });
      expect(result?.stderr).toContain("this machine is modelled");
    },
  );
});
