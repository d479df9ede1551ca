import { type Beat, Fault, type IncidentsChange, siteKey } from "@warden/control";
import { siteName } from "@warden/fleet";
import { describe, expect, it } from "vitest";
import { launchEpisode, name, noon, record } from "../../fleet/test/builder.ts";
import { change, entry, i, keyOf, storeInMemory } from "./table.ts";

const { site, group } = name;
const claim = (limit: number) => ({ slot: { claim: true, limit } }) as const;

describe("a commit", () => {
  it("creates a record once, and then only over the version it was decided for", async () => {
    const { store } = await storeInMemory();
    expect(await store.commit(change(1))).toBe("done");
    expect(await store.commit(change(1))).toBe("lost");
    expect(await store.commit(change(1, { version: 1 }))).toBe("done");
    expect(await store.commit(change(1, { version: 1 }))).toBe("lost");
    const { nodes } = await store.read([keyOf(1)]);
    expect(nodes.get(keyOf(1))).toMatchObject({ version: 2, dueAt: noon + 1000, why: "why" });
  });

  it("writes record, ledger, outbox, beat and group, or nothing at all", async () => {
    const { store, rows } = await storeInMemory();
    const beat = beatOf(1);
    const more = { beat, ...claim(1), launchOutcome: "failed", health: "unhealthy" } as const;
    await store.commit(change(1, more));
    expect(await store.groupState(site, group)).toMatchObject({ slots: [i(1)], failedLaunches: 1, unhealthy: [i(1)] });
    expect(await store.beats()).toMatchObject([beat]);
    expect(await rows(`ledger#${keyOf(1)}`)).toHaveLength(1);
    expect(await store.commit(change(2, { ...more, beat: beatOf(2) }))).toBe("lost");
    expect(await store.beats()).toHaveLength(1);
    expect(await store.unpublished(9)).toHaveLength(1);
  });

  it("that is quiet moves only the time of the next look", async () => {
    const { store, rows } = await storeInMemory();
    await store.commit(change(1));
    await store.commit(change(1, { version: 1, quiet: true, dueAt: noon + 9000 }));
    expect((await store.read([keyOf(1)])).nodes.get(keyOf(1))).toMatchObject({ version: 2, dueAt: noon + 9000 });
    expect(await rows(`ledger#${keyOf(1)}`)).toHaveLength(1);
  });

  it("sets the TTL of ledger rows, and of the records of the gone", async () => {
    const { store, rows } = await storeInMemory();
    await store.commit(change(1));
    await store.commit(change(2, { record: { ...record({ name: "gone" }), instance: i(2) } }));
    const days = (count: number) => noon / 1000 + count * 86_400;
    expect((await rows(`ledger#${keyOf(1)}`))[0]?.["expires"]).toBe(days(90));
    expect((await rows("outbox"))[0]?.["expires"]).toBe(days(90));
    const nodes = (await rows(`group#${site}/${group}`)).filter((row) => String(row["sk"]).startsWith("node#"));
    expect(nodes.map((row) => row["expires"])).toEqual([undefined, days(7)]);
  });

  it("keeps track of the group: health, failures in a row, the one that is kept", async () => {
    const { store } = await storeInMemory();
    await store.commit(change(1, { health: "unhealthy", launchOutcome: "failed" }));
    await store.commit(change(2, { launchOutcome: "kept" }));
    expect(await store.groupState(site, group)).toMatchObject({ failedLaunches: 2, kept: i(2), unhealthy: [i(1)] });
    await store.commit(change(1, { version: 1, health: "healthy", launchOutcome: "succeeded" }));
    await store.commit(change(2, { version: 1, keptEnds: true }));
    expect(await store.groupState(site, group)).toMatchObject({ failedLaunches: 0, kept: undefined, unhealthy: [] });
  });

  it("rejects with a fault what the table does not take", async () => {
    const { store } = await storeInMemory();
    const huge = { ledger: { ...entry(keyOf(1)), why: "x".repeat(500_000) } };
    await expect(store.commit(change(1, huge))).rejects.toBeInstanceOf(Fault);
  });
});

describe("what is wrong with what all nodes share", () => {
  const incident: IncidentsChange["open"][number] = {
    ...{ id: "cache-2026-01-12T12:00:00Z", part: "cache", openedAt: noon, saidAt: noon + 1_000 },
    ...{ most: { nodes: 2, of: 3 }, alarms: ["cache-memory"], message: "cache (no answer)" },
  };
  const told = {
    ...entry(keyOf(1)),
    key: siteKey(site),
    kind: "incident",
    phase: "opened",
    evidence: { incident },
  } as const;

  it("is written once, by whoever saw what is there, with a row that is told to the bus", async () => {
    const { store } = await storeInMemory();
    expect(await store.incidents(site)).toEqual({ open: [], version: 0 });
    const opened = { site, open: [incident], version: 0, ledger: [told] };
    expect(await store.commitIncidents(opened)).toBe("done");
    expect(await store.commitIncidents(opened)).toBe("lost");
    expect(await store.incidents(site)).toEqual({ open: [incident], version: 1 });
    expect(await store.ledger(siteKey(site), 10)).toEqual([told]);
    expect(await store.unpublished(noon + 1)).toEqual([told]);
  });

  it("is nothing any more when all of it is over, and the other site's own", async () => {
    const { store } = await storeInMemory();
    await store.commitIncidents({ site, open: [incident], version: 0, ledger: [] });
    expect(await store.commitIncidents({ site, open: [], version: 1, ledger: [] })).toBe("done");
    expect(await store.incidents(site)).toEqual({ open: [], version: 2 });
    expect(await store.incidents(siteName("other"))).toEqual({ open: [], version: 0 });
  });
});

describe("slots", () => {
  it("the last one is won by exactly one of those who claim it at once, round after round", {
    timeout: 60_000,
  }, async () => {
    for (let round = 0; round < 25; round++) {
      const { store } = await storeInMemory();
      await store.commit(change(9, claim(2)));
      const outcomes = await Promise.all([1, 2, 3, 4].map((end) => store.commit(change(end, claim(2)))));
      expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
      const { slots } = await store.groupState(site, group);
      expect(slots).toHaveLength(2);
      expect((await store.nodesOf(site, group)).map((node) => node.record.instance).sort()).toEqual([...slots].sort());
    }
  });

  it("none is won where the limit is zero or less", async () => {
    const { store } = await storeInMemory();
    expect(await store.commit(change(1, claim(0)))).toBe("lost");
    await store.assign(site, group, { release: "5.2", digest: "d" });
    expect(await store.commit(change(1, claim(-1)))).toBe("lost");
  });

  it("one that a restored table left to the same node is taken over", async () => {
    const { store } = await storeInMemory();
    await store.commit(change(1, claim(1)));
    expect(await store.commit(change(1, { version: 1, ...claim(1) }))).toBe("done");
    expect((await store.groupState(site, group)).slots).toEqual([i(1)]);
  });

  it("comes back with the commit that gives it back, or from the sweep", async () => {
    const { store } = await storeInMemory();
    await store.commit(change(1, claim(2)));
    await store.commit(change(2, claim(2)));
    await store.commit(change(1, { version: 1, slot: { claim: false } }));
    expect((await store.groupState(site, group)).slots).toEqual([i(2)]);
    await store.returnSlot(site, group, i(2));
    expect((await store.groupState(site, group)).slots).toEqual([]);
  });
});

describe("a change of what all nodes share", () => {
  it("is written unless one that is not older stands there, each kind by itself", async () => {
    const { store } = await storeInMemory();
    const of = { site, group };
    const first = { id: "c1", at: 1000, why: "a failover" };
    const later = { id: "c2", at: 2000, why: "a rotation" };
    expect(await store.noteChange(of, "changed", first, first.at)).toBe(true);
    expect(await store.noteChange(of, "changed", { ...first, id: "again" }, first.at)).toBe(false);
    expect(await store.noteChange(of, "changed", later, later.at)).toBe(true);
    expect(await store.noteChange(of, "stale", first, first.at)).toBe(true);
    expect(await store.noteChange(of, "stale", later, later.at - 1000)).toBe(false);
    expect(await store.groupState(site, group)).toMatchObject({ changed: later, stale: first });
  });
});

describe("closing an episode", () => {
  const answered = launchEpisode({ result: { value: "CONTINUE", closed: false } });

  it("marks the passage and moves the version, so that who decided meanwhile looks again", async () => {
    const { store } = await storeInMemory();
    await store.commit(change(1, {}, { episode: answered }));
    await store.closeEpisode(keyOf(1), answered);
    const node = (await store.read([keyOf(1)])).nodes.get(keyOf(1));
    expect(node).toMatchObject({ version: 2, record: { episode: { result: { value: "CONTINUE", closed: true } } } });
    expect(await store.commit(change(1, { version: 1 }))).toBe("lost");
  });

  it("does nothing to a later passage, to one without an answer, or to no record", async () => {
    const { store } = await storeInMemory();
    await store.commit(change(1, {}, { episode: launchEpisode({ ordinal: 2 }) }));
    await store.closeEpisode(keyOf(1), answered);
    await store.closeEpisode(keyOf(1), launchEpisode({ ordinal: 2 }));
    await store.closeEpisode(keyOf(2), answered);
    expect((await store.read([keyOf(1), keyOf(2)])).nodes).toMatchObject(new Map([[keyOf(1), { version: 1 }]]));
  });
});

describe("reading", () => {
  it("follows more than a hundred items", { timeout: 60_000 }, async () => {
    const { store } = await storeInMemory();
    const ends = Array.from({ length: 130 }, (_, index) => index + 1);
    for (const end of ends) await store.commit(change(end));
    const { nodes } = await store.read(ends.map(keyOf));
    expect(nodes.size).toBe(130);
    expect(await store.nodesOf(site, group)).toHaveLength(130);
  });

  it("leaves newer and damaged records alone, and names them", async () => {
    const { store, put } = await storeInMemory();
    const at = (end: number) => ({ pk: `group#${site}/${group}`, sk: `node#${i(end)}`, version: 1, why: "" });
    await put({ ...at(1), record: { v: 2 } });
    await put({ ...at(2), record: { v: 1, nonsense: true } });
    const { nodes, newer } = await store.read([keyOf(1), keyOf(2), keyOf(3)]);
    expect([nodes.size, [...newer]]).toEqual([0, [keyOf(1), keyOf(2)]]);
    expect(await store.nodesOf(site, group)).toEqual([]);
    expect(await store.commit(change(1))).toBe("lost");
  });

  it("brings orders, stop switches and assignments along", async () => {
    const { store, rows } = await storeInMemory();
    const order = { id: "o", verb: "drain", by: "ann", reason: "r", expiresAt: noon + 5000 } as const;
    await store.putOrder(keyOf(1), order);
    await store.putStop(site, { by: "bob", reason: "exam", at: noon });
    await store.assign(site, group, { release: "5.2", digest: "d" });
    const { orders, stops, groups } = await store.read([keyOf(1)]);
    expect(orders.get(keyOf(1))).toEqual(order);
    expect(stops.get(site)).toMatchObject({ by: "bob" });
    expect(groups.get(`${site}/${group}`)?.assigned).toEqual({ release: "5.2", digest: "d" });
    const [row] = (await rows(`group#${site}/${group}`)).filter((each) => String(each["sk"]).startsWith("order#"));
    expect(row?.["expires"]).toBe(noon / 1000 + 5);
  });
});

describe("the outbox", () => {
  it("holds what is not published yet, the oldest first, and nothing that is no decision", async () => {
    const { store } = await storeInMemory();
    const [late, early] = [entry(keyOf(1), noon + 1), entry(keyOf(1), noon)];
    await store.note(late);
    await store.note(early);
    await store.note({ ...entry(keyOf(1)), kind: "denied" });
    expect(await store.unpublished(9)).toEqual([early, late]);
    expect(await store.unpublished(1)).toEqual([early]);
    await store.published([early]);
    expect(await store.unpublished(9)).toEqual([late]);
    expect(await store.ledger(keyOf(1), 9)).toHaveLength(3);
  });
});

describe("batches", () => {
  it("add up what was sent and who was refused, part by part", async () => {
    const { store } = await storeInMemory();
    await store.addBatch("b", { commandIds: ["c1"], refused: { [i(1)]: "not registered: no ping" } });
    await store.addBatch("b", { commandIds: ["c2"], refused: { [i(2)]: "gone" } });
    await store.addBatch("empty", { commandIds: [], refused: {} });
    const found = await store.batches(["b", "empty", "never"]);
    expect(found.get("b")).toEqual({
      commandIds: ["c1", "c2"],
      refused: { [i(1)]: "not registered: no ping", [i(2)]: "gone" },
    });
    expect(found.get("empty")).toEqual({ commandIds: [], refused: {} });
    expect(found.has("never")).toBe(false);
  });
});

const beatOf = (end: number, until = noon + 600_000, token?: string): Beat => ({
  key: keyOf(end),
  action: { group, hook: "warden-launch", instance: i(end), token },
  ...{ hookTimeout: 600_000, nextAt: noon, until },
});

describe("beats", () => {
  it("move on only while they are those of the same passage", async () => {
    const { store } = await storeInMemory();
    await store.commit(change(1, { beat: beatOf(1) }));
    await store.putBeat({ ...beatOf(1), nextAt: noon + 60_000 });
    expect(await store.beats()).toMatchObject([{ nextAt: noon + 60_000 }]);
    const next = beatOf(1, noon + 900_000, "t2");
    await store.commit(change(1, { version: 1, beat: next }));
    await store.putBeat({ ...beatOf(1), nextAt: noon + 120_000 });
    await store.dropBeat(beatOf(1));
    expect(await store.beats()).toEqual([next]);
    await store.dropBeat(next);
    expect(await store.beats()).toEqual([]);
  });

  it("do not come back once the answer is decided", async () => {
    const { store } = await storeInMemory();
    await store.commit(change(1, { beat: beatOf(1) }));
    await store.commit(change(1, { version: 1, beat: "none" }));
    await store.putBeat(beatOf(1));
    expect(await store.beats()).toEqual([]);
  });
});
