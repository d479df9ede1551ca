import { LabRefusal } from "@warden/lab";
import { whatBreaks } from "@warden/lab/faults";
import { describe, expect, it } from "vitest";
import { type FakeWorld, fakeWorld, runWarden } from "./fake-world.ts";

describe("warden lab up", () => {
  it("says where AWS is, waits for Ctrl-C, and ends the lab", async () => {
    const world = fakeWorld();
    const seen: unknown[] = [];
    world.lab.startLab = async (options, tell) => {
      seen.push(options);
      tell({ at: 1_000, who: "lab", text: "makes the root", tone: "step" });
      setImmediate(() => world.interruption.abort());
      return { endpoint: "http://127.0.0.1:4567", region: "eu-west-1", stop: async () => void seen.push("stopped") };
    };
    const { status, out } = await runWarden(
      world,
      "lab",
      "up",
      "--nodes",
      "3",
      "--port",
      "4567",
      "--moodle",
      "moodle.tar.gz",
    );
    expect(seen).toEqual([{ nodes: 3, port: 4567, spot: false, moodle: "moodle.tar.gz" }, "stopped"]);
    expect(status).toBe(0);
    expect(out).toMatch(/0:01\.0 {2}lab +makes the root/);
    expect(out).toContain("export AWS_ENDPOINT_URL=http://127.0.0.1:4567");
  });

  it("exits 4 with the reason and the mend where there can be no lab", async () => {
    const world = fakeWorld();
    world.lab.startLab = async () => {
      throw new LabRefusal("the lab boots machines, which only root may do", "run it with sudo");
    };
    const err = "The lab boots machines, which only root may do: run it with sudo.\n";
    expect(await runWarden(world, "lab", "up")).toEqual({ status: 4, out: "", err });
  });

  it("exits 3 when its port is taken", async () => {
    const world = fakeWorld();
    world.lab.startLab = async () => {
      throw Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE", port: 4566 });
    };
    const { status, err } = await runWarden(world, "lab", "up");
    expect(status).toBe(3);
    expect(err).toContain("choose another port with --port 4567");
  });
});

describe("warden lab status", () => {
  it("shows parts and machines", async () => {
    const world = fakeWorld();
    const running = { instanceId: "i-0", state: "running", address: "172.31.0.4", processes: 20, ready: "200" };
    world.lab.labStatus = async () => ({
      pid: 7,
      endpoint: "http://127.0.0.1:4566",
      parts: [{ name: "database", address: "172.31.0.1:3306" }],
      broken: ["MariaDB is killed"],
      machines: [
        { ...running, limits: { processors: 2, memory: 4 * 2 ** 30 } },
        { ...running, limits: {} },
      ],
    });
    const { out } = await runWarden(world, "lab", "status");
    expect(out).toContain("database 172.31.0.1:3306");
    expect(out).toContain("Broken: MariaDB is killed");
    expect(out).toMatch(/^i-0 +running +172\.31\.0\.4 +20 +2 +4 GiB +200$/m);
    expect(out).toMatch(/^i-0 +running +172\.31\.0\.4 +20 +no limit +no limit +200$/m);
  });

  it("exits 3 when no lab runs", async () => {
    const world = fakeWorld();
    world.lab.labStatus = async () => undefined;
    const { status, err } = await runWarden(world, "lab", "status");
    expect([status, err]).toEqual([3, "No lab is running: `sudo npx warden lab up` starts one.\n"]);
  });
});

it("warden lab down says whether one was running", async () => {
  const world = fakeWorld();
  world.lab.downLab = async () => true;
  expect((await runWarden(world, "lab", "down")).out).toBe("The lab has ended.\n");
  world.lab.downLab = async () => false;
  expect((await runWarden(world, "lab", "down")).out).toBe("No lab was running; nothing of one is left.\n");
});

describe("warden lab doctor", () => {
  it("exits 1 and names what is missing, and 0 when nothing is", async () => {
    const world = fakeWorld();
    world.lab.missingPackages = () => ["debootstrap", "libfuse3-dev"];
    const { status, err } = await runWarden(world, "lab", "doctor");
    expect(status).toBe(1);
    expect(err).toContain("debootstrap, libfuse3-dev");
    world.lab.missingPackages = () => [];
    expect((await runWarden(world, "lab", "doctor")).status).toBe(0);
  });

  it("installs only when asked, and believes apt-get only when all is there", async () => {
    const world = fakeWorld();
    let there = false;
    world.lab.missingPackages = () => (there ? [] : ["libfuse3-dev"]);
    world.lab.installPackages = () => true;
    expect((await runWarden(world, "lab", "doctor", "--install")).status).toBe(1);
    world.lab.installPackages = (names) => {
      there = names.includes("libfuse3-dev");
      return true;
    };
    expect((await runWarden(world, "lab", "doctor", "--install")).status).toBe(0);
  });
});

describe("warden lab load", () => {
  const row = { visit: 1, due: 0, sent: 1, ended: 41, slow: false, status: 200, bytes: 10, machine: "i-1" } as const;
  const plan = { visitsPerSecond: 2, seconds: 30, seed: 1 };

  /** @param outcomes of the requests to one page */
  function visited(world: FakeWorld, ...outcomes: ("ok" | "lost-session")[]): unknown[] {
    const seen: unknown[] = [];
    const rows = outcomes.map((outcome) => ({ ...row, page: "course", outcome }));
    world.lab.loadLab = async (asked) => {
      seen.push(asked);
      return { v: 1, plan, began: 0, planned: rows.length, stopped: false, rows };
    };
    return seen;
  }

  it("exits 0 when all went well, and tells the times by page and by machine", async () => {
    const world = fakeWorld();
    const seen = visited(world, "ok", "ok");
    const words = ["--visits-per-second", "2", "--time", "30s", "--transfers", "3", "--megabytes", "1"];
    const { status, out } = await runWarden(world, "lab", "load", ...words);
    const slow = { uploads: 3, downloads: 3, bytes: 1_000_000, bytesPerSecond: 800_000 };
    expect(seen).toEqual([{ ...plan, slow }]);
    expect(status).toBe(0);
    expect(out).toContain("2 of 2 requests went well; sessions lost: 0");
    expect(out).toMatch(/^course +2 +0 +41 ms +41 ms/m);
    expect(out).toMatch(/^i-1 +2 +0 +41 ms/m);
  });

  it("exits 1 when a session was lost, and says so in JSON, too", async () => {
    const world = fakeWorld();
    visited(world, "ok", "lost-session");
    expect(await runWarden(world, "lab", "load")).toMatchObject({
      status: 1,
      out: expect.stringContaining("1 of 2 requests went well (1 lost-session); sessions lost: 1"),
    });
    const { status, out } = await runWarden(world, "lab", "load", "--json");
    expect([status, JSON.parse(out)]).toMatchObject([1, { v: 1, lostSessions: 1, requests: { failed: 1 } }]);
  });

  it("exits 4 when no lab runs", async () => {
    const world = fakeWorld();
    world.lab.loadLab = async () => {
      throw new LabRefusal("no lab is running", "start one");
    };
    expect(await runWarden(world, "lab", "load")).toMatchObject({ status: 4, err: "No lab is running: start one.\n" });
  });
});

describe("warden lab break and heal", () => {
  it("break what was asked, and say what that is and how it ends", async () => {
    const world = fakeWorld();
    const seen: unknown[] = [];
    world.lab.breakInLab = async (fault) => void seen.push(fault);
    const { out } = await runWarden(world, "lab", "break", "files", "--delay", "5");
    expect(out).toContain("each request to the shared file system takes 5 ms longer on every machine");
    expect(out).toContain("lab heal files");
    await runWarden(world, "lab", "break", "files", "--node", "i-1");
    await runWarden(world, "lab", "break", "database");
    await runWarden(world, "lab", "break", "warden");
    expect((await runWarden(world, "lab", "break", "power", "--node", "i-1")).out).not.toContain("heal");
    expect(seen).toEqual([
      ...[{ what: "files", delay: 5 }, { what: "files", node: "i-1" }, { what: "database" }, { what: "warden" }],
      { what: "power", node: "i-1" },
    ]);
  });

  it.each([["gremlins"], ["database", "--node", "i-1"], ["power"], ["power", "--node", "i-1", "--delay", "5"]])(
    "exit 2 for what makes no sense: %s",
    async (...words) => {
      expect((await runWarden(fakeWorld(), "lab", "break", ...words)).status).toBe(2);
    },
  );

  it("name in their help all that can be broken", async () => {
    const { out } = await runWarden(fakeWorld(), "lab", "break", "--help");
    for (const what of whatBreaks) expect(out).toContain(what);
  });

  it("heal everything, or only what was asked", async () => {
    const world = fakeWorld();
    const seen: unknown[] = [];
    world.lab.healInLab = async (which) => {
      seen.push(which);
      return which.what === undefined ? [{ what: "database" }] : [];
    };
    expect((await runWarden(world, "lab", "heal")).out).toBe("No longer: MariaDB is killed.\n");
    expect((await runWarden(world, "lab", "heal", "disk", "--node", "i-1")).out).toBe("Nothing of that was broken.\n");
    expect(seen).toEqual([{}, { what: "disk", node: "i-1" }]);
  });
});
