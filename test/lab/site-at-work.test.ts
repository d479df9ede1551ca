/**
 * What happens to a site at work: a good configuration reaches every node, a bad one stops at the first, and no visitor notices
 * either; a task that runs on a node that is to leave is finished there.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFigures } from "@warden/lab/load/figures";
import { inLab, siteFile } from "@warden/lab/places";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabNode, page, type RunningLab, runningLab, saidBy, startTime } from "./running-lab.ts";

const nodes = 3;
let folder: string;
let lab: RunningLab;
let members: readonly LabNode[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "warden-lab-pushes-"));
  lab = await runningLab(["--nodes", String(nodes)]);
  members = await lab.inService(nodes);
}, startTime * 1000);
afterAll(async () => {
  await lab?.end();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

/** The lab's own site with more settings of Moodle. */
function siteWith(settings: string): string {
  const file = join(folder, "site.yaml");
  writeFileSync(file, `${readFileSync(siteFile, "utf8").trimEnd()}\nsettings: { ${settings} }\n`);
  return file;
}

/** What visitors noticed while this was pushed. */
async function pushed(settings: string) {
  const load: ChildProcess = lab.begin("lab", "load", "--json", "--visits-per-second", "1", "--time", "15m");
  const said = saidBy(load);
  const { status, out, err } = await lab.warden("config", "push", siteWith(settings), "--wait", "--reason", "a test");
  load.kill("SIGINT");
  return { status, told: out + err, figures: loadFigures.parse(JSON.parse((await said).out)) };
}

/** What the page to sign in says of the settings that a node has. */
const supportNames = (): Promise<readonly unknown[]> =>
  Promise.all(
    members.map(async ({ address }) => JSON.parse((await page(address, "/login/index.php"))?.text ?? "{}").contact),
  );

describe("a configuration that is pushed under load", { timeout: 900_000 }, () => {
  it("comes to every node, and no request fails", async () => {
    const { status, told, figures } = await pushed("supportname: Ann");
    expect(status, told).toBe(0);
    expect(await supportNames()).toEqual(["Ann", "Ann", "Ann"]);
    expect(figures.requests, JSON.stringify([figures.failures, figures.pages])).toMatchObject({ failed: 0 });
    expect(figures.machines).toHaveLength(nodes);
  });

  it("stops at the first node when it is bad, goes back, and no request fails", async () => {
    const { status, told, figures } = await pushed("supportname: Bob, judgebreaks: true");
    expect(status, told).toBe(1);
    expect(await supportNames()).toEqual(["Ann", "Ann", "Ann"]);
    expect(told).toContain("the login page answers 500");
    expect(figures.requests, JSON.stringify([figures.failures, figures.pages])).toMatchObject({ failed: 0 });
    expect(figures.machines).toHaveLength(nodes);
    expect(await lab.inService(nodes, 1)).toEqual(members);
  });
});

describe("an ad hoc task of a minute", { timeout: 600_000 }, () => {
  it("is finished on the node that runs it, which leaves then", async () => {
    lab.sql("INSERT INTO mdl_task_adhoc (classname) VALUES ('lasts_60')");
    const runner = (): string => lab.sql("SELECT hostname FROM mdl_task_adhoc WHERE timestarted IS NOT NULL");
    await lab.eventually("a node runs it", 120, () => runner() !== "");
    const id = runner();
    expect(members.map((node) => node.id)).toContain(id);
    expect(await lab.warden("drain", id, "--reason", "while it works")).toMatchObject({ status: 0 });
    await lab.eventually("it left", 300, async () => !(await lab.members()).includes(id));
    expect(readFileSync(inLab("efs/tasks-done"), "utf8")).toBe(`${id} lasts_60\n`);
    expect(lab.sql("SELECT COUNT(*) FROM mdl_task_adhoc")).toBe("0");
  });
});
