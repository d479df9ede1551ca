import type { LedgerEntry } from "@warden/control";
import { instanceId } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import {
  addNode,
  addSite,
  decided,
  type FakeWorld,
  fakeWorld,
  keyOf,
  recordOf,
  runWarden,
  setRecord,
} from "./fake-world.ts";

function moodle(): FakeWorld {
  const world = fakeWorld();
  addSite(world, "moodle");
  addNode(world, 1);
  addNode(world, 2);
  return world;
}

interface Reported {
  readonly check: string;
  readonly state: string;
  readonly subject: string;
  readonly evidence: string;
  readonly mend?: string;
}

async function examine(world: FakeWorld) {
  const { status, out } = await runWarden(world, "doctor", "--json");
  const report: { well: boolean; findings: Reported[] } = JSON.parse(out);
  return { status, well: report.well, unwell: report.findings.filter((finding) => finding.state !== "ok") };
}

describe("warden doctor", () => {
  it("finds nothing wrong with a healthy deployment", async () => {
    expect(await examine(moodle())).toEqual({ status: 0, well: true, unwell: [] });
  });

  it("prints the evidence, and the mend where one is needed", async () => {
    const world = moodle();
    world.lastSweep = world.now - 240_000;
    const { status, out } = await runWarden(world, "doctor");
    expect(status).toBe(1);
    expect(out).toMatch(/^bad +sweep +last sweep: it ran 4 min ago, and it should each minute$/m);
    expect(out).toMatch(/^ +→ look at the schedule and the log of the function sweep$/m);
    expect(out).toMatch(/^\d+ ok, 0 warnings, 1 bad\.$/m);
  });

  const cases: readonly [string, (world: FakeWorld) => void, Partial<Reported>][] = [
    ["a table without sites", (world) => void world.sites.splice(0), { check: "deployment", state: "bad" }],
    [
      "a sweep that never ran",
      (world) => {
        world.lastSweep = undefined;
      },
      { evidence: "none has ever run" },
    ],
    [
      "dead letters, with count and oldest",
      (world) => {
        world.inspection.queue = async (url) =>
          url.includes("urgent") ? { messages: 3, oldestAt: world.now - 60_000 } : { messages: 0, oldestAt: undefined };
      },
      { check: "dead letters", subject: "lane urgent", evidence: "3 dead letters, the oldest sent 1 min ago" },
    ],
    [
      "a disabled rule",
      (world) => {
        world.inspection.rule = async (name) => ({ enabled: name !== "local-launch", targets: 1 });
      },
      { subject: "rule local-launch", mend: "enable it with `aws events enable-rule --name local-launch`" },
    ],
    [
      "a schedule that does not exist",
      (world) => {
        world.inspection.rule = async (name) => (name === "local-sweep" ? undefined : { enabled: true, targets: 1 });
      },
      { subject: "schedule local-sweep", evidence: "it does not exist" },
    ],
    [
      "a rule without a target",
      (world) => {
        world.inspection.rule = async (name) => ({ enabled: true, targets: name === "local-launch" ? 0 : 1 });
      },
      { subject: "rule local-launch", evidence: "it has no target, so it leads nowhere" },
    ],
    [
      "a missing function",
      (world) => {
        world.inspection.function = async (name) =>
          name === "local-heartbeat" ? undefined : { state: "Active", lastUpdate: "Successful" };
      },
      { subject: "function heartbeat", evidence: "it does not exist" },
    ],
    [
      "a function that is switched off",
      (world) => {
        world.inspection.function = async (name) => ({
          state: "Active",
          lastUpdate: "Successful",
          ...(name === "local-heartbeat" && { reserved: 0 }),
        });
      },
      { subject: "function heartbeat", evidence: "it may not run: its reserved concurrency is 0" },
    ],
    [
      "a lane that nothing reads",
      (world) => {
        world.inspection.pollers = async (name) => [
          {
            queueArn: `arn:aws:sqs:eu-west-1:123456789012:${name.slice("local-reconcile-".length)}`,
            state: name.endsWith("urgent") ? "Disabled" : "Enabled",
          },
        ];
      },
      {
        subject: "function reconcile-urgent",
        evidence: "its event source mapping is Disabled, so nothing reads its lane",
      },
    ],
    [
      "a missing grant, by function, action and resource",
      (world) => {
        world.inspection.denied = async (role, actions) =>
          role.endsWith("sweep") ? actions.filter((action) => action === "events:PutEvents") : [];
      },
      {
        subject: "function sweep",
        evidence: "may not events:PutEvents on arn:aws:events:eu-west-1:123456789012:event-bus/warden-local",
      },
    ],
    [
      "a missing grant on the function's own lane",
      (world) => {
        world.inspection.denied = async (role, actions, resource) =>
          role.endsWith("urgent") && resource.endsWith(":urgent")
            ? actions.filter((action) => action === "sqs:ReceiveMessage")
            : [];
      },
      {
        subject: "function reconcile-urgent",
        evidence: "may not sqs:ReceiveMessage on arn:aws:sqs:eu-west-1:123456789012:urgent",
      },
    ],
    [
      "a call that was denied",
      (world) => {
        const denied: Partial<LedgerEntry> = {
          kind: "denied",
          why: "ssm:SendCommand: AccessDenied",
          actions: ["ssm:SendCommand"],
        };
        decided(world, "i-00000000000000001", denied);
        decided(world, "i-00000000000000002", denied);
      },
      { check: "denials", subject: "ssm:SendCommand" },
    ],
    [
      "a group that does not exist",
      (world) => world.groups.clear(),
      { subject: "group moodle", evidence: "it does not exist" },
    ],
    [
      "a node that served before Warden came",
      (world) => {
        const phase = { name: "found", nextVerifyAt: world.now, lacks: "/opt/warden is not there" } as const;
        setRecord(world, { ...recordOf(world, "i-00000000000000001"), phase, verified: undefined }, "found");
      },
      {
        ...{ subject: "group moodle", state: "warning" },
        evidence: "i-00000000000000001 served before Warden came, and is left as it is: /opt/warden is not there",
        mend: "once the group launches nodes of Warden's: `warden replace i-00000000000000001`",
      },
    ],
    [
      "ELB health checks",
      (world) => {
        world.inspection.group = async () => ({ healthCheckType: "ELB", suspended: [] });
      },
      {
        evidence:
          "health check type ELB: a database outage makes every node unhealthy, and Auto Scaling would terminate the whole fleet",
      },
    ],
    [
      "suspended launches",
      (world) => {
        world.inspection.group = async () => ({ healthCheckType: "EC2", suspended: ["Launch"] });
      },
      { state: "bad", evidence: "its process Launch is suspended: no node can start" },
    ],
    [
      "a suspended process that harms nobody",
      (world) => {
        world.inspection.group = async () => ({ healthCheckType: "EC2", suspended: ["AZRebalance"] });
      },
      { state: "warning" },
    ],
    [
      "a hook under another name",
      (world) => {
        world.inspection.hooks = async () => [
          { name: "mine", transition: "launching", defaultResult: "ABANDON", timeout: 900_000 },
          terminateHook,
        ];
      },
      {
        subject: "hook warden-launch of moodle",
        evidence: "the group has no such hook; mine has its transition and another name",
      },
    ],
    [
      "a hook that lets unverified nodes serve",
      (world) => {
        world.inspection.hooks = async () => [{ ...launchHook, defaultResult: "CONTINUE" }, terminateHook];
      },
      { evidence: "its default result is CONTINUE, and must be ABANDON" },
    ],
    [
      "a hook of the wrong transition",
      (world) => {
        world.inspection.hooks = async () => [launchHook, { ...terminateHook, transition: "launching" }];
      },
      { evidence: "its transition is launching" },
    ],
    [
      "a time-out that cannot be beaten, with the arithmetic",
      (world) => {
        world.inspection.hooks = async () => [{ ...launchHook, timeout: 60_000 }, terminateHook];
      },
      {
        subject: "hooks of moodle",
        evidence: "hook warden-launch times out after 60 s; three heartbeats of 60 s need 180 s",
      },
    ],
    [
      "a drain budget that deregistration eats up",
      (world) => {
        const [site] = world.sites.splice(0);
        if (site !== undefined) world.sites.push({ ...site, policy: { ...site.policy, drainBudget: 300_000 } });
      },
      { evidence: "deregistration takes 300 s of the drain budget of 300 s: nothing is left for running tasks" },
    ],
    [
      "an open breaker",
      (world) => void world.states.set("moodle/moodle", { failedLaunches: 5 }),
      { state: "bad", evidence: "5 launches failed in a row (of 5): failing nodes are kept, not replaced" },
    ],
    [
      "a node kept for the post-mortem",
      (world) => void world.states.set("moodle/moodle", { kept: instanceId("i-00000000000000001") }),
      { state: "warning", evidence: "i-00000000000000001 is kept for the post-mortem, and costs money" },
    ],
    [
      "a record of a newer Warden",
      (world) => void world.newer.add(keyOf("i-00000000000000002")),
      { state: "bad", evidence: "the records of i-00000000000000002 were written by a newer Warden or cannot be read" },
    ],
    [
      "a document that is not registered",
      (world) => {
        const { document } = world.inspection;
        world.inspection.document = async (name, version) =>
          name === "Warden-Drain" ? undefined : document(name, version);
      },
      { subject: "document Warden-Drain" },
    ],
    [
      "a document of another release",
      (world) => {
        const { document } = world.inspection;
        world.inspection.document = async (name, version) =>
          name === "Warden-Verify" ? '{"schemaVersion":"2.2"}' : document(name, version);
      },
      { subject: "document Warden-Verify", mend: "deploy the stage again with `npx sst deploy`" },
    ],
    [
      "what it cannot read",
      (world) => {
        world.inspection.queue = async () => {
          throw new Error("boom");
        };
      },
      { check: "dead letters", state: "bad", evidence: "could not be checked: Warden itself failed (boom)" },
    ],
  ];

  it.each(cases)("finds %s", async (_, spoil, expected) => {
    const world = moodle();
    spoil(world);
    const { status, unwell } = await examine(world);
    expect(unwell).toEqual([expect.objectContaining(expected)]);
    expect(status).toBe(unwell.some((finding) => finding.state === "bad") ? 1 : 0);
    for (const { mend } of unwell) expect(mend).toMatch(/\S/);
  });

  it("does not mind the order of a document's members", async () => {
    const world = moodle();
    const { document } = world.inspection;
    world.inspection.document = async (name, version) => {
      const content = JSON.parse((await document(name, version)) ?? "");
      return JSON.stringify(Object.fromEntries(Object.entries(content).reverse()), undefined, 2);
    };
    expect(await examine(world)).toMatchObject({ well: true });
  });

  it("looks at one site with --site", async () => {
    const world = moodle();
    addSite(world, "exams");
    world.groups.delete("exams");
    expect((await runWarden(world, "doctor", "--site", "moodle")).status).toBe(0);
    expect((await runWarden(world, "doctor")).status).toBe(1);
    expect((await runWarden(world, "doctor", "--site", "nope")).status).toBe(2);
  });

  it("leaves old denials alone", async () => {
    const world = moodle();
    decided(world, "i-00000000000000001", { kind: "denied", at: world.now - 25 * 3_600_000, actions: ["a:B"] });
    setRecord(world, recordOf(world, "i-00000000000000001"), "in service");
    expect((await examine(world)).unwell).toEqual([]);
  });
});

const launchHook = {
  name: "warden-launch",
  transition: "launching",
  defaultResult: "ABANDON",
  timeout: 900_000,
} as const;
const terminateHook = {
  name: "warden-terminate",
  transition: "terminating",
  defaultResult: "CONTINUE",
  timeout: 900_000,
} as const;
