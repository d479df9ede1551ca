import { LabRefusal } from "@warden/lab";
import { describe, expect, it } from "vitest";
import { fakeWorld, runWarden } from "./fake-world.ts";

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
    const { status, out } = await runWarden(world, "lab", "up", "--nodes", "3", "--port", "4567");
    expect(seen).toEqual([{ nodes: 3, port: 4567 }, "stopped"]);
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
    world.lab.labStatus = async () => ({
      pid: 7,
      endpoint: "http://127.0.0.1:4566",
      parts: [{ name: "database", address: "172.31.0.1:3306" }],
      machines: [{ instanceId: "i-0", state: "running", address: "172.31.0.4", processes: 20, ready: "200" }],
    });
    const { out } = await runWarden(world, "lab", "status");
    expect(out).toContain("database 172.31.0.1:3306");
    expect(out).toMatch(/^i-0 +running +172\.31\.0\.4 +20 +200$/m);
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
    world.lab.missingPackages = () => ["debootstrap", "bindfs"];
    const { status, err } = await runWarden(world, "lab", "doctor");
    expect(status).toBe(1);
    expect(err).toContain("debootstrap, bindfs");
    world.lab.missingPackages = () => [];
    expect((await runWarden(world, "lab", "doctor")).status).toBe(0);
  });

  it("installs only when asked, and believes apt-get only when all is there", async () => {
    const world = fakeWorld();
    let there = false;
    world.lab.missingPackages = () => (there ? [] : ["bindfs"]);
    world.lab.installPackages = () => true;
    expect((await runWarden(world, "lab", "doctor", "--install")).status).toBe(1);
    world.lab.installPackages = (names) => {
      there = names.includes("bindfs");
      return true;
    };
    expect((await runWarden(world, "lab", "doctor", "--install")).status).toBe(0);
  });
});
