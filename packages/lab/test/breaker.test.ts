import { describe, expect, it } from "vitest";
import { type Breaker, breaker } from "../src/breaker.ts";
import { describeFault, faultSchema, whatBreaks } from "../src/faults.ts";
import { LabRefusal } from "../src/refusal.ts";

/** A lab with one machine, `i-1`, which may go away; what was done to it, in order. */
function lab(): { readonly done: string[]; readonly told: string[]; breaker: Breaker; lose(): void } {
  const done: string[] = [];
  const told: string[] = [];
  let isThere = true;
  const note = async (text: string): Promise<void> => void done.push(text);
  const made = breaker({
    data: { lose: (part) => note(`lose ${part}`), restore: (part) => note(`restore ${part}`) },
    files: { set: (conditions, machine) => note(`files ${JSON.stringify(conditions)} ${machine ?? "all"}`) },
    functions: { stop: () => note("stop Warden"), start: () => note("start Warden") },
    hostOf: (id) =>
      id === "i-1" && isThere
        ? {
            instanceId: id,
            befall: (what) => note(what).then(() => (what === "power" ? undefined : () => note(`no ${what}`))),
          }
        : undefined,
    interruptSpot: (id) => void done.push(`spot ${id}`),
    tell: (text, tone) => void told.push(`${tone} ${text}`),
  });
  return { done, told, breaker: made, lose: () => (isThere = false) };
}

const slow = { readDelay: 5, writeDelay: 5, metadataDelay: 5, lockDelay: 5, hangs: false };
const still = { readDelay: 0, writeDelay: 0, metadataDelay: 0, lockDelay: 0, hangs: true };
const normal = { ...still, hangs: false };

describe("breaking the lab", () => {
  it("does what was asked, tells it, and undoes it", async () => {
    const { done, told, breaker: it } = lab();
    await it.break({ what: "database" });
    await it.break({ what: "files", delay: 5 });
    await it.break({ what: "warden" });
    await it.break({ what: "network", node: "i-1" });
    expect(it.broken).toHaveLength(4);
    expect(done).toEqual(["lose database", `files ${JSON.stringify(slow)} all`, "stop Warden", "network"]);
    expect(await it.heal({})).toHaveLength(4);
    expect(done.slice(4)).toEqual([
      "restore database",
      `files ${JSON.stringify(normal)} all`,
      "start Warden",
      "no network",
    ]);
    expect(it.broken).toEqual([]);
    expect(told[0]).toBe("bad MariaDB is killed");
    expect(told.at(-1)).toBe("good healed: the network of i-1 is cut");
  });

  it("heals only what it is asked for", async () => {
    const { breaker: it } = lab();
    await it.break({ what: "sessions" });
    await it.break({ what: "files", node: "i-1" });
    expect(await it.heal({ what: "cache" })).toEqual([]);
    expect(await it.heal({ node: "i-1" })).toEqual([{ what: "files", node: "i-1" }]);
    expect(it.broken).toEqual([{ what: "sessions" }]);
  });

  it("hangs the mount of one machine by its name", async () => {
    const { done, breaker: it } = lab();
    await it.break({ what: "files", node: "i-1" });
    expect(done).toEqual([`files ${JSON.stringify(still)} lab-i-1`]);
  });

  it("refuses what is broken already and machines that are not there", async () => {
    const { done, breaker: it } = lab();
    await it.break({ what: "cache" });
    await expect(it.break({ what: "cache" })).rejects.toThrow(LabRefusal);
    await expect(it.break({ what: "disk", node: "i-2" })).rejects.toThrow("no machine i-2");
    expect(done).toEqual(["lose cache"]);
    expect(it.broken).toEqual([{ what: "cache" }]);
  });

  it("keeps what has no way back until its machine is gone", async () => {
    const { done, breaker: it, lose } = lab();
    await it.break({ what: "workers", node: "i-1" });
    await it.break({ what: "spot", node: "i-1" });
    expect(await it.heal({})).toEqual([{ what: "workers", node: "i-1" }]);
    expect(it.broken).toEqual([{ what: "spot", node: "i-1" }]);
    await it.break({ what: "workers", node: "i-1" });
    lose();
    expect(await it.heal({})).toEqual([]);
    expect(it.broken).toEqual([]);
    expect(done).toEqual(["workers", "spot i-1", "no workers", "workers"]);
  });

  it("remembers nothing that failed to break", async () => {
    const failing = breaker({
      data: { lose: () => Promise.reject(new Error("no such process")), restore: async () => {} },
      files: { set: async () => {} },
      functions: { stop: async () => {}, start: async () => {} },
      hostOf: () => undefined,
      interruptSpot: () => {},
      tell: () => {},
    });
    await expect(failing.break({ what: "database" })).rejects.toThrow("no such process");
    expect(failing.broken).toEqual([]);
  });
});

it("has a sentence of its own for each fault", () => {
  const said = whatBreaks.map((what) => describeFault(faultSchema.parse({ what, node: "i-1" })));
  expect(new Set(said).size).toBe(whatBreaks.length);
});
