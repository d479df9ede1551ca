import { describe, expect, it } from "vitest";
import { dependenciesOf } from "../../src/site/index.ts";
import { siteWith, usual } from "../sites.ts";

const aurora = { kind: "aurora-mysql", version: "8.0" };
const database = (host: string, replicas: readonly string[] = []) =>
  dependenciesOf(siteWith({ database: { ...usual.database, ...(/cluster/.test(host) && aurora), host, replicas } }))
    .filter(({ part }) => part === "database")
    .map(({ name }) => name);

const caches = (host: string) =>
  dependenciesOf(siteWith({ cache: { redis: { ...usual.cache.redis, host } } })).filter(({ part }) => part === "cache");

describe("what a site cannot do without", () => {
  it("are its secrets, each once, whatever its hosts are called", () => {
    expect(dependenciesOf(siteWith())).toEqual(
      ["school/database", "school/sessions", "school/cache"].map((name) => ({
        part: "secrets",
        service: "secretsmanager",
        name,
      })),
    );
    const password = { secret: "school/administrator" };
    const administrator = { email: "ann@school.example", password };
    expect(dependenciesOf(siteWith({ administrator })).map(({ name }) => name)).toContain("school/administrator");
    const shared = { ...usual.sessions.redis, password: { secret: "school/database" } };
    expect(dependenciesOf(siteWith({ sessions: { redis: shared } }))).toHaveLength(2);
  });

  it.each([
    ["an RDS instance", "school.c9akciq32abc.eu-west-1.rds.amazonaws.com", ["school"]],
    ["an Aurora cluster", "school.cluster-c9akciq32abc.eu-west-1.rds.amazonaws.com", ["school"]],
    ["a Region of China", "school.c9akciq32abc.cn-north-1.rds.amazonaws.com.cn", ["school"]],
    ["a name of their own", "db.school.example", []],
    ["a name that only looks like it", "school.c9.eu-west-1.rds.amazonaws.com.example", []],
  ])("is the database: %s", (_, host, expected) => {
    expect(database(host)).toEqual(expected);
  });

  it("are its read replicas", () => {
    expect(database("db.school.example", ["second.c9akciq32abc.eu-west-1.rds.amazonaws.com"])).toEqual(["second"]);
  });

  it.each([
    ["with TLS", "master.school-cache.c9akci.euw1.cache.amazonaws.com"],
    ["without", "school-cache.c9akci.ng.0001.euw1.cache.amazonaws.com"],
  ])("is a replication group, %s", (_, host) => {
    expect(caches(host)).toEqual([{ part: "cache", service: "elasticache", name: "school-cache" }]);
  });
});
