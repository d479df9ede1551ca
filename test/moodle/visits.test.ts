/** Visitors of `warden lab load` on a real Moodle, see world.ts: what they do there, and what they count as wrong. */
import { type Content, makeContent } from "@warden/lab/bench/content";
import { figuresOf } from "@warden/lab/load/figures";
import { load } from "@warden/lab/load/load";
import { moodleVisits } from "@warden/lab/load/moodle-visit";
import type { LoadRecord } from "@warden/lab/load/record";
import type { LoadPlan } from "@warden/lab/load/schedule";
import { run, until } from "@warden/lab/processes";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Front, startFront } from "../support/front.ts";
import { page } from "./page.ts";
import { type MoodleWorld, moodleWorld, sourceTree } from "./world.ts";

const tree = sourceTree();
let world: MoodleWorld;
let content: Content;
let front: Front;

beforeAll(async () => {
  if (tree === undefined) return;
  world = await moodleWorld(tree.path, tree.release);
  const { stdout } = await world.schema("install", "Judge-1234").ended;
  expect(stdout.slice(-1000)).toMatch(/\ninstalled\n$/);
  const { port } = await world.serve();
  content = await makeContent({
    php: "php",
    code: world.code,
    run: async (script) => run("sh", ["-c", script], world.env),
  });
  const outside = (inside: string): string => decodeURIComponent(inside).replace(/^\/dataroot/, `${world.folder}/data`);
  front = await startFront(world.folder, "moodle.example", [port], outside);
  await until(() => page(port, "/login/index.php"), "PHP's web server");
}, 600_000);
afterAll(async () => {
  front?.end();
  await world?.stop();
});
afterEach(() => front?.interfere(undefined));

/** Few and far between: PHP's own web server answers one request at a time. */
const plan: LoadPlan = { visitsPerSecond: 0.5, seconds: 6, seed: 7 };

/** One visit: what another one does meanwhile would have to do with its session, too. */
const alone: Partial<LoadPlan> = { visitsPerSecond: 1, seconds: 1, seed: 8 };

const visited = (changes: Partial<LoadPlan> = {}): Promise<LoadRecord> => {
  const parts = { now: Date.now, signal: new AbortController().signal, tell: () => {} };
  return load({ ...plan, ...changes }, front.target, parts, moodleVisits(content));
};
const wrongOf = ({ rows }: LoadRecord) =>
  rows.filter(({ outcome }) => outcome !== "ok").map(({ page, outcome, status }) => ({ page, outcome, status }));
const pagesOf = ({ rows }: LoadRecord) => new Set(rows.map(({ page }) => page));

describe.skipIf(tree === undefined)(`visitors of Moodle ${tree?.release ?? ""}`, { timeout: 300_000 }, () => {
  it("sign in, look, hand in a file, upload, download and sign out", async () => {
    const record = await visited();
    expect(wrongOf(record)).toEqual([]);
    const { requests } = figuresOf(record);
    expect(requests.planned).toBeGreaterThan(0);
    expect(requests).toMatchObject({ failed: 0, notSent: 0, ok: requests.planned });
    expect([...pagesOf(record)].sort()).toEqual([
      ...["assignment", "attach", "course", "download", "log in", "log out", "login page", "own files", "submit"],
      "upload",
    ]);
  });

  it("come again, where there is a file from before", async () => {
    await visited(alone);
    expect(wrongOf(await visited(alone))).toEqual([]);
  });

  it("leave what they handed in with Moodle, under their own names", async () => {
    const record = await visited();
    const visitors = new Set(record.rows.map(({ visit }) => visit)).size;
    const query = `SELECT u.username, f.filesize FROM mdl_files f JOIN mdl_user u ON u.id = f.userid
      JOIN mdl_assign_submission s ON s.id = f.itemid AND s.userid = u.id AND s.status = 'submitted'
      WHERE f.component = 'assignsubmission_file' AND f.filename = 'work.bin' ORDER BY u.username`;
    const names = content.users.slice(0, visitors).map(({ name }) => name);
    expect(world.tier.sql(query).split("\n")).toEqual(names.map((name) => `${name}\t2000`));
  });

  it("take their time with slow transfers, which arrive whole", async () => {
    const slow = { uploads: 1, downloads: 1, bytes: 400_000, bytesPerSecond: 200_000 };
    const record = await visited({ visitsPerSecond: 0, slow });
    expect(wrongOf(record)).toEqual([]);
    for (const page of ["slow upload", "slow download"]) {
      const row = record.rows.find((each) => each.page === page);
      expect((row?.ended ?? 0) - (row?.sent ?? 0)).toBeGreaterThan(1900);
    }
  });

  // In each of the ways that Moodle has to say it: a page, a script, a file.
  it.each([
    ["course", "/course/view.php"],
    ["assignment", "/mod/assign/view.php?"],
    ["attach", "/repository/repository_ajax.php"],
    ["download", "/draftfile.php"],
  ])("count a session as lost that Redis lost before %s, and then go", async (page, path) => {
    front.interfere(({ url }) => {
      if (url?.startsWith(path)) world.tier.redis("sessions", "flushall");
      return false;
    });
    const record = await visited(alone);
    expect(record.rows.every(({ visit }) => visit === 1)).toBe(true);
    const { lostSessions, requests } = figuresOf(record);
    expect(lostSessions).toBe(1);
    expect(wrongOf(record)).toEqual([expect.objectContaining({ page, outcome: "lost-session" })]);
    expect(requests.notSent).toBeGreaterThan(0);
  });

  it("count a page that is for somebody else, and one that is another", async () => {
    let courses = 0;
    front.interfere(({ url }, answer) => {
      if (!url?.startsWith("/course/view.php")) return false;
      courses += 1;
      answer.end(courses === 1 ? 'M.cfg = {"userId":2,"courseId":2,}' : "<html></html>");
      return true;
    });
    const { failures, requests } = figuresOf(await visited());
    expect(failures["wrong-user"]).toBe(1);
    expect(failures["wrong-bytes"]).toBe(courses - 1);
    expect(courses).toBeGreaterThan(1);
    expect(requests.failed).toBe(courses);
  });

  it("count an upload that Moodle refuses, a download with other bytes, and a failed page", async () => {
    front.interfere(({ url }, answer) => {
      if (url?.startsWith("/draftfile.php")) answer.end("x".repeat(200_000));
      else if (url?.startsWith("/mod/assign/view.php")) answer.writeHead(503).end("closed");
      else if (url?.startsWith("/repository")) answer.end('{"error":"It is too big","errorcode":"maxbytesfile"}');
      else return false;
      return true;
    });
    const refused = await visited();
    expect(new Set(wrongOf(refused).map((each) => `${each.page} ${each.outcome}`))).toEqual(
      new Set(["assignment status", "upload status"]),
    );
    // What was not uploaded is not asked for.
    expect(pagesOf(refused)).not.toContain("download");
    front.interfere(({ url }, answer) => {
      if (!url?.startsWith("/draftfile.php")) return false;
      answer.end("x".repeat(200_000));
      return true;
    });
    expect(new Set(wrongOf(await visited()).map((each) => `${each.page} ${each.outcome}`))).toEqual(
      new Set(["download wrong-bytes"]),
    );
  });
});
