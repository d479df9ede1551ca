import { describe, expect, it } from "vitest";
import { builtinNames, builtinScenario, builtinText } from "../../src/scenario/builtin.ts";

describe("the built-in scenarios", () => {
  it.each(builtinNames())("%s can be read, is named as its file, and says what it is about", (name) => {
    expect(builtinScenario(name)).toMatchObject({ name, about: expect.stringMatching(/\.$/) });
  });

  it("are there for each failure mode that stays open elsewhere", () => {
    const abouts = builtinNames().map((name) => builtinScenario(name)?.about ?? "");
    const modes = abouts.flatMap((about) => /Open failure mode (\d+)/.exec(about)?.[1] ?? []).map(Number);
    expect(modes.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it("are those that have a name of their own", () => {
    expect(builtinNames()).toEqual(
      expect.arrayContaining([
        "control-plane-gone",
        "default",
        "enrolment-morning",
        "game-day",
        "tutoring-week-big",
        "tutoring-week-scaled",
      ]),
    );
  });

  it("keep Warden away for two hours while two nodes become twenty", () => {
    expect(builtinScenario("control-plane-gone")).toMatchObject({
      fleet: { desired: 2 },
      timeline: [{ break: { what: "functions", for: 7_200_000 } }, { scale: 20 }],
    });
  });

  it("tell the same week of the tutoring site twice", () => {
    const [big, scaled] = ["tutoring-week-big", "tutoring-week-scaled"].map(builtinScenario);
    expect(big?.traffic).toEqual(scaled?.traffic);
    expect(big?.for).toBe(scaled?.for);
  });

  it("break every part that can be broken on a game day", () => {
    const broken = builtinScenario("game-day")?.timeline.flatMap((moment) =>
      "break" in moment ? moment.break.what : [],
    );
    expect(new Set(broken)).toEqual(
      new Set(["database", "sessions", "cache", "files", "zone", "agent", "events", "functions", "sweep"]),
    );
  });

  it("are not made up by a name that leads out of their folder", () => {
    expect(builtinText("../package")).toBeUndefined();
    expect(builtinScenario("no-such")).toBeUndefined();
  });
});
