/** From a lock to an archive: the same from the same, and nothing from what does not fit. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { problemInWords } from "@warden/yaml";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf, filesOf, sha256Of } from "../../src/release/files.ts";
import { buildRelease, type Lock, Refusal, type Release, readLock } from "../../src/release/index.ts";
import { attendance, moodle, type Tree, versionPhp, write } from "./tree.ts";

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-release-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fresh = (): string => join(folder, `f${count++}`);

interface Made {
  readonly moodle?: Tree;
  readonly plugins?: Readonly<
    Record<
      string,
      {
        readonly tree?: Tree;
        readonly source?: string;
        readonly version?: string;
        readonly path?: string;
        readonly sha256?: string;
      }
    >
  >;
}

/** Sources on the disk, and a lock that pins them as they are. */
async function lockOf({ moodle: tree = moodle, plugins = {} }: Made = {}): Promise<Lock> {
  const pinned = async (source: string) => ({
    source,
    sha256: statSync(source).isDirectory() ? digestOf(await filesOf(source)) : await sha256Of(source),
  });
  const named: Record<string, Lock["plugins"][string]> = {};
  for (const [
    name,
    { tree: files, source = write(fresh(), files ?? {}), version = "2025010100", ...more },
  ] of Object.entries(plugins))
    named[name] = { ...(await pinned(source)), version, ...more };
  return { moodle: { ...(await pinned(write(fresh(), tree))), version: "4.5.1" }, plugins: named };
}

const noFetch = () => Promise.reject(new Error("nothing is to be fetched"));

const build = (lock: Lock, fetch: (address: string) => Promise<Response> = noFetch): Promise<Release> =>
  buildRelease(lock, { sources: { beside: folder, fetch }, output: fresh(), tell: () => {} });

async function refusalOf(lock: Lock | Promise<Lock>, fetch?: (address: string) => Promise<Response>): Promise<string> {
  try {
    await build(await lock, fetch);
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  throw new Error("it was built");
}

/** As the node unpacks it. */
function unpacked({ file }: Release): string {
  const to = fresh();
  mkdirSync(to);
  execFileSync("tar", ["--extract", "--gzip", "--file", file, "--directory", to]);
  return to;
}

const zipOf = (files: Tree): string => {
  const file = `${fresh()}.zip`;
  const bytes = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
  return writeBytes(file, zipSync(bytes));
};
const writeBytes = (file: string, bytes: Uint8Array): string => {
  execFileSync("tee", [file], { input: bytes });
  return file;
};

describe("a release", () => {
  it("is the same to the byte, wherever and whenever it is built", async () => {
    const plugins = { mod_attendance: { tree: attendance() } };
    const first = await lockOf({ plugins });
    const again = await lockOf({ plugins });
    for (const path of ["index.php", "version.php"]) utimesSync(join(again.moodle.source, path), 1, 1);
    const [one, two] = [await build(first), await build(again)];
    expect(two.digest).toBe(one.digest);
    expect(readFileSync(two.file).equals(readFileSync(one.file))).toBe(true);
    expect(one.digest).toBe(await sha256Of(one.file));
    expect(one.name).toBe(`4.5.1-${one.digest.slice(0, 32)}`);
  });

  it("holds each plugin where this Moodle looks for it, and says what it is", async () => {
    const plugins = {
      mod_attendance: { tree: attendance() },
      block_news: { tree: { "version.php": versionPhp("block_news") } },
    };
    const { manifest, ...release } = await build(await lockOf({ plugins }));
    expect(manifest).toEqual({
      ...{ v: 1, moodle: "4.5.1 (Build: 20241202)", branch: "405", files: 8 },
      versionsHash: expect.stringMatching(/^[0-9a-f]{40}$/),
      plugins: {
        block_news: { version: "2025010100", path: "blocks/news" },
        mod_attendance: { version: "2025010100", path: "mod/attendance" },
      },
    });
    const code = unpacked({ manifest, ...release });
    expect(readFileSync(join(code, "mod/attendance/lib.php"), "utf8")).toBe("<?php // attendance\n");
    expect(JSON.parse(readFileSync(join(code, "release.json"), "utf8"))).toEqual(manifest);
    const bill = JSON.parse(readFileSync(join(code, "bill-of-materials.json"), "utf8"));
    expect(bill.components.map(({ name }: { name: string }) => name)).toEqual([
      "moodle",
      "mod_attendance",
      "block_news",
    ]);
  });

  it("comes from archives, too, with or without a folder around everything, and from an address", async () => {
    const around = Object.fromEntries(Object.entries(attendance()).map(([path, text]) => [`attendance/${path}`, text]));
    const tgz = `${fresh()}.tgz`;
    execFileSync("tar", ["--create", "--gzip", "--file", tgz, "--directory", write(fresh(), around), "attendance"]);
    const digests: string[] = [];
    for (const source of [zipOf(around), zipOf(attendance()), tgz]) {
      const lock = await lockOf({ plugins: { mod_attendance: { source } } });
      digests.push(digestOf(await filesOf(join(unpacked(await build(lock)), "mod"))));
      const { sha256, version } = lock.plugins["mod_attendance"] ?? { sha256: "", version: "" };
      const far = `https://plugins.example/attendance${source.endsWith(".zip") ? ".zip" : ".tgz"}`;
      const fetch = async (address: string) => {
        expect(address).toBe(far);
        return new Response(readFileSync(source));
      };
      const fetched = await build({ ...lock, plugins: { mod_attendance: { source: far, sha256, version } } }, fetch);
      digests.push(digestOf(await filesOf(join(unpacked(fetched), "mod"))));
    }
    expect(new Set(digests).size).toBe(1);
  });

  it("has plugins of types that another plugin brings", async () => {
    const parent = {
      ...attendance(),
      "db/subplugins.json": JSON.stringify({ subplugintypes: { attendancereport: "report" } }),
    };
    const plugins = {
      attendancereport_day: { tree: { "version.php": versionPhp("attendancereport_day") } },
      mod_attendance: { tree: parent },
    };
    const { manifest } = await build(await lockOf({ plugins }));
    expect(manifest.plugins["attendancereport_day"]?.path).toBe("mod/attendance/report/day");
  });

  it("keeps what may be executed, takes away who owned it, and gives each content a time of its own", async () => {
    const lock = await lockOf();
    const { source } = lock.moodle;
    chmodSync(join(source, "index.php"), 0o777);
    const listed = execFileSync(
      "tar",
      [
        "--list",
        "--verbose",
        "--gzip",
        "--file",
        (await build({ ...lock, moodle: { ...lock.moodle, sha256: digestOf(await filesOf(source)) } })).file,
      ],
      { encoding: "utf8" },
    );
    expect(listed).toMatch(/^-rwxr-xr-x root\/root .* index\.php$/m);
    expect(listed).toMatch(/^-rw-r--r-- root\/root .* version\.php$/m);
    const other = await lockOf({ moodle: { ...moodle, "index.php": "<?php echo 'hullo';\n" } });
    const time = async (built: Release) => statSync(join(unpacked(built), "index.php")).mtimeMs;
    expect(await time(await build(other))).not.toBe(await time(await build(await lockOf())));
  });

  it("has the libraries that Moodle wants, as Composer installs them, unless they are there", async () => {
    const wanting = {
      ...moodle,
      "composer.json": JSON.stringify({ require: { php: ">=8.2", "slim/slim": "^4" } }),
      "composer.lock": "{}",
    };
    const bin = write(fresh(), {
      // Stands for Composer, which fetches from the internet.
      composer: `#!/bin/sh\nmkdir -p vendor && echo "<?php // $*" > vendor/autoload.php && cat composer.lock > vendor/lock\n`,
    });
    chmodSync(join(bin, "composer"), 0o755);
    const path = process.env["PATH"];
    process.env["PATH"] = `${bin}:${path}`;
    try {
      const code = unpacked(await build(await lockOf({ moodle: wanting })));
      expect(readFileSync(join(code, "vendor/autoload.php"), "utf8")).toContain(
        "install --no-dev --classmap-authoritative",
      );
      expect(readFileSync(join(code, "vendor/lock"), "utf8")).toBe("{}");
      const there = await lockOf({ moodle: { ...wanting, "vendor/autoload.php": "<?php // theirs" } });
      expect(readFileSync(join(unpacked(await build(there)), "vendor/autoload.php"), "utf8")).toBe("<?php // theirs");
      process.env["PATH"] = fresh();
      expect(await refusalOf(lockOf({ moodle: wanting }))).toBe(
        "Moodle wants libraries, and there is no composer here",
      );
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("leaves out what belongs to the place where it was developed", async () => {
    const lock = await lockOf({ moodle: { ...moodle, ".git/config": "x", "node_modules/a/index.js": "x" } });
    expect((await build(lock)).digest).toBe((await build(await lockOf())).digest);
  });
});

describe("a release is refused", () => {
  it("when a byte is another than the pinned ones, of a directory or of an archive", async () => {
    const lock = await lockOf();
    write(lock.moodle.source, { "index.php": "<?php echo 'Hello';\n" });
    expect(await refusalOf(lock)).toMatch(/^moodle: \S+ has the SHA-256 [0-9a-f]{64}, and the lock pins [0-9a-f]{64}$/);
    const zip = zipOf(attendance());
    const pinned = await lockOf({ plugins: { mod_attendance: { source: zip } } });
    execFileSync("sh", ["-c", 'printf x >> "$1"', "sh", zip]);
    expect(await refusalOf(pinned)).toMatch(/^mod_attendance: .* has the SHA-256/);
  });

  it.each([
    [
      "another release of Moodle",
      { moodle: { ...moodle, "version.php": (moodle["version.php"] ?? "").replace("4.5.1 ", "4.5.2 ") } },
      "moodle: its code is 4.5.2, and the lock pins 4.5.1",
    ],
    [
      "a configuration in the code",
      { moodle: { ...moodle, "config.php": "<?php" } },
      "Moodle's source holds a config.php",
    ],
    [
      "code that is no Moodle",
      { moodle: { "index.php": "<?php" } },
      expect.stringMatching(/^the code does not say what it is: /),
    ],
    [
      "a plugin that PHP cannot read",
      { plugins: { mod_attendance: { tree: { "version.php": "<?php $plugin->version = ;" } } } },
      expect.stringMatching(/^the code does not say what it is: .*syntax error.*mod\/attendance\/version\.php/),
    ],
    [
      "a plugin for newer branches",
      plugin({ supported: "[500, 502]" }),
      "mod_attendance: it supports the branches 500 to 502, and this is 405",
    ],
    [
      "a plugin for older branches",
      plugin({ supported: "[401, 404]" }),
      "mod_attendance: it supports the branches 401 to 404, and this is 405",
    ],
    [
      "a plugin that stopped working before",
      plugin({ incompatible: 405 }),
      "mod_attendance: it does not work from branch 405 on, and this is 405",
    ],
    [
      "a plugin that requires more",
      plugin({ requires: 2025041400 }),
      "mod_attendance: it requires Moodle 2025041400, and this is 2024100701.1",
    ],
    [
      "a plugin without what it needs",
      plugin({ dependencies: "['mod_book' => ANY_VERSION_]".replace("ANY_VERSION_", "'any'") }),
      "mod_attendance: it needs mod_book, which is not there",
    ],
    [
      "a plugin with too old a neighbour",
      plugin({ dependencies: "['mod_page' => 2024100799]" }),
      "mod_attendance: it needs mod_page 2024100799 or newer, and this has 2024100700",
    ],
    [
      "another version of a plugin",
      plugin({ version: 2025010101 }),
      "mod_attendance: its version is 2025010101, and the lock pins 2025010100",
    ],
    [
      "another plugin than it is called",
      { plugins: { mod_attendance: { tree: { "version.php": versionPhp("mod_presence") } } } },
      "mod_attendance: its version.php calls it mod_presence",
    ],
    [
      "a plugin where Moodle does not look",
      { plugins: { mod_attendance: { tree: attendance(), path: "plugins/attendance" } } },
      "mod_attendance: Moodle does not find it in plugins/attendance",
    ],
    [
      "a plugin of no known type",
      { plugins: { theme_blue: { tree: { "version.php": versionPhp("theme_blue") } } } },
      "theme_blue: this Moodle has no such type of plugin",
    ],
    [
      "a plugin that Moodle brings itself",
      { plugins: { mod_page: { tree: { "version.php": versionPhp("mod_page") } } } },
      "mod_page: mod/page/version.php is there already",
    ],
  ])("for %s", async (_, made, message) => {
    expect(await refusalOf(lockOf(made))).toEqual(message);
  });

  it("when the loader of Moodle's configuration is missing, which a list of files to ignore easily names", async () => {
    const inPublic = Object.fromEntries(Object.entries(moodle).map(([path, text]) => [`public/${path}`, text]));
    expect(await refusalOf(lockOf({ moodle: inPublic }))).toBe(
      "public/config.php is missing, by which every page of Moodle finds its configuration",
    );
  });

  it("for every problem at once", async () => {
    const plugins = {
      mod_attendance: { tree: attendance({ requires: 2099010100 }) },
      block_news: { tree: { "version.php": versionPhp("block_news", { version: 1 }) } },
    };
    expect((await refusalOf(lockOf({ plugins }))).split("\n")).toHaveLength(2);
  });

  it("when a source is gone, or an address answers with an error", async () => {
    const lock = await lockOf();
    const away = { ...lock, moodle: { ...lock.moodle, source: "nowhere.tgz" } };
    expect(await refusalOf(away)).toBe(`moodle: there is no ${join(folder, "nowhere.tgz")}`);
    const far = { ...lock, moodle: { ...lock.moodle, source: "https://packages.example/moodle.tgz" } };
    expect(await refusalOf(far, async () => new Response("", { status: 404 }))).toBe(
      "moodle: https://packages.example/moodle.tgz answers 404",
    );
  });

  it("when an archive leads out of its folder, holds a link, or is none", async () => {
    const outside = zipOf({ "../../evil.php": "<?php" });
    expect(await refusalOf(lockOf({ plugins: { mod_attendance: { source: outside } } }))).toMatch(
      /lies outside of it$/,
    );
    const source = write(fresh(), attendance());
    symlinkSync("/etc/passwd", join(source, "passwd"));
    const linked = `${fresh()}.tgz`;
    execFileSync("tar", ["--create", "--gzip", "--file", linked, "--directory", source, "."]);
    expect(await refusalOf(lockOf({ plugins: { mod_attendance: { source: linked } } }))).toMatch(
      /passwd is neither a file nor a directory|cannot be unpacked/,
    );
    const noise = writeBytes(`${fresh()}.tgz`, Buffer.from("not an archive"));
    expect(await refusalOf(lockOf({ plugins: { mod_attendance: { source: noise } } }))).toMatch(/cannot be unpacked/);
  });
});

function plugin(more: Readonly<Record<string, string | number>>): Made {
  return { plugins: { mod_attendance: { tree: attendance(more) } } };
}

describe("moodle.lock", () => {
  const pin = { source: "moodle.tgz", version: "4.5.1", sha256: "a".repeat(64) };
  const problems = (lock: object): string[] => {
    const read = readLock(JSON.stringify(lock));
    return read.ok ? [] : read.problems.map(problemInWords);
  };

  it("pins Moodle, with plugins or without", () => {
    expect(problems({ moodle: pin })).toEqual([]);
    expect(
      problems({
        moodle: { ...pin, source: "https://packages.example/moodle.tgz" },
        plugins: { mod_attendance: { ...pin, version: "2025010100" } },
      }),
    ).toEqual([]);
  });

  it.each([
    ["no checksum", { moodle: { ...pin, sha256: undefined } }],
    ["a checksum of another length", { moodle: { ...pin, sha256: "abc" } }],
    ["an address that nobody can trust", { moodle: { ...pin, source: "http://packages.example/moodle.tgz" } }],
    ["a plugin without its type", { moodle: pin, plugins: { attendance: pin } }],
    [
      "a path that leads out",
      { moodle: pin, plugins: { mod_attendance: { ...pin, version: "2025010100", path: "mod/../../x" } } },
    ],
  ])("is refused with %s", (_, lock) => {
    expect(problems(lock)).toHaveLength(1);
  });
});
