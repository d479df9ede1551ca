import { describe, expect, it } from "vitest";
import { addNode, addSite, fakeWorld, runWarden } from "./fake-world.ts";

describe("wrong usage", () => {
  it.each([
    [["nodes", "--regoin", "x"], "There is no flag --regoin: the nearest is --region."],
    [["nodez"], "There is no command nodez: the nearest is nodes."],
    [["frobnicate"], "There is no command frobnicate: `warden --help` lists those there are."],
    [["nodes", "-x"], "There is no flag -x: --help lists those there are."],
    [["drain"], "The ID is missing: write an instance id; `warden nodes` lists them."],
    [["drain", "nope"], '"nope" is no instance id: write one like i-0123456789abcdef0; `warden nodes` lists them.'],
    [["nodes", "extra"], 'This command takes no argument, and "extra" is one too many: leave it out.'],
    [["nodes", "--site"], "--site has no value: write one after it, as in --site VALUE."],
    [["up", "--timing", "slow"], '--timing cannot be "slow": give it quick or aws.'],
    [["up", "--console-port", "70000"], '--console-port cannot be "70000": give it a whole number from 0 to 65535.'],
    [
      ["drain", "i-0123456789abcdef0", "--timeout", "20"],
      '--timeout cannot be "20": give it a time like 90s, 20m or 2h.',
    ],
    [["stop", "--reason", "a\nb"], '--reason cannot be "a\\nb": leave out line breaks and control characters.'],
  ])("%j exits 2 with one sentence", async (words, sentence) => {
    const { status, out, err } = await runWarden(fakeWorld(), ...words);
    expect({ status, out, err }).toEqual({ status: 2, out: "", err: `${sentence}\n` });
  });

  it("reports errors as JSON with --json, and only the first", async () => {
    const { status, err } = await runWarden(fakeWorld(), "nodes", "--json", "--regoin", "x", "--foo");
    expect(status).toBe(2);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(err)).toEqual({
      error: { message: "There is no flag --regoin", mend: "the nearest is --region", status: 2 },
    });
  });

  it("shows help with status 0", async () => {
    const { status, out } = await runWarden(fakeWorld(), "--help");
    expect(status).toBe(0);
    for (const name of [
      "up",
      "sites",
      "nodes",
      "explain",
      "drain",
      "replace",
      "hold",
      "release",
      "stop",
      "resume",
      "doctor",
    ])
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
  });
});

describe("the site", () => {
  it("is never guessed when there are two", async () => {
    const world = fakeWorld();
    addSite(world, "moodle");
    addSite(world, "exams");
    const { status, err } = await runWarden(world, "nodes");
    expect({ status, err }).toEqual({ status: 2, err: "There are 2 sites: name one of moodle, exams with --site.\n" });
    expect((await runWarden(world, "nodes", "--site", "exams")).out).toBe(
      "Site exams has no nodes: none are desired.\n",
    );
  });

  it("names those that exist when it does not", async () => {
    const world = fakeWorld();
    addSite(world, "moodle");
    addNode(world, 1);
    const { status, err } = await runWarden(world, "stop", "--site", "mooodle");
    expect({ status, err }).toEqual({ status: 2, err: "There is no site mooodle: the only one is moodle.\n" });
  });
});

describe("the target", () => {
  it.each([
    [{ AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }, [], { stage: "local", local: true, region: "eu-west-1" }],
    [
      { AWS_ENDPOINT_URL: "http://localhost:1" },
      ["--profile", "p"],
      { stage: "local", local: true, profile: undefined },
    ],
    [{ AWS_ENDPOINT_URL: "http://[::1]:1" }, ["--region", "us-east-1"], { local: true, region: "us-east-1" }],
    [
      { AWS_ENDPOINT_URL: "https://127.0.0.1.example.com" },
      [],
      { stage: "production", local: false, region: undefined },
    ],
    [{}, ["--profile", "p"], { stage: "production", endpoint: undefined, local: false, profile: "p" }],
    [{ WARDEN_STAGE: "test" }, [], { stage: "test" }],
    [{ WARDEN_STAGE: "test" }, ["--stage", "other"], { stage: "other" }],
  ])("of %j with %j is %j", async (env, words, expected) => {
    const world = { ...fakeWorld(), env };
    addSite(world, "moodle");
    await runWarden(world, "sites", ...words);
    expect(world.targetsReached[0]).toMatchObject(expected);
  });

  it("must be an address", async () => {
    const { status, err } = await runWarden({ ...fakeWorld(), env: { AWS_ENDPOINT_URL: "here" } }, "sites");
    expect(status).toBe(2);
    expect(err).toBe(
      'AWS_ENDPOINT_URL is "here", which is no address: set it to one like http://127.0.0.1:4566, or unset it.\n',
    );
  });
});
