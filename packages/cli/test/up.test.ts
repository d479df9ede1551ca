import { describe, expect, it } from "vitest";
import type { LocalOptions, LocalWorld } from "../src/local-world.ts";
import { fakeWorld, runWarden } from "./fake-world.ts";

function localWorld(changes: Partial<LocalWorld> = {}) {
  const world = fakeWorld();
  const seen: { options: LocalOptions | undefined; stopped: number } = { options: undefined, stopped: 0 };
  world.startLocal = async (options, tell) => {
    seen.options = options;
    tell({ at: 61_234, who: "warden", text: "deployed", tone: "good" });
    setImmediate(() => world.interruption.abort());
    return {
      endpoint: "http://127.0.0.1:4566",
      console: undefined,
      region: "eu-west-1",
      stop: async () => void seen.stopped++,
      ...changes,
    };
  };
  return { world, seen };
}

describe("warden up", () => {
  it("tells the story, then how to talk to it, and ends what it started", async () => {
    const { world, seen } = localWorld();
    const { status, out } = await runWarden(world, "up");
    expect(status).toBe(0);
    expect(out).toContain("  1:01.2  warden                deployed\n");
    expect(out).toContain("export AWS_ENDPOINT_URL=http://127.0.0.1:4566");
    expect(out).toContain("npx warden nodes --watch");
    expect(seen.stopped).toBe(1);
    expect(seen.options).toEqual({ port: 4566, consolePort: 8484, desired: 2, speed: 1, timing: "quick" });
  });

  it("prints exactly one line with --json", async () => {
    const { world } = localWorld();
    const { out } = await runWarden(world, "up", "--json");
    expect(out).toBe('{"ready":true,"endpoint":"http://127.0.0.1:4566","console":null,"region":"eu-west-1"}\n');
    const withConsole = localWorld({ console: "http://127.0.0.1:8484" });
    expect(JSON.parse((await runWarden(withConsole.world, "up", "--json")).out).console).toBe("http://127.0.0.1:8484");
  });

  it("ends in silence when it is interrupted while it still starts", async () => {
    const world = fakeWorld();
    world.startLocal = async () => {
      world.interruption.abort();
      throw new Error("The service was stopped");
    };
    expect(await runWarden(world, "up", "--json")).toEqual({ status: 0, out: "", err: "" });
  });

  it("hands its flags on", async () => {
    const { world, seen } = localWorld();
    const flags = [
      "--port",
      "1",
      "--console-port",
      "2",
      "--desired",
      "3",
      "--speed",
      "4",
      "--timing",
      "aws",
      "--inspect",
    ];
    await runWarden(world, "up", ...flags);
    expect(seen.options).toEqual({ port: 1, consolePort: 2, desired: 3, speed: 4, timing: "aws", inspect: 9229 });
    await runWarden(world, "up", "--inspect", "9300");
    expect(seen.options?.inspect).toBe(9300);
  });

  it.each([
    [4566, "Port 4566 is taken by another program: end that one, or choose another port with --port 4567.\n"],
    [8484, "Port 8484 is taken by another program: end that one, or choose another port with --console-port 8485.\n"],
  ])("exits 3 when port %i is taken", async (port, sentence) => {
    const world = fakeWorld();
    world.startLocal = async () => {
      throw Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE", port });
    };
    expect(await runWarden(world, "up")).toEqual({ status: 3, out: "", err: sentence });
  });
});
