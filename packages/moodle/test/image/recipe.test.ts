/** What goes into an image, for each release, database and session store, on both platforms. */
import { describe, expect, it } from "vitest";
import { phpNeeds } from "../../src/bundle/php-needs.ts";
import { recipeOf } from "../../src/image/index.ts";
import { isAtLeast, releaseNames, releases } from "../../src/site/releases.ts";
import { siteWith, usual } from "../sites.ts";

const databases = [
  { kind: "aurora-mysql", version: "8.0" },
  { kind: "mysql", version: "8.4" },
  { kind: "mariadb", version: "11.4" },
  { kind: "postgresql", version: "17" },
];
const stores = [
  { sessions: usual.sessions },
  { sessions: { memcached: { host: "m.example" } } },
  { sessions: { database: {} } },
];
const caches = [{ cache: usual.cache }, { cache: { local: {} }, nodes: { min: 1, max: 1 } }];

/** Each combination that a site may have on a platform. */
const sitesOn = (platform: string) =>
  releaseNames.flatMap((release) =>
    ["8.1", "8.2", "8.3", "8.4"]
      .filter((php) => isAtLeast(php, releases[release].php.least) && isAtLeast(releases[release].php.highest, php))
      .filter((php) => platform === "debian" || php !== "8.1")
      .flatMap((php) =>
        databases.flatMap((database) =>
          stores.flatMap((store) =>
            caches.map((cache) =>
              siteWith({
                release,
                php: { ...usual.php, version: php },
                database: { ...usual.database, ...database },
                ...store,
                ...cache,
                nodes: { ...(cache.nodes ?? usual.nodes), platform },
              }),
            ),
          ),
        ),
      ),
  );

/** Of each PHP from 8.2 to 8.4, as Amazon's release notes list them: 2023.6.20250303, 2023.7.20250331, 2023.8.20250818, 2023.10.20260216. */
const amazons = [
  ...[
    "bcmath",
    "cli",
    "common",
    "dba",
    "dbg",
    "devel",
    "embedded",
    "enchant",
    "ffi",
    "fpm",
    "gd",
    "gmp",
    "intl",
    "ldap",
  ],
  ...[
    "mbstring",
    "modphp",
    "mysqlnd",
    "odbc",
    "opcache",
    "pdo",
    "pgsql",
    "process",
    "snmp",
    "soap",
    "sodium",
    "tidy",
    "xml",
  ],
  ...["zip", "pecl-apcu", "pecl-igbinary", "pecl-msgpack", "pecl-redis6", "pecl-memcached"],
];

describe("on Amazon Linux", () => {
  const sites = sitesOn("amazon-linux-2023");

  it("names packages of this PHP alone, and none that Amazon does not have", () => {
    expect(sites.length).toBeGreaterThan(200);
    for (const site of sites) {
      const ofPhp = recipeOf(site).packages.filter((name) => name.startsWith("php"));
      const known = amazons.map((name) => `php${site.php.version}-${name}`);
      expect(ofPhp.filter((name) => !known.includes(name))).toEqual([]);
    }
  });

  it("has the package of each extension that has one of its own", () => {
    // `pecl-redis6` is redis; the others go by PHP's own name.
    const own = new Map(amazons.map((name) => [name.replace(/^pecl-/, "").replace(/\d$/, ""), name]));
    for (const site of sites) {
      const { packages, php } = recipeOf(site);
      for (const extension of [...php.extensions, ...php.commandLine]) {
        const name = own.get(extension.toLowerCase().replace("zend ", "").replace("mysqli", "mysqlnd"));
        if (name !== undefined) expect(packages, extension).toContain(`php${site.php.version}-${name}`);
      }
    }
  });

  it("never replaces the curl that its images have", () => {
    for (const site of sites) expect(recipeOf(site).packages).not.toContain("curl");
  });

  it("has its agents, and what mounts the files", () => {
    const agents = ["amazon-ssm-agent", "amazon-cloudwatch-agent", "chrony"];
    expect(recipeOf(siteWith()).packages).toEqual(expect.arrayContaining([...agents, "amazon-efs-utils"]));
    expect(recipeOf(siteWith()).brought).toEqual([]);
    const nfs = recipeOf(siteWith({ files: { nfs: "files.school.example", export: "/moodle" } })).packages;
    expect(nfs).toContain("nfs-utils");
    expect(nfs).not.toContain("amazon-efs-utils");
  });
});

describe("on Debian", () => {
  const debian = { nodes: { ...usual.nodes, platform: "debian" } };

  it("names packages of this PHP alone", () => {
    for (const site of sitesOn("debian"))
      for (const name of recipeOf(site).packages.filter((each) => each.startsWith("php")))
        expect(name).toMatch(new RegExp(`^php${site.php.version.replace(".", "\\.")}-[a-z0-9]+$`));
  });

  it("brings along what Debian does not have, and of it only what the site uses", () => {
    const brought = (changes: object) =>
      recipeOf(siteWith({ ...debian, ...changes })).brought.map((each) => each.package);
    expect(brought({})).toEqual(["amazon-ssm-agent", "amazon-cloudwatch-agent", "amazon-efs-utils"]);
    expect(brought({ files: { nfs: "files.school.example", export: "/moodle" } })).not.toContain("amazon-efs-utils");
  });

  it("has nothing of AWS in the lab", () => {
    const { packages, brought, enabled } = recipeOf(siteWith(debian), "lab");
    expect([...packages, ...enabled].filter((name) => /amazon|chrony|nfs/.test(name))).toEqual([]);
    expect(brought).toEqual([]);
  });
});

it("asks PHP for all that verification will ask for", () => {
  for (const site of [...sitesOn("debian"), ...sitesOn("amazon-linux-2023")]) {
    const { php } = recipeOf(site);
    expect(php.extensions).toEqual(expect.arrayContaining([...phpNeeds(site).extensions]));
    expect(php.commandLine).toEqual(phpNeeds(site).commandLine);
  }
});

it.each([
  [{ sessions: { memcached: { host: "m.example" } }, cache: { local: {} }, nodes: { min: 1, max: 1 } }, ["memcached"]],
  [{ sessions: { database: {} }, cache: { local: {} }, nodes: { min: 1, max: 1 } }, []],
  [{}, ["redis"]],
])("with %j has the extensions %j for sessions and caches", (changes, expected) => {
  const found = recipeOf(siteWith(changes)).php.extensions.filter((name) => ["redis", "memcached"].includes(name));
  expect(found).toEqual(expected);
});

it("masks the distribution's own PHP-FPM", () => {
  expect(recipeOf(siteWith()).masked).toEqual(["php-fpm.service"]);
  expect(recipeOf(siteWith({ nodes: { ...usual.nodes, platform: "debian" } })).masked).toContain("php8.3-fpm.service");
});
