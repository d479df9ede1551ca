/** What verification says of a PHP that is not what a release needs: the judge is run by real PHP, the facts are made up. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleOf } from "../src/bundle/index.ts";
import { releaseNames, releases } from "../src/site/index.ts";
import { type RealPhp, realPhp } from "./php.ts";
import { siteWith, usual } from "./sites.ts";

let php: RealPhp;
beforeAll(async () => {
  php = await realPhp();
  php.write("/judge.php", readFileSync(new URL("../node/lib/php-judge.php", import.meta.url), "utf8"));
});

type Facts = ReturnType<typeof factsOf>;

/** A PHP that is right, by the names that PHP gives its extensions. */
function factsOf(version = "8.3.14") {
  const names = [...releases["5.1"].extensions, "mysqli", "redis", "pcntl", "Zend OPcache"];
  const extensions: Record<string, string> = Object.fromEntries(names.map((name) => [name.toLowerCase(), version]));
  return { version, bits: 64, inputs: 5000, opcache: true, filecacheonly: false, extensions };
}
const without = (facts: Facts, ...names: string[]): Facts => ({
  ...facts,
  extensions: Object.fromEntries(Object.entries(facts.extensions).filter(([name]) => !names.includes(name))),
});

/** @returns what it finds wrong, line by line */
async function judged(commandLine: object | undefined, fpm: object | undefined, changes = {}): Promise<string[]> {
  php.write("/manifest.json", JSON.stringify(bundleOf(siteWith(changes)).manifest));
  php.write("/cli", commandLine === undefined ? "" : JSON.stringify(commandLine));
  php.write("/fpm", fpm === undefined ? "Segmentation fault" : JSON.stringify(fpm));
  const said = await php.evaluate(
    "$argv = ['', '/manifest.json', '/cli', '/fpm']; ob_start(); require '/judge.php'; echo json_encode(ob_get_clean());",
  );
  return String(said).split("\n").filter(Boolean);
}

describe("a PHP", () => {
  it("that is what the release needs", async () => {
    expect(await judged(factsOf(), without(factsOf(), "pcntl"))).toEqual([]);
  });

  it.each(releaseNames)("of another version than %s takes", async (release) => {
    const { least, highest } = releases[release].php;
    const site = { release, php: { version: highest, children: 20 } };
    for (const version of [`${least}.0`, `${highest}.99`]) {
      const facts = factsOf(version);
      expect(await judged(facts, facts, { ...site, database: { ...usual.database, version: "10.11" } })).toEqual([]);
    }
    for (const version of ["8.0.30", "8.5.1", "9.0.0"]) {
      const [found] = await judged(factsOf(version), factsOf(least), site);
      expect(found).toBe(`the command line is PHP ${version}, not from ${least} to ${highest}`);
    }
  });

  it.each([
    [without(factsOf(), "pcntl"), factsOf(), "the command line has no extension pcntl"],
    [factsOf(), without(factsOf(), "sodium", "mysqli"), "PHP-FPM has no extension sodium, mysqli"],
    [factsOf(), without(factsOf(), "redis"), "PHP-FPM has no extension redis"],
    [factsOf(), { ...factsOf(), bits: 32 }, "PHP-FPM is PHP of 32 bits"],
    [{ ...factsOf(), inputs: 1000 }, factsOf(), "the command line has max_input_vars 1000, less than 5000"],
    [factsOf(), { ...factsOf(), opcache: false }, "PHP-FPM has no OPcache at work"],
    [factsOf(), { ...factsOf(), filecacheonly: true }, "PHP-FPM keeps OPcache in files only"],
    [factsOf(), undefined, "PHP-FPM does not say what it is"],
    [undefined, factsOf(), "the command line does not say what it is"],
  ])("that is not: %#", async (commandLine, fpm, message) => {
    expect(await judged(commandLine, fpm)).toEqual([message]);
  });

  it.each([
    ["5.1.0", ["PHP-FPM has redis 5.1.0, not newer than 5.1.0"]],
    ["4.3.0", ["PHP-FPM has redis 4.3.0, not newer than 5.1.0"]],
    ["5.1.1", []],
    ["6.0.2", []],
  ])("whose phpredis is %s", async (version, found) => {
    const facts = factsOf();
    expect(await judged(facts, { ...facts, extensions: { ...facts.extensions, redis: version } })).toEqual(found);
  });

  it("needs what its site uses", async () => {
    const postgresql = { ...usual.database, kind: "postgresql", version: "16" };
    const site = { database: postgresql, sessions: { database: {} }, cache: { local: {} }, nodes: { min: 1, max: 1 } };
    const facts = without(factsOf(), "redis");
    expect(await judged(facts, facts, site)).toEqual(
      ["the command line", "PHP-FPM"].map((which) => `${which} has no extension pgsql`),
    );
  });
});
