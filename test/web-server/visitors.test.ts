/** Visitors of the lab's application under Warden's own nginx and PHP-FPM: what they see, and what they count as wrong. */
import { existsSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { applicationVisits } from "@warden/lab/load/application-visit";
import { client } from "@warden/lab/load/client";
import { figuresOf } from "@warden/lab/load/figures";
import { load } from "@warden/lab/load/load";
import { type LoadRecord, loadRecord } from "@warden/lab/load/record";
import { type LoadPlan, scheduleOf } from "@warden/lab/load/schedule";
import { type Asked, formOf, type Visits } from "@warden/lab/load/visit";
import { until } from "@warden/lab/processes";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type VisitedSite, visitedSite } from "./visited-site.ts";

let site: VisitedSite;
beforeAll(async () => {
  site = await visitedSite();
});
afterAll(() => site?.stop());
afterEach(() => site.interfere(undefined));

const plan: LoadPlan = { visitsPerSecond: 2, seconds: 2, seed: 7 };

const visited = (changes: Partial<LoadPlan> = {}, visits: Visits = applicationVisits): Promise<LoadRecord> => {
  const parts = { now: Date.now, signal: new AbortController().signal, tell: () => {} };
  return load({ ...plan, ...changes }, site.target, parts, visits);
};
const wrongOf = ({ rows }: LoadRecord) => rows.filter(({ outcome }) => outcome !== "ok");
const ofPage = ({ rows }: LoadRecord, page: string) => rows.filter((row) => row.page === page);

describe("visitors", () => {
  it("log in, look, hand in, upload, download and log out, on whichever node they come to", async () => {
    const record = await visited();
    expect(wrongOf(record)).toEqual([]);
    const { requests, machines, lostSessions } = figuresOf(record);
    expect(requests.planned).toBeGreaterThan(0);
    expect({ requests, lostSessions }).toMatchObject({
      requests: { failed: 0, notSent: 0, ok: requests.planned },
      lostSessions: 0,
    });
    expect(machines.map(({ machine }) => machine)).toEqual(site.names);
    expect(loadRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(JSON.parse(JSON.stringify(record)));
  });

  it("leave what they handed in in the database and in the shared directory, under their own names", async () => {
    await visited({ seconds: 1 });
    const query = `SELECT u.username, f.contenthash FROM mdl_assign_submission s
      JOIN mdl_files f ON f.id = s.file AND f.userid = s.userid JOIN mdl_user u ON u.id = s.userid`;
    const found = site.tier.sql(query).split("\n");
    expect(found[0]).toMatch(/^visitor-\d+\t[0-9a-f]{64}$/);
    for (const row of found) {
      const digest = row.split("\t")[1] ?? "";
      expect(existsSync(join(site.files, "filedir", digest.slice(0, 2), digest.slice(2, 4), digest))).toBe(true);
    }
  });

  it("get nobody else's files, and nobody's without logging in", async () => {
    await visited({ seconds: 1 });
    const [name, id] = site.tier
      .sql("SELECT u.username, f.id FROM mdl_files f JOIN mdl_user u ON u.id = f.userid LIMIT 1")
      .split("\t");
    const stranger = client(site.target, new AbortController().signal);
    const statusOf = async (asked: Asked): Promise<unknown> => {
      const answer = await stranger.ask(asked);
      return typeof answer === "string" ? answer : answer.status;
    };
    const login = (username = "", password = "own") =>
      statusOf({ path: "/login/index.php", ...formOf({ username, password }) });
    const file = { path: `/pluginfile.php/${id}` };
    expect(await statusOf(file)).toBe(303);
    expect(await login(name)).toBe(401);
    expect(await statusOf(file)).toBe(303);
    expect(await login("stranger")).toBe(303);
    expect(await statusOf(file)).toBe(404);
    expect(await login(name, `password of ${name}`)).toBe(303);
    expect(await statusOf(file)).toBe(200);
    stranger.close();
  });

  it("take their time with slow transfers, which arrive whole", async () => {
    const slow = { uploads: 1, downloads: 1, bytes: 400_000, bytesPerSecond: 200_000 };
    const record = await visited({ visitsPerSecond: 0, slow });
    expect(wrongOf(record)).toEqual([]);
    for (const page of ["slow upload", "slow download"]) {
      const [row] = ofPage(record, page);
      expect((row?.ended ?? 0) - (row?.sent ?? 0)).toBeGreaterThan(1900);
    }
  });

  it("count their sessions as lost when Redis has lost them, and then go", async () => {
    let flushed = false;
    site.interfere(({ url }) => {
      if (!flushed && url?.startsWith("/mod/assign/submit.php")) {
        flushed = true;
        site.tier.redis("sessions", "flushall");
      }
      return false;
    });
    const record = await visited();
    const { lostSessions, failures, requests } = figuresOf(record);
    expect(lostSessions).toBeGreaterThan(0);
    expect(requests.failed).toBe(failures["lost-session"]);
    expect(requests.notSent).toBeGreaterThan(0);
    const lost = wrongOf(record)[0];
    expect(record.rows.findLast(({ visit }) => visit === lost?.visit)).toBe(lost);
  });

  it("count an answer that is for somebody else", async () => {
    site.interfere((request, answer) => {
      if (!request.url?.startsWith("/course/view.php?id=2")) return false;
      answer.end('<body data-user="visitor-0" data-course="2">');
      return true;
    });
    const record = await visited();
    const { failures, requests } = figuresOf(record);
    expect(failures["wrong-user"]).toBeGreaterThan(0);
    expect(requests.failed).toBe(failures["wrong-user"]);
    expect(new Set(wrongOf(record).map(({ page }) => page))).toEqual(new Set(["course"]));
  });

  it("count an upload that is cut, a download that is, and one with other bytes", async () => {
    let downloads = 0;
    site.interfere((request, answer) => {
      if (request.url?.startsWith("/mod/resource/upload.php")) {
        request.once("data", () => request.destroy());
        return true;
      }
      if (!request.url?.startsWith("/pluginfile.php")) return false;
      downloads += 1;
      answer.writeHead(200, { "Content-Length": "2000" });
      if (downloads > 1) answer.end("x".repeat(2000));
      else answer.write("x", () => answer.destroy());
      return true;
    });
    const record = await visited();
    expect(ofPage(record, "upload").map(({ outcome }) => outcome)).toContain("connection");
    expect(new Set(ofPage(record, "upload").map(({ outcome }) => outcome))).toEqual(new Set(["connection"]));
    expect(
      ofPage(record, "download")
        .map(({ outcome }) => outcome)
        .sort(),
    ).toEqual(["connection", ...Array(downloads - 1).fill("wrong-bytes")]);
    expect(downloads).toBeGreaterThan(1);
    expect(wrongOf(record).every(({ page }) => page === "upload" || page === "download")).toBe(true);
  });
});

describe("a load", () => {
  /** One request each. */
  const callers: Visits = { ...applicationVisits, ordinary: () => applicationVisits.ordinary().slice(0, 1) };

  it("goes on when the site stops, and every request that was due meanwhile shows the stop", async () => {
    const held: ServerResponse[] = [];
    let stopped = true;
    site.interfere((_, answer) => {
      if (stopped) held.push(answer);
      else answer.end("This is not Moodle");
      return true;
    });
    const many = { visitsPerSecond: 40, seconds: 2 };
    const going = visited(many, callers);
    await until(() => {
      if (held.length < 20) throw new Error(`${held.length} came while nobody was answered`);
    }, "the twentieth visitor");
    const answered = Date.now();
    stopped = false;
    for (const answer of held) answer.end("This is not Moodle");
    const record = await going;
    expect(wrongOf(record)).toEqual([]);
    const due = scheduleOf({ ...plan, ...many }, callers).map(({ at }) => at);
    expect(record.rows.map((row) => row.due).sort((one, other) => one - other)).toEqual(due);
    const meanwhile = record.rows.filter((row) => record.began + row.due < answered);
    expect(meanwhile.length).toBeGreaterThanOrEqual(20);
    for (const row of meanwhile) expect(record.began + row.ended).toBeGreaterThanOrEqual(answered);
    const first = Math.min(...meanwhile.map((row) => record.began + row.due));
    expect(figuresOf(record).latency?.max).toBeGreaterThanOrEqual(answered - first);
  });

  it("ends at once when it is told to", async () => {
    const ends = new AbortController();
    const parts = { now: Date.now, signal: ends.signal, tell: () => ends.abort() };
    const record = await load({ ...plan, seconds: 3600 }, site.target, parts, applicationVisits);
    expect(record.stopped).toBe(true);
    expect(record.rows.length).toBeLessThan(record.planned);
    expect(wrongOf(record)).toEqual([]);
  });
});
