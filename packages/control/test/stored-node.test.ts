import { decide, type NodeRecord } from "@warden/fleet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { observation, pause, viewFor } from "../../fleet/test/arbitrary.ts";
import { name, noon, policy, serving } from "../../fleet/test/builder.ts";
import { readNode } from "../src/index.ts";

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("a stored record", () => {
  it("comes back as it was, whatever led to it", () => {
    const looks = fc.array(fc.tuple(observation, pause, fc.nat()), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(looks, (steps) => {
        let record: NodeRecord | undefined;
        let now = noon;
        for (const [seen, later, seed] of steps) {
          now += later;
          const [command] = fc.sample(viewFor(record), { seed, numRuns: 1 });
          const decided: NodeRecord = decide(name, record, {
            seen: { ...seen, command },
            policy,
            now,
            pass: "p",
          }).record;
          const read = readNode(plain(decided));
          if (read.kind !== "read") throw new Error(JSON.stringify(read));
          expect(plain(read.record)).toEqual(plain(decided));
          record = read.record;
        }
      }),
      { numRuns: 500 },
    );
  });

  it("of a Warden that pushed configurations only was to have the release that it had", () => {
    const push = { digest: "d2", at: noon, is: "under-way", message: "" } as const;
    const read = readNode(plain(serving({}, { push: { release: "", ...push } })));
    const before = readNode({ ...serving(), push });
    expect(before).toMatchObject({ kind: "read", record: { push: { ...push, release: "5.2" } } });
    expect(read).toMatchObject({ kind: "read", record: { push: { release: "" } } });
  });

  it("is left alone when a newer Warden wrote it, whatever else it holds", () => {
    expect(readNode({ v: 2, phase: "something new" })).toEqual({ kind: "newer" });
  });

  it("is damaged when a member has another type, and says which", () => {
    const read = readNode({ ...serving(), served: "yes" });
    expect(read).toMatchObject({ kind: "damaged", why: expect.stringContaining("served") });
  });
});
