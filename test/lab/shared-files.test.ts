/** The lab's shared file system as a fault: slow, hung or failing, for one machine or for all, and gone without a trace. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type SharedFiles, sharedFiles } from "@warden/lab/files";
import { sharedFilesProgram } from "@warden/lab/files/build";
import { ended, run, until } from "@warden/lab/processes";
import { LabRefusal } from "@warden/lab/refusal";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

let folder: string;
let shared: SharedFiles;
let one: string;
let two: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let tests = 0;
/** Its processes and mounts are known by this name. */
let own: string;
beforeEach(async () => {
  tests += 1;
  own = join(folder, String(tests));
  mkdirSync(own);
  shared = await sharedFiles({ folder: own, owner: { uid: 33, gid: 33 }, within: [] });
  [one, two] = [await shared.mountFor("one"), await shared.mountFor("two")];
  writeFileSync(join(own, "efs/file"), "contents");
});
afterEach(() => shared.end());

const mounts = (): number => readFileSync("/proc/self/mounts", "utf8").split(` ${own}/`).length - 1;
/** Never from Node's own thread, which has to heal what hangs. */
const sh = async (script: string): Promise<string> => {
  const { stdout } = await promisify(execFile)("bash", ["-euc", script], { env: { ...process.env, one, two } });
  return stdout.trim();
};
const failureOf = (script: string): Promise<string> => sh(script).then(() => "", String);
const daemonOf = (mount: string): number => Number(run("pgrep", ["--full", `shared-files-.* ${mount}$`]).trim());
const elapsed = async (what: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await what();
  return performance.now() - began;
};
const eventually = (holds: () => boolean | Promise<boolean>, what: string): Promise<void> =>
  until(async () => {
    if (!(await holds())) throw new Error(what);
  }, what);
/** A program that has asked for a file, and got no answer. Once healed, it may be gone before anybody listens: hence `closed`. */
async function blocked(): Promise<{ child: ChildProcess; closed: Promise<unknown> }> {
  const before = await shared.counts("one");
  const child = spawn("cat", [join(one, "file")], { stdio: ["ignore", "pipe", "ignore"] });
  const closed = once(child, "close");
  await eventually(async () => (await shared.counts("one")).metadata > before.metadata, "the request is there");
  return { child, closed };
}

describe("slow", () => {
  /** Seconds for so many files that nobody looked at before, by so many threads. */
  const look = async (files: number, threads: number): Promise<number> =>
    Number(
      await sh(`/usr/bin/python3 -c '
import os, sys, time
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(${threads}) as pool:
    began = time.monotonic()
    list(pool.map(lambda i: os.path.exists("%s/%d-%d" % (sys.argv[1], ${threads}, i)), range(${files})))
    print(time.monotonic() - began)' $one`),
    );

  it("lets every request wait, and beside each other", async () => {
    await shared.set({ metadataDelay: 40 });
    const alone = await look(50, 1);
    expect(alone).toBeGreaterThan(50 * 0.04);
    expect(await look(50, 10)).toBeLessThan(alone / 2);
  });

  it("takes fractions of a millisecond", async () => {
    await shared.set({ metadataDelay: 0.9 });
    expect(await look(2000, 1)).toBeGreaterThan(2000 * 0.0009);
  });

  it.each([
    ["readDelay", "cat $one/file"],
    ["writeDelay", "echo more >>$one/file"],
    ["writeDelay", "mkdir $one/folder"],
    ["metadataDelay", "stat $one/file"],
    ["lockDelay", "flock $one/file true"],
  ])("has a %s of its own for %s", async (delay, script) => {
    await shared.set({ [delay]: 500 }, "one");
    const slow = await elapsed(() => sh(script));
    expect(slow).toBeGreaterThan(500);
    const others = { readDelay: 20_000, writeDelay: 20_000, metadataDelay: 20_000, lockDelay: 20_000, [delay]: 0 };
    await shared.set(delay === "metadataDelay" ? others : { ...others, metadataDelay: 0 }, "one");
    expect(await elapsed(() => sh(script.replace("folder", "other")))).toBeLessThan(20_000);
  });

  it("is so for machines that come later, too", async () => {
    await shared.set({ metadataDelay: 300 });
    const later = await shared.mountFor("later");
    expect(await elapsed(() => sh(`stat ${later}/file`))).toBeGreaterThan(300);
  });
});

describe("hung", () => {
  it("answers nobody on one machine and everybody on the others, until it is healed", async () => {
    await shared.set({ hangs: true }, "one");
    const { child, closed } = await blocked();
    expect(await sh("cat $two/file; echo more >$two/other; ls $two")).toMatch(/^contents/);
    expect(child.exitCode).toBe(null);
    await shared.set({ hangs: false }, "one");
    await closed;
    expect(child.exitCode).toBe(0);
  });

  it("keeps more than it has threads, and lets all of them go", async () => {
    await shared.set({ hangs: true }, "one");
    const all = sh(`/usr/bin/python3 -c '
import os, sys, threading
found = []
threads = [threading.Thread(target=lambda i=i: found.append(os.path.exists("%s/%d" % (sys.argv[1], i)))) for i in range(700)]
for each in threads: each.start()
for each in threads: each.join()
print(len(found))' $one`);
    await eventually(async () => (await shared.counts("one")).metadata >= 400, "hundreds wait");
    await shared.set({ hangs: false });
    expect(await all).toBe("700");
  });

  it("sets free who waits when its process dies; another mount takes its place", async () => {
    await shared.set({ hangs: true }, "one");
    const { child, closed } = await blocked();
    process.kill(daemonOf(one), "SIGKILL");
    await closed;
    expect(child.exitCode).toBe(1);
    await expect(shared.set({ hangs: false }, "one")).rejects.toThrow("has ended");
    expect(await sh("cat $two/file")).toBe("contents");
    await shared.unmount("one");
    expect(await shared.mountFor("one")).toBe(one);
    expect(await sh("cat $one/file")).toBe("contents");
  });
});

describe("failing", () => {
  it("says the error that it was told, until it is told of none", async () => {
    await shared.set({ fails: "EIO" }, "one");
    expect(await failureOf("cat $one/file")).toContain("Input/output error");
    expect(await sh("cat $two/file")).toBe("contents");
    await shared.set({ fails: undefined }, "one");
    expect(await sh("cat $one/file")).toBe("contents");
  });

  it("still reads when it has no room", async () => {
    await shared.set({ fails: "ENOSPC" });
    expect(await failureOf("echo more >>$one/file")).toContain("No space left");
    expect(await sh("cat $one/file")).toBe("contents");
  });
});

describe("counted", () => {
  it("has each request under its kind, for one machine and for all", async () => {
    const before = await shared.counts();
    expect(await shared.counts("one")).toEqual({ reads: 0, writes: 0, metadata: 0, locks: 0 });
    await sh("cat $one/file; mkdir $one/folder; flock $one/file true");
    const counted = await shared.counts("one");
    expect(counted).toMatchObject({ reads: 1, writes: 1, locks: 1 });
    expect(counted.metadata).toBeGreaterThan(1);
    const after = await shared.counts();
    expect(after.writes - before.writes).toBe(1);
    expect(await shared.counts("two")).toEqual({ reads: 0, writes: 0, metadata: 0, locks: 0 });
    await expect(shared.counts("nobody")).rejects.toThrow("nobody has no mount");
  });

  it("is not asked again for what did not change, nor each time for what is not there", async () => {
    await sh("touch -d @1000000000 $two/file; for i in $(seq 20); do cat $one/file; done");
    expect((await shared.counts("one")).reads).toBe(1);
    const { metadata } = await shared.counts("one");
    await sh(`php -r 'for ($i = 0; $i < 1000; $i++) { clearstatcache(); file_exists("$argv[1]/nowhere"); }' $one`);
    expect((await shared.counts("one")).metadata - metadata).toBeLessThan(100);
  });

  it("believes for a moment only that a name is not there", async () => {
    await sh("[ ! -e $one/new ]; echo >$two/new");
    await eventually(async () => (await failureOf("[ -e $one/new ]")) === "", "the other sees the name");
  });
});

it("shows more files than its process may have open", async () => {
  const folder = join(own, "limited");
  mkdirSync(folder);
  const within = ["prlimit", "--nofile=4000"];
  const limited = await sharedFiles({ folder, owner: { uid: 33, gid: 33 }, within });
  try {
    // Else a busy machine may look faster than it forgets.
    await limited.set({ metadataDelay: 0.2 });
    await sh(`php -r 'for ($i = 0; $i < 8000; $i++) touch("$argv[1]/$i");' ${join(folder, "efs/temp")}`);
    expect(await sh(`cd ${limited.directory}/temp; find -type f -size 0 | wc -l; ls ${limited.directory}`)).toBe(
      "8000\ntemp",
    );
  } finally {
    await limited.end();
  }
});

describe("gone", () => {
  it("leaves no mount and no process when it is ended, also while it hangs", async () => {
    expect(mounts()).toBe(3);
    await shared.set({ hangs: true });
    const { closed } = await blocked();
    await shared.end();
    await closed;
    expect(mounts()).toBe(0);
    expect(ended("pgrep", ["--full", `shared-files-.* ${own}/`]).stdout).toBe("");
  });

  it("goes with the process that made it, however that ended", async () => {
    const folder = join(own, "another");
    mkdirSync(folder);
    const program = `import { sharedFiles } from "@warden/lab/files";
      await sharedFiles({ folder: ${JSON.stringify(folder)}, owner: { uid: 33, gid: 33 }, within: [] });
      console.log("there");`;
    const maker = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(maker.stdout, "data");
    expect(mounts()).toBe(4);
    maker.kill("SIGKILL");
    await eventually(() => mounts() === 3, "its mount is gone");
    await eventually(
      () => ended("pgrep", ["--full", `shared-files-.* ${folder}/`]).stdout === "",
      "its process is gone",
    );
  });

  it("is not there without a compiler, and says what to install", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = own;
    const refusal = await sharedFilesProgram(join(own, "cache")).catch((error: unknown) => error);
    process.env["PATH"] = path;
    expect(refusal).toBeInstanceOf(LabRefusal);
    expect(refusal).toMatchObject({ mend: expect.stringMatching(/gcc, libc6-dev, libfuse3-dev and pkg-config/) });
  });
});
