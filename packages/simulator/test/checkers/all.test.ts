import { describe, expect, it } from "vitest";
import { allCheckers, notChecked } from "../../src/checkers/all.ts";
import { follow } from "../../src/checkers/follow.ts";
import { createRecording } from "../../src/facts/recording.ts";
import { answered, began, final, quietRun } from "./story.ts";

describe("the rules that always hold", () => {
  it("are each checked, or named with the reason why not", () => {
    const names = [...allCheckers(quietRun).map(({ rule }) => rule), ...Object.keys(notChecked)];
    const sixteen = Array.from({ length: 16 }, (_, index) => `rule-${String(index + 1).padStart(2, "0")}`);
    expect(names.filter((name) => name !== "liveness" && name !== "incidents").sort()).toEqual(sixteen);
  });

  it("are watched from a recording's first fact, however late they come to it, to its end", () => {
    let now = 1;
    const recording = createRecording(() => now);
    recording.add(began("i-1", "launch"));
    const followed = follow(recording, allCheckers(quietRun));
    now = 60;
    recording.add(answered("i-1", "launch", "CONTINUE", { proven: undefined }));
    expect(followed.violations).toMatchObject([{ rule: "rule-01", at: 60, node: "i-1" }]);
    recording.add(final([{ state: "Pending:Wait" }], 0));
    expect(followed.end(90).map(({ rule }) => rule)).toEqual(["rule-01", "liveness"]);
  });
});
