import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fakeWorld, runWarden } from "./fake-world.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-cost-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const resources = [
  { type: "aws:secretsmanager/secret:Secret", inputs: { name: "a" } },
  { type: "aws:secretsmanager/secret:Secret", inputs: { name: "b" } },
  { type: "aws:backup/plan:Plan" },
  { type: "aws:mq/broker:Broker" },
];
function state(content: unknown): string {
  const file = join(folder, "state.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}
const cost = (...words: string[]) => runWarden(fakeWorld(), "cost", ...words);

it.each([
  { deployment: { resources } },
  { version: 3, checkpoint: { latest: { resources } } },
  { latest: { resources } },
])("reckons each line, and says what is not in the sum", async (content) => {
  const { status, out, err } = await cost(state(content));
  expect([status, err]).toEqual([0, ""]);
  expect(out).toMatch(/^ +0\.80 +secrets +secrets +2 mo +counted$/m);
  expect(out).toMatch(/^0\.80 USD a month: an estimate, list prices of /m);
  expect(out).toMatch(/^Billed by use, and not in it: copies of the database and of the files\.$/m);
  expect(out).toMatch(/^! Not known here, and not in it: aws:mq\/broker:Broker$/m);
});

it("prints JSON, at another region's prices", async () => {
  const { out } = await cost(state({ deployment: { resources } }), "--json", "--region", "eu-west-1");
  expect(JSON.parse(out)).toMatchObject({ v: 1, region: "eu-west-1", usd: 0.8, lines: [{ basis: "counted" }] });
});

it.each(["{", "{}"])("refuses %s, which is no state", async (text) => {
  const { status, err } = await cost(state(text));
  expect([status, err]).toEqual([2, expect.stringContaining("it is not what `sst state export` prints")]);
});

it("says how to get a file where there is none", async () => {
  expect((await cost(join(folder, "none.json"))).err).toContain("`npx sst state export --stage NAME >FILE` writes one");
});
