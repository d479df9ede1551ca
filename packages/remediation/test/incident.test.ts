/** Incidents of what nodes share: one for each cause, however many complain. */
import { type Complaint, instanceId, type Shared } from "@warden/fleet";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  followIncidents,
  type Heard,
  type Incident,
  type NodeView,
  type Part,
  type RaisedAlarm,
} from "../src/incident.ts";
import { notificationOf } from "../src/notification.ts";
import { describe as inWords } from "../src/words.ts";

const noon = Date.parse("2026-11-23T12:00:00Z");
const second = 1_000;

/** @param at when it last answered */
const node = (number: number, parts: readonly Shared[] = [], at?: number): NodeView => ({
  instance: instanceId(`i-${String(number).padStart(17, "0")}`),
  complaint: parts.length === 0 ? undefined : complaint(parts, at ?? noon),
  verifiedAt: parts.length === 0 ? at : undefined,
});
const complaint = (parts: readonly Shared[], at: number): Complaint => ({
  ...{ parts, message: `${parts.join(", ")} (no answer)`, at },
});
/** What nodes say, and CloudWatch was not asked. */
const said = (nodes: readonly NodeView[]): Heard => ({ nodes, alarms: [], asked: false });
const opened = (...parts: readonly Shared[]): readonly Incident[] =>
  followIncidents([], said([node(1, parts), node(2)]), noon).open;
const alarm = (part: Part, name = `${part}-cpu`): RaisedAlarm => ({
  ...{ name, part, reason: "Threshold Crossed: 3 datapoints were greater than the threshold (90.0)." },
});
/** What CloudWatch says, and all nodes are well at that moment. */
const asked = (at: number, ...alarms: readonly RaisedAlarm[]): Heard => ({
  ...{ nodes: [node(1, [], at), node(2, [], at)], alarms, asked: true },
});

describe("an incident", () => {
  it("opens once for each thing that nodes complain of, however many do", () => {
    const nodes = [node(1, ["database", "files"]), node(2, ["database"]), node(3)];
    const { open, news } = followIncidents([], said(nodes), noon);
    expect(open.map(({ part, most, id }) => ({ part, most, id }))).toEqual([
      { part: "database", most: { nodes: 2, of: 3 }, id: "database-2026-11-23T12:00:00Z" },
      { part: "files", most: { nodes: 1, of: 3 }, id: "files-2026-11-23T12:00:00Z" },
    ]);
    expect(news.map(({ is }) => is)).toEqual(["opened", "opened"]);
    expect(followIncidents(open, said(nodes), noon + second).news).toEqual([]);
  });

  it("remembers the most nodes that complained at once, and who said it first", () => {
    const more = followIncidents(
      opened("cache"),
      said([node(1, ["cache"]), node(2, ["cache", "files"])]),
      noon + second,
    );
    const fewer = followIncidents(more.open, said([node(1), node(2, ["cache"])]), noon + 2 * second);
    expect(fewer.open[0]).toMatchObject({
      ...{ most: { nodes: 2, of: 2 }, message: "cache (no answer)", openedAt: noon, saidAt: noon + 2 * second },
    });
  });

  it("closes when nobody complained for two minutes and somebody was well since", () => {
    const open = opened("sessions");
    const well = [node(1, [], noon + 30 * second), node(2)];
    expect(followIncidents(open, said(well), noon + 119 * second).news).toEqual([]);
    const closed = followIncidents(open, said(well), noon + 120 * second);
    expect([closed.open, closed.news]).toEqual([[], [{ is: "closed", incident: open[0] }]]);
  });

  it("stays open while one still complains, while nobody was found well, and while nobody is left to ask", () => {
    const open = opened("files");
    const late = noon + 3_600 * second;
    expect(followIncidents(open, said([node(1, ["files"]), node(2, [], late)]), late).open).toHaveLength(1);
    expect(followIncidents(open, said([node(1, [], noon - second), node(2)]), late).open).toHaveLength(1);
    expect(followIncidents(open, said([]), late).open).toHaveLength(1);
  });

  it("closes also when who complained of it complains of something else by now", () => {
    const open = opened("database", "sessions");
    const late = noon + 120 * second;
    expect(followIncidents(open, said([node(1, ["sessions"], noon)]), late).news).toEqual([]);
    const { news } = followIncidents(open, said([node(1, ["sessions"], late)]), late);
    expect(news.map(({ is, incident }) => [is, incident.part])).toEqual([["closed", "database"]]);
  });

  it("is none for maintenance, which somebody ordered by hand", () => {
    expect(followIncidents([], said([node(1, ["maintenance"])]), noon)).toEqual({ open: [], news: [] });
  });

  it("tells what it is and what is not done, and at its end how long it was", () => {
    const [incident] = opened("database");
    if (incident === undefined) throw new Error("it is open");
    expect(inWords({ is: "opened", incident })).toBe(
      "The database is in trouble, as 1 of 2 nodes said: database (no answer). No node is blamed or replaced for it, " +
        "and it closes by itself when nobody complains any more.",
    );
    expect(inWords({ is: "closed", incident: { ...incident, saidAt: noon + 130 * second } })).toBe(
      "The database is well again after 2 min; up to 1 of 2 nodes complained.",
    );
  });
});

describe("an alarm", () => {
  const late = noon + 120 * second;

  it("opens an incident of its part, of pages, too, and each further one belongs to the same", () => {
    const { open, news } = followIncidents([], asked(noon, alarm("database"), alarm("pages", "slow")), noon);
    expect(open.map(({ part, alarms, most }) => [part, alarms, most.nodes])).toEqual([
      ["database", ["database-cpu"], 0],
      ["pages", ["slow"], 0],
    ]);
    expect(news.map(({ is }) => is)).toEqual(["opened", "opened"]);
    const more = followIncidents(open, asked(noon, alarm("database", "database-storage")), noon + second);
    expect([more.news, more.open[0]?.alarms]).toEqual([[], ["database-storage"]]);
  });

  it("belongs to the incident that nodes opened, which closes when both are well", () => {
    const both = followIncidents(opened("database"), asked(noon, alarm("database")), noon + second).open;
    expect(both[0]).toMatchObject({ alarms: ["database-cpu"], most: { nodes: 1, of: 2 } });
    const on = asked(late, alarm("database"));
    expect(followIncidents(both, on, late).open).toHaveLength(1);
    const complaining = { ...asked(late), nodes: [node(1, ["database"], late)] };
    expect(followIncidents(both, complaining, late + second).open).toHaveLength(1);
    expect(followIncidents(both, asked(late), late + second).news).toMatchObject([{ is: "closed" }]);
  });

  it("that is not asked for may still be on: only CloudWatch's word closes its incident", () => {
    const { open } = followIncidents([], { ...asked(noon, alarm("cache")), asked: false }, noon);
    const well = [node(1, [], late), node(2, [], late)];
    expect(followIncidents(open, said(well), late).news).toEqual([]);
    expect(followIncidents(open, asked(late), noon + 119 * second).news).toEqual([]);
    const { news } = followIncidents(open, { ...asked(late), nodes: [] }, late);
    expect(news).toMatchObject([{ is: "closed", incident: { alarms: ["cache-cpu"] } }]);
  });

  it("is named in what is told, with CloudWatch's reason", () => {
    const [incident] = followIncidents([], asked(noon, alarm("pages", "slow"), alarm("pages", "5xx")), noon).open;
    if (incident === undefined) throw new Error("it is open");
    expect(inWords({ is: "opened", incident })).toContain(
      "The pages are in trouble, as the alarms slow, 5xx said: Threshold Crossed: 3 datapoints were greater than the " +
        "threshold (90.0). No node",
    );
    expect(inWords({ is: "closed", incident: { ...incident, alarms: ["slow"] } })).toBe(
      "The pages are well again after 0 s; the alarm slow complained.",
    );
  });

  it("alone does not say that people notice anything, but for one of pages", () => {
    const firstLines = followIncidents([], asked(noon, alarm("database"), alarm("pages")), noon).news.map(
      (each) => notificationOf(each, { site: "moodle", stage: "test" }).mail.split("\n")[0],
    );
    expect(firstLines).toEqual([
      "The database is in trouble.",
      "The pages are in trouble: visitors wait, or get errors.",
    ]);
  });
});

describe("whatever nodes say, in whatever order", () => {
  const parts = fc.subarray<Shared>(["database", "sessions", "cache", "files", "maintenance"]);
  const moments = fc.array(
    fc.record({ after: fc.integer({ min: 1, max: 200 }), nodes: fc.array(parts, { maxLength: 5 }) }),
    { maxLength: 20 },
  );

  it("there is one incident for a thing at a time, opened and closed in turn, and never closed while one complains", () => {
    fc.assert(
      fc.property(moments, (story) => {
        let open: readonly Incident[] = [];
        let now = noon;
        const told = new Map<string, number>();
        for (const { after, nodes } of story) {
          now += after * second;
          const views = nodes.map((each, index) => node(index, each, each.length === 0 ? now : undefined));
          const turn = followIncidents(open, said(views), now);
          for (const { is, incident } of turn.news) {
            told.set(incident.part, (told.get(incident.part) ?? 0) + (is === "opened" ? 1 : -1));
            if (is === "closed") expect(nodes.flat()).not.toContain(incident.part);
          }
          const isOpen = turn.open.map(({ part }) => part);
          expect(new Set(isOpen).size).toBe(isOpen.length);
          expect([...told].filter(([, count]) => count === 1).map(([part]) => part)).toEqual(
            expect.arrayContaining(isOpen),
          );
          expect([...told.values()].every((count) => count === 0 || count === 1)).toBe(true);
          open = turn.open;
        }
      }),
    );
  });
});
