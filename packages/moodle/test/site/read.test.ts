import { readFileSync } from "node:fs";
import { problemInWords } from "@warden/yaml";
import { describe, expect, it } from "vitest";
import { readSiteConfiguration, releaseNames } from "../../src/site/index.ts";
import { siteWith, usual, written } from "../sites.ts";

const problems = (changes: Readonly<Record<string, unknown>>): string[] => {
  const read = readSiteConfiguration(written(changes));
  return read.ok ? [] : read.problems.map((each) => problemInWords({ ...each, line: undefined }));
};

const { nodes, php, database, sessions, cache } = usual;
const recovery = {
  database: "arn:aws:rds:eu-west-1:123456789012:db:school",
  files: "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0123456789abcdef0",
};

describe("a site configuration", () => {
  it("needs only what nobody but the operator knows", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ nodes: undefined })).toEqual([]);
  });

  it.each(releaseNames)("may ask for Moodle %s", (release) => {
    const database = { ...usual.database, kind: "aurora-mysql", version: "8.0" };
    expect(problems({ release, database })).toEqual([]);
  });

  it("asks for recovery points of a day, if for any", () => {
    expect(siteWith().recovery).toBeUndefined();
    expect(siteWith({ recovery }).recovery).toEqual({ ...recovery, youngerThan: 86_400_000 });
  });

  it("is whole in the example", () => {
    const example = readFileSync(new URL("../../example/school.yaml", import.meta.url), "utf8");
    expect(readSiteConfiguration(example)).toMatchObject({ ok: true });
  });

  it.each([
    ["name", "two\nlines"],
    ["name", "<b>school</b>"],
    ["name", ""],
    ["administrator.email", { email: "ann", password: { secret: "x" } }],
    ["administrator.email", { email: "ann@school.example --adminpass=x", password: { secret: "x" } }],
    ["administrator.user", { email: "ann@school.example", user: "Ann", password: { secret: "x" } }],
    ["administrator.password", { email: "ann@school.example" }],
  ])("takes no %s that Moodle's installer would not", (path, value) => {
    expect(problems({ [path.split(".")[0] ?? ""]: value })).toEqual([expect.stringContaining(path)]);
  });

  it("tells field, value and what is allowed", () => {
    expect(problems({ address: "http://moodle.school.example/" })).toEqual([
      'address is "http://moodle.school.example/"; allowed: https:// and a host in lower case, without a path or a slash at the end',
    ]);
    expect(problems({ databse: {}, database: undefined })).toEqual([
      expect.stringMatching(/^database is missing; allowed: a mapping with the keys kind, version, host/),
      expect.stringMatching(/^databse is not a key here; allowed: did you mean database\?/),
    ]);
  });
});

describe("what cannot work is refused, with the reason", () => {
  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      "more workers than the database takes (criterion 48)",
      { database: { ...database, connections: 164 } },
      /^database\.connections is 164; allowed: 165 or more: 6 nodes × 20 workers \+ 6 × 2 cron processes = 132, and 80% may be used$/,
    ],
    [
      "an Aurora cluster called MySQL",
      { database: { ...database, kind: "mysql", version: "8.4", host: "m.cluster-c1.eu-west-1.rds.amazonaws.com" } },
      /^database\.kind is "mysql"; allowed: aurora-mysql: m\.cluster-/,
    ],
    [
      "a database that the release refuses",
      { database: { ...database, kind: "mysql", version: "8.0" } },
      /^database\.version is "8\.0"; allowed: 8\.4 or newer: Moodle 5\.1 refuses older mysql$/,
    ],
    [
      "a version that is older by its second number",
      { database: { ...database, version: "10.6.7" } },
      /^database\.version is "10\.6\.7"; allowed: 10\.11 or newer/,
    ],
    [
      "PHP that the release refuses",
      { release: "5.2", php: { ...php, version: "8.2" } },
      /^php\.version is "8\.2"; allowed: from 8\.3 to 8\.4 for Moodle 5\.2$/,
    ],
    [
      "PHP that is newer than the release",
      { release: "4.5", php: { ...php, version: "8.4" } },
      /^php\.version is "8\.4"; allowed: from 8\.1 to 8\.3/,
    ],
    [
      "Amazon Linux with a PHP that has no sodium there",
      { release: "4.5", php: { ...php, version: "8.1" } },
      /^php\.version is "8\.1"; allowed: 8\.2 or newer: Amazon Linux has no sodium for PHP 8\.1$/,
    ],
    [
      "a release that is not supported",
      { release: "4.1" },
      /^release is "4\.1"; allowed: .*one of 4\.5, 5\.0, 5\.1, 5\.2 and 5\.3$/,
    ],
    [
      "several nodes, each with a cache of its own",
      { cache: { local: {} } },
      /^cache\.local is \{\}; allowed: redis: with up to 6 nodes each would keep a cache of its own/,
    ],
    [
      "sessions that may be evicted",
      { sessions: { redis: { ...sessions.redis, eviction: "volatile-lru" } } },
      /^sessions\.redis\.eviction is "volatile-lru"; allowed: noeviction: any other policy logs people out/,
    ],
    [
      "sessions and cache on one server",
      { cache: { redis: { host: "sessions.school.example" } } },
      /^cache\.redis\.host is "sessions\.school\.example"; allowed: another server than that of the sessions/,
    ],
    [
      "cluster mode",
      { cache: { redis: { ...cache.redis, clusterMode: true } } },
      /^cache\.redis\.clusterMode is true; allowed: false: /,
    ],
    [
      "the application cache on memcached",
      { cache: { memcached: { host: "x" } } },
      /^cache\.memcached is .*; allowed: redis: memcached neither guarantees data nor locks/,
    ],
    ["the application cache on MongoDB", { cache: { mongodb: {} } }, /^cache\.mongodb is .*; allowed: redis: /],
    [
      "the application cache on the shared files",
      { cache: { files: {} } },
      /^cache\.files is .*; allowed: redis: a cache on the shared file system takes seconds/,
    ],
    [
      "hooks that end before three heartbeats",
      { nodes: { ...nodes, hookTimeout: "179s" } },
      /^nodes\.hookTimeout is "179s"; allowed: from 180s to 2h: heartbeats run every 60s/,
    ],
    [
      "a deregistration delay that cuts requests",
      { loadBalancer: { deregistrationDelay: "119s" } },
      /^loadBalancer\.deregistrationDelay is "119s"; allowed: php\.longestRequest, which is 2m, or more/,
    ],
    [
      "a forced setting that would stop the fleet's switch",
      { settings: { cron_enabled: true } },
      /^settings\.cron_enabled is true; allowed: left out: forced, it could no longer be switched off/,
    ],
    [
      "a forced setting that this file says elsewhere",
      { settings: { session_redis_host: "x" } },
      /^settings\.session_redis_host is "x"; allowed: left out: Warden writes it/,
    ],
    [
      "recovery points of other files",
      { recovery: { ...recovery, files: recovery.files.replace("fs-0", "fs-1") } },
      /^recovery\.files is "arn:[^;]*; allowed: the ARN of fs-0123456789abcdef0, where the files are$/,
    ],
    [
      "recovery points in two Regions",
      { recovery: { ...recovery, database: recovery.database.replace("eu-west-1", "us-east-1") } },
      /^recovery\.files is "arn:[^;]*; allowed: a file system in us-east-1, where the database is$/,
    ],
    [
      "recovery points of one instance of an Aurora cluster",
      { recovery, database: { ...database, kind: "aurora-mysql", version: "8.0" } },
      /^recovery\.database is "arn:[^;]*; allowed: the ARN of the cluster, as Aurora is backed up whole$/,
    ],
    [
      "recovery points that no backup is young enough for",
      { recovery: { ...recovery, youngerThan: "59m" } },
      /^recovery\.youngerThan is "59m"; allowed: 1h or more: backups take their time$/,
    ],
    [
      "something else than a database where recovery points are looked for",
      { recovery: { ...recovery, database: recovery.files } },
      /^recovery\.database is "arn:[^;]*; allowed: the ARN of an RDS instance or cluster/,
    ],
  ])("%s", (_, changes, problem) => expect(problems(changes)).toEqual([expect.stringMatching(problem)]));

  it("at its limits it is accepted", () => {
    expect(problems({ database: { ...database, connections: 165 } })).toEqual([]);
    expect(problems({ nodes: { ...nodes, hookTimeout: "180s" } })).toEqual([]);
    expect(problems({ loadBalancer: { deregistrationDelay: "120s" } })).toEqual([]);
    expect(problems({ cache: { local: {} }, nodes: { min: 1, max: 1 } })).toEqual([]);
    expect(problems({ recovery: { ...recovery, youngerThan: "1h" } })).toEqual([]);
  });
});

describe("a value that could become code is refused", () => {
  const hostile = ["a'b", 'a"b', "a b", "a;b", "$(id)", "`id`", "a\nb", "a\0b", "a?>b", "ä", "💥", "", "../x", "-x"];
  it.each([
    ["the host of the database", (host: string) => ({ database: { ...database, host } })],
    ["the name of the database", (name: string) => ({ database: { ...database, name } })],
    ["the prefix", (prefix: string) => ({ database: { ...database, prefix } })],
    ["a secret's name", (secret: string) => ({ database: { ...database, password: { secret } } })],
    ["the sessions' host", (host: string) => ({ sessions: { redis: { host } } })],
    ["the directory", (directory: string) => ({ files: { ...usual.files, directory } })],
    ["the site's name", (site: string) => ({ site })],
    ["the address", (host: string) => ({ address: `https://${host}` })],
    ["the time zone", (timeZone: string) => ({ timeZone })],
    ["the cron group", (group: string) => ({ cron: { group } })],
    [
      "a database's ARN",
      (name: string) => ({ recovery: { ...recovery, database: `arn:aws:rds:eu-west-1:123456789012:db:${name}` } }),
    ],
  ])("as %s", (_, changes) => {
    // A secret's ARN may have slashes and dots, and a leading hyphen is harmless there.
    for (const value of hostile) {
      const read = readSiteConfiguration(written(changes(value)));
      if (read.ok) expect([value, _]).toEqual([expect.stringMatching(/^(\.\.\/x|-x)$/), "a secret's name"]);
    }
  });
});
