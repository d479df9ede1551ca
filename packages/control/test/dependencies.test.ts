/** What happens to things that nodes share, from the message to the nodes that look at themselves. */
import { describe, expect, it } from "vitest";
import { serving } from "../../fleet/test/builder.ts";
import { concerns, type Dependency, reconcile, type StoredNode, sweep } from "../src/index.ts";
import { wakesFor } from "../src/sweep.ts";
import { type Fake, fake, i, keyOf, site, start, sweepPorts, web } from "./fakes.ts";

const cache: Dependency = { part: "cache", service: "elasticache", name: "school-cache" };
const sessions: Dependency = { part: "sessions", service: "elasticache", name: "school-sessions" };
const message = (body: object) => ({
  messageId: "m1",
  receiptHandle: "r1",
  received: 1,
  body: JSON.stringify(body),
});
const failedOver = (name: string) => message({ "ElastiCache:FailoverComplete": name });
const node = (end: number): StoredNode => ({
  record: {
    ...serving({ nextVerifyAt: start + 900_000 }),
    site: site.site,
    group: web,
    instance: i(end),
    verified: undefined,
  },
  ...{ version: 1, dueAt: start + 900_000, why: "in service" },
});

function worldWith(...dependencies: readonly Dependency[]): Fake {
  const world = fake();
  world.dependencies = dependencies;
  for (const end of [1, 2]) {
    world.nodes.set(keyOf(i(end)), node(end));
    world.states.set(i(end), "InService");
  }
  return world;
}

const woken = (world: Fake) => world.wakes.map(({ key }) => key);

describe("an event about something that nodes share", () => {
  it("wakes every node in service of the sites that depend on it, and leaves a row in the ledger", async () => {
    const world = worldWith(cache);
    expect(await reconcile("normal", [failedOver("school-cache-002")], world.deps)).toEqual([]);
    expect(woken(world)).toEqual([keyOf(i(1)), keyOf(i(2))]);
    expect(world.state.changed).toMatchObject({ at: start, why: "FailoverComplete of school-cache (cache)" });
    expect(world.state.stale).toEqual(world.state.changed);
    expect(world.notes).toMatchObject([{ kind: "shared-change", key: "moodle/-/-" }]);
  });

  it("is nobody's business when no site depends on it", async () => {
    const world = worldWith(cache);
    await reconcile("normal", [failedOver("another-cache")], world.deps);
    expect([woken(world), world.notes]).toEqual([[], []]);
  });

  it("makes nothing stale but a failover of the application cache", async () => {
    const world = worldWith(cache, sessions);
    await reconcile("normal", [failedOver("school-sessions")], world.deps);
    await reconcile("normal", [message({ "ElastiCache:CertificateRenewalComplete": "school-cache" })], world.deps);
    expect(world.state.stale).toBeUndefined();
    expect(woken(world)).toContain(keyOf(i(1)));
  });

  it("counts once, by however many ways and however often it is told", async () => {
    const world = worldWith(cache);
    await reconcile("normal", [failedOver("school-cache")], world.deps);
    world.failovers = [{ name: "school-cache-001", at: start - 5000 }];
    world.now = start + 30_000;
    await sweep(world.deps, sweepPorts(world));
    await sweep(world.deps, sweepPorts(world));
    expect(world.notes).toHaveLength(1);
    expect(world.state.stale).toMatchObject({ at: start });
  });

  it("is tried again when it could not be written down", async () => {
    const world = worldWith(cache);
    world.before = (call) => {
      if (call === "note changed") throw new Error("throttled");
    };
    expect(await reconcile("normal", [failedOver("school-cache")], world.deps)).toEqual(["m1"]);
    world.before = () => {};
    expect(await reconcile("normal", [failedOver("school-cache")], world.deps)).toEqual([]);
    expect(woken(world)).toEqual([keyOf(i(1)), keyOf(i(2))]);
  });
});

describe("the sweep", () => {
  it("finds a failover that nobody told", async () => {
    const world = worldWith(cache);
    world.failovers = [{ name: "school-cache-001", at: start - 45_000 }];
    await sweep(world.deps, sweepPorts(world));
    expect(world.state.stale).toMatchObject({ at: start - 45_000 });
    expect(woken(world)).toEqual([keyOf(i(1)), keyOf(i(2))]);
  });

  it("wakes nodes all the same when ElastiCache cannot be asked, and then says so", async () => {
    const world = worldWith(cache);
    world.states.set(i(9), "InService");
    const failovers = () => Promise.reject(new Error("denied"));
    await expect(sweep(world.deps, { ...sweepPorts(world), caches: { failovers } })).rejects.toThrow("denied");
    expect(woken(world)).toContain(keyOf(i(9)));
  });

  it("does not ask ElastiCache when no site has a cache there", async () => {
    const world = worldWith();
    await sweep(world.deps, sweepPorts(world));
    expect(world.calls).not.toContain("list failovers");
  });

  it("wakes nodes that have not seen a change, whose wake-ups were lost", () => {
    const facts = { name: web, instances: [{ instance: i(1), lifecycleState: "InService" }] };
    const serves = { ...node(1), record: { ...node(1).record, lifecycleState: "InService" } };
    const change = { id: "c1", at: start, why: "" };
    expect(wakesFor(site.site, facts, [serves], start + 1, change)).toMatchObject([{ delay: 0 }]);
    const saw = { ...serves, record: { ...serves.record, changeSeen: "c1" } };
    expect(wakesFor(site.site, facts, [saw], start + 1, change)).toEqual([]);
  });
});

describe("an event concerns", () => {
  const told = (service: "elasticache" | "rds" | "secretsmanager", name: string) =>
    ({ kind: "dependency", service, name, what: "x" }) as const;
  const arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:school/database-Ab12Cd";

  it.each([
    ["a cache by its own name", cache, told("elasticache", "school-cache"), true],
    ["a replication group by the name of its node", cache, told("elasticache", "school-cache-001"), true],
    ["no cache whose name only begins alike", cache, told("elasticache", "school-cache-two"), false],
    [
      "no database of a cache's name",
      { ...cache, service: "rds" as const },
      told("elasticache", "school-cache"),
      false,
    ],
    [
      "a secret by its ARN",
      { service: "secretsmanager" as const, name: "school/database" },
      told("secretsmanager", arn),
      true,
    ],
    [
      "a secret by its name",
      { service: "secretsmanager" as const, name: arn },
      told("secretsmanager", "school/database"),
      true,
    ],
    [
      "no secret beside it",
      { service: "secretsmanager" as const, name: "school/data" },
      told("secretsmanager", arn),
      false,
    ],
  ])("%s", (_, dependency, pointer, expected) => {
    expect(concerns(dependency, pointer)).toBe(expected);
  });
});
