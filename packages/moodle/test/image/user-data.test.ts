/** User data: what a real shell makes of its data, its size, and what must not be in it. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { imageOf, nodeConf, recipeOf, userData } from "../../src/image/index.ts";
import { siteWith, usual } from "../sites.ts";

const program = readFileSync(new URL("../../node/image/user-data.sh", import.meta.url), "utf8");
const belongs = {
  group: "school-web",
  region: "eu-west-1",
  bucket: "warden-bundles",
  launchHook: "warden-launch",
  urgentQueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/warden-urgent",
  lastGood: "/warden/school/school-web/last-good",
};
const site = siteWith();
const image = imageOf(recipeOf(site));

/** What its data is to the shell: the lines of node.conf, then what it fetches. */
function readBack(script: string): string[] {
  expect(script.endsWith(`\n${program}`)).toBe(true);
  const input = script.replace(
    /\nmain\n$/,
    '\nwith_settings printf \'%s\\0\'; printf \'%s\\0\' "$region" "$object" "$digest"\n',
  );
  return execFileSync("/bin/sh", { input, encoding: "utf8" }).split("\0").slice(0, -1);
}

it("writes what the node's programs read", () => {
  expect(readBack(userData(site, belongs, image))).toEqual([
    "SITE=school",
    "GROUP=school-web",
    "REGION=eu-west-1",
    "BUCKET=warden-bundles",
    "LAUNCH_HOOK=warden-launch",
    "URGENT_QUEUE_URL=https://sqs.eu-west-1.amazonaws.com/123456789012/warden-urgent",
    "LAST_GOOD=/warden/school/school-web/last-good",
    ...["eu-west-1", `warden-bundles/bundles/${image.digest}.tar`, image.digest],
  ]);
});

it("names each setting that a node's program asks for", () => {
  const folder = new URL("../../node/lib/", import.meta.url);
  const asked = ["aws.sh", "watching.sh"].flatMap(
    (name) => readFileSync(new URL(name, folder), "utf8").match(/(?<=\$\(setting )[A-Z_]+/g) ?? [],
  );
  expect(asked.length).toBeGreaterThan(4);
  expect(nodeConf(site, belongs).map((line) => line.split("=")[0])).toEqual(expect.arrayContaining(asked));
});

describe("a value that would be more than a value", () => {
  const canary = `/tmp/warden-canary-${process.pid}`;
  const hostile = [
    "'; touch CANARY; '",
    "$(touch CANARY)",
    "`touch CANARY`",
    "'\\''; touch CANARY #",
    "}; touch CANARY",
  ];

  it.each(hostile)("is never run, were it %j", (text) => {
    const bucket = text.replaceAll("CANARY", canary);
    const found = readBack(userData({ ...site, site: bucket }, { ...belongs, bucket, lastGood: bucket }, image));
    expect(found).toEqual(expect.arrayContaining([`SITE=${bucket}`, `BUCKET=${bucket}`, `LAST_GOOD=${bucket}`]));
    expect(existsSync(canary)).toBe(false);
  });

  it.each(["a\nBUCKET=another", "a\rb", "a\0b", "", "ü"])("is refused as a line of node.conf, were it %j", (group) => {
    expect(() => userData(site, { ...belongs, group }, image)).toThrow("GROUP is one line of printable ASCII");
  });
});

it("has room to spare in what EC2 takes, and says so when it has not", () => {
  const longest = { ...belongs, lastGood: "x".repeat(2048), urgentQueueUrl: "x".repeat(2048), bucket: "x".repeat(63) };
  for (const platform of ["debian", "amazon-linux-2023"]) {
    const its = siteWith({ nodes: { ...usual.nodes, platform } });
    expect(userData(its, longest, imageOf(recipeOf(its))).length).toBeLessThan(8192);
  }
  expect(() => userData(site, { ...belongs, lastGood: "x".repeat(16_384) }, image)).toThrow("limited to 16384 bytes");
});

it("names no secret", () => {
  expect(userData(site, belongs, image)).not.toMatch(/school\/(database|sessions|cache)|password/i);
});
