/** The script that makes an image: what a real shell makes of its data, and which packages it asks for. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseTar } from "nanotar";
import { afterAll, describe, expect, it } from "vitest";
import { imageOf, recipeOf } from "../../src/image/index.ts";
import { siteWith, usual } from "../sites.ts";

const onDebian = siteWith({ nodes: { ...usual.nodes, platform: "debian" } });
const program = readFileSync(new URL("../../node/image/prepare.sh", import.meta.url), "utf8");

const scriptOf = (site: typeof onDebian): string => {
  const { text = "" } = imageOf(recipeOf(site)).files.find(({ name }) => name === "prepare.sh") ?? {};
  expect(text.endsWith(`\n${program}`)).toBe(true);
  return text;
};

/** Everything but the call of `main`, then these lines. */
function runParts(site: typeof onDebian, lines: string): string[] {
  const script = scriptOf(site).replace(/\nmain\n$/, `\n${lines}\n`);
  return execFileSync("/bin/sh", { input: script, encoding: "utf8" }).split("\n").filter(Boolean);
}

describe("the archive", () => {
  it("of the same recipe is the same, and named by what is in it", () => {
    const [first, second] = [imageOf(recipeOf(onDebian)), imageOf(recipeOf(onDebian))];
    expect(Buffer.compare(first.archive, second.archive)).toBe(0);
    expect(first.digest).toBe(createHash("sha256").update(second.archive).digest("hex"));
    expect(imageOf(recipeOf(siteWith())).name).not.toBe(first.name);
  });

  it("holds the script and every program of a node's", () => {
    const { archive, files } = imageOf(recipeOf(onDebian));
    const names = parseTar(archive).map(({ name }) => name);
    expect(names).toEqual(files.map(({ name }) => name));
    const needed = [
      "prepare.sh",
      "node/install.sh",
      "node/watcher",
      "node/warden-node",
      "node/lib/all.sh",
      "node/lib/json.php",
    ];
    expect(names).toEqual(expect.arrayContaining(needed));
  });
});

describe("what a site's configuration says", () => {
  const canary = `/tmp/warden-canary-${process.pid}`;
  const hostile = [
    "'; touch CANARY; '",
    "$(touch CANARY)",
    "`touch CANARY`",
    "\ntouch CANARY\n",
    "'\\''; touch CANARY #",
    "}; touch CANARY",
  ];

  it.each(hostile)("is never run, were it %j", (text) => {
    const version = text.replaceAll("CANARY", canary);
    const site = { ...onDebian, php: { ...onDebian.php, version } };
    const { packages, masked, php } = recipeOf(site);
    const lines = "with_packages printf '%s\\n'; with_masked printf '%s\\n'; printf '%s\\n' \"$php\" \"$fpm\"";
    const expected = [...packages, ...masked, php.program, php.fpm].join("\n").split("\n").filter(Boolean);
    expect(runParts(site, lines)).toEqual(expected);
    expect(existsSync(canary)).toBe(false);
  });
});

describe("preparing", () => {
  const folder = mkdtempSync(join(tmpdir(), "warden-prepare-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What these parts print, with programs that stand in for the system's own. */
  function prepared(site: typeof onDebian, programs: Readonly<Record<string, string>>, lines: string): string[] {
    const place = mkdtempSync(join(folder, "programs-"));
    for (const [name, text] of Object.entries(programs))
      writeFileSync(join(place, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return runParts(site, `exec 2>&1; trap 'exit 0' EXIT; PATH=${place}:$PATH\n${lines}`);
  }
  const named = (names: string): string => `for last; do :; done; case $last in ${names}) exit 1 ;; esac`;
  const says = (name: string): string => `echo ${name} "$@"`;

  it("installs from Debian what is missing, and only that", () => {
    const query = `${named("nginx | php8.3-intl")}; echo installed`;
    expect(
      prepared(onDebian, { "dpkg-query": query, "apt-get": says("apt-get") }, "with_packages install_missing"),
    ).toEqual(["apt-get --quiet update", "apt-get --quiet --yes --no-install-recommends install -- nginx php8.3-intl"]);
    const all = { "dpkg-query": "echo installed", "apt-get": says("apt-get") };
    expect(prepared(onDebian, all, "with_packages install_missing")).toEqual([]);
  });

  it.each(["config-files", "not-installed", "half-installed"])("takes a package that is %s for missing", (status) => {
    const programs = { "dpkg-query": `echo ${status}`, "apt-get": says("apt-get") };
    expect(prepared(onDebian, programs, "install_missing nginx")).toHaveLength(2);
  });

  it("installs from Amazon Linux what is missing, and only that", () => {
    const programs = { rpm: named("nginx | php8.3-sodium"), dnf: says("dnf") };
    expect(prepared(siteWith(), programs, "with_packages install_missing")).toEqual([
      "dnf --quiet --assumeyes --setopt=install_weak_deps=False install -- nginx php8.3-sodium",
    ]);
  });

  it("says what the repositories may lack", () => {
    const programs = { rpm: "exit 1", dnf: "exit 1" };
    expect(prepared(siteWith(), programs, "install_missing php8.3-fpm; echo goes on")).toEqual([
      "prepare: the system's repositories do not give all of: php8.3-fpm; has it this version of PHP?",
    ]);
  });

  it("says which package nobody brought along", () => {
    expect(prepared(onDebian, {}, "bring no-such-agent /no/such/program some.service")).toEqual([
      expect.stringMatching(/^prepare: no-such-agent is in no repository of Debian: put Amazon's \.deb of it into \//),
    ]);
  });

  it("starts an agent that is there with the machine, and leaves alone what needs no unit", () => {
    const lines = "bring some-agent /bin/sh some.service some-helper /bin/sh ''";
    expect(prepared(onDebian, { systemctl: says("systemctl") }, lines)).toEqual([
      "systemctl enable --quiet -- some.service",
    ]);
  });

  it.each([
    ["7.81.0", "prepare: curl is older than 7.84"],
    ["7.84.0", "fine"],
    ["8.5.0", "fine"],
    ["10.0.0", "fine"],
  ])("has curl %s judged", (version, expected) => {
    const programs = { curl: `echo "curl ${version} (x86_64-pc-linux-gnu) libcurl/${version}"` };
    const others = "command() { :; }; has_extensions() { :; }";
    expect(prepared(onDebian, programs, `${others}\nprove; echo fine`)).toEqual([expected]);
  });

  it("ends where PHP lacks an extension, in whatever letters PHP writes it", () => {
    const php = join(folder, "php");
    writeFileSync(php, "#!/bin/sh\nprintf '[PHP Modules]\\nSimpleXML\\nmysqli\\n'\n", { mode: 0o755 });
    expect(prepared(onDebian, {}, `has_extensions ${php} simplexml mysqli; echo fine`)).toEqual(["fine"]);
    expect(prepared(onDebian, {}, `has_extensions ${php} mysqli mysql; echo fine`)).toEqual([
      `prepare: ${php} has no extension mysql`,
    ]);
  });
});
