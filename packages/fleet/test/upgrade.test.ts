/** An upgrade and its nodes, without a world: each round the upgrade is decided about, and every node does what it then may. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assignedInUpgrade,
  decideUpgrade,
  type ErrandOutcome,
  type InstanceId,
  instanceId,
  isSame,
  isUpgradeOver,
  type NodeRecord,
  type Upgrade,
  type UpgradeDecision,
  upgradeView,
} from "../src/index.ts";
import { command, launch, launchEpisode, name, noon, policy, record, serving } from "./builder.ts";

const from = { release: "4.5", digest: "d1" };
const to = { release: "5.1", digest: "d2" };
const id = (end: number): InstanceId => instanceId(`i-${String(end).padStart(17, "0")}`);

const begun: Upgrade = {
  ...{ v: 1, id: "u", site: name.site, from: { web: from }, to: { web: to }, by: "ann", reason: "new quiz" },
  ...{ startedAt: noon, phase: "preflight", since: noon, attempt: 0, moved: false, recoveryPoints: ["db", "files"] },
};

type Outcome = Partial<Omit<ErrandOutcome, "id" | "at">>;

interface World {
  upgrade: Upgrade;
  nodes: NodeRecord[];
  assigned: typeof from;
  published: typeof from;
  now: number;
  readonly story: UpgradeDecision[];
  readonly halted?: string;
}

const world = (size = 3, more: Partial<World> = {}): World => ({
  ...{ upgrade: begun, assigned: from, published: from, now: noon, story: [], ...more },
  nodes: Array.from({ length: size }, (_, end) =>
    serving({}, { instance: id(end), verified: { ...from, at: noon }, lifecycleState: "InService" }),
  ),
});

function decide(at: World): UpgradeDecision {
  const { nodes, now, halted } = at;
  const decision = decideUpgrade(at.upgrade, {
    ...{ nodes, halted, published: { web: at.published }, suspended: { web: ["AZRebalance"] }, policy, now },
  });
  at.upgrade = decision.upgrade;
  at.assigned = decision.assign === undefined ? at.assigned : (decision.upgrade[decision.assign]["web"] ?? at.assigned);
  at.published = decision.publish?.["web"] ?? at.published;
  at.story.push(decision);
  return decision;
}

/** What a node answers to an errand; done unless said otherwise. Who is silent is not asked again. */
type Answers = (step: string, node: NodeRecord, at: World) => Outcome | undefined;

function work(at: World, answers: Answers): void {
  at.nodes = at.nodes.map((node) => {
    if (node.phase.name !== "in-service") return node;
    const wanted = assignedInUpgrade(node, at.assigned, at.upgrade);
    const verified = { ...wanted, at: at.now };
    const errand = upgradeView(node, at.upgrade)?.errand;
    const asksAgain = node.errand?.is === "put-off" && node.errand.message !== "silent";
    if (errand === undefined || (node.errand?.id === errand.id && !asksAgain)) return { ...node, verified };
    const outcome = answers(errand.step, node, at) ?? (errand.step === "preflight" ? { wants: "closed" } : {});
    const moved = outcome.moved === true || (asksAgain && node.errand?.moved === true);
    return { ...node, verified, errand: { id: errand.id, at: at.now, is: "done", message: "", ...outcome, moved } };
  });
}

/** Until it is over. */
function run(at: World, answers: Answers = () => undefined, check: (at: World) => void = () => {}): string[] {
  const phases: string[] = [];
  for (let round = 0; round < 60 && !isUpgradeOver(at.upgrade); round++) {
    decide(at);
    if (phases.at(-1) !== at.upgrade.phase) phases.push(at.upgrade.phase);
    check(at);
    work(at, answers);
    at.now += 60_000;
  }
  return phases;
}

const lastWhy = (at: World): string => at.story.at(-1)?.why ?? "";
const has = (at: World) => at.nodes.map(({ verified }) => verified?.release);

describe("an upgrade", () => {
  it("closes the site, changes the database by one node, takes the others along, and opens", () => {
    const at = world();
    expect(run(at)).toEqual(["preflight", "closing", "upgrading", "switching", "opening", "done"]);
    expect(has(at)).toEqual(["5.1", "5.1", "5.1"]);
    // What somebody had suspended before is not Warden's to give back.
    expect(at.upgrade.held).toEqual({ web: ["AlarmNotification"] });
    expect(at).toMatchObject({ assigned: to, published: to, upgrade: { moved: true, closes: true } });
    expect(at.story.at(-1)).toMatchObject({
      stale: true,
      why: expect.stringMatching(/all 3 nodes .* closed for \d+ s/),
    });
  });

  it("leaves the site open where Moodle lets it", () => {
    const at = world();
    const phases = run(at, (step) => (step === "preflight" ? { wants: "open" } : undefined));
    expect(phases).toEqual(["preflight", "upgrading", "switching", "done"]);
    expect(lastWhy(at)).toContain("never closed");
  });

  it("asks one node alone to change the database, and only once all is written down", () => {
    const at = world();
    const asked = new Set<string>();
    run(at, (step, node) => {
      if (step === "upgrade") asked.add(node.instance);
      if (step === "upgrade") expect(at.upgrade).toMatchObject({ attempt: 1, upgrader: { instance: node.instance } });
      return undefined;
    });
    expect([...asked]).toEqual([id(0)]);
  });

  it.each([
    ["a node objects", { is: "failed", message: "mod_attendance does not support 5.1" }],
    ["Moodle asks for none", { wants: "none" }],
  ] as const)("changes nothing when %s", (_, outcome) => {
    const at = world();
    const phases = run(at, (step) => (step === "preflight" ? outcome : undefined));
    expect(phases).toEqual(["preflight", "returning", "returned"]);
    expect(has(at)).toEqual(["4.5", "4.5", "4.5"]);
    expect(at.upgrade.because).toMatch(/mod_attendance|no upgrade/);
  });

  it("begins nothing while a task may still run that nobody can ask for: on nodes on their way in, or out", () => {
    const launched = { startedAt: noon - 60_000 };
    const bootstrapping = { name: "bootstrapping", launch: launch(from), command: command("bootstrap") } as const;
    for (const [late, ends] of [
      [record(bootstrapping, { episode: launchEpisode(launched) }), "returned"],
      [
        record({ name: "joining" }, { episode: launchEpisode(launched), lifecycleState: "Pending:Proceed" }),
        "returned",
      ],
      // Of an older configuration, and the same code.
      [
        record({ ...bootstrapping, launch: launch({ ...from, digest: "d0" }) }, { episode: launchEpisode(launched) }),
        "returned",
      ],
      [record({ name: "released" }, { lifecycleState: "Terminating:Wait" }), "returned"],
      // A look that lags behind: what serves is not among those who serve.
      [serving({}, { verified: { ...from, at: noon }, lifecycleState: "Pending:Proceed" }), "returned"],
      // Comes when the site is closed, and finds it so.
      [record(bootstrapping, { episode: launchEpisode({ startedAt: noon + 3_600_000 }) }), "switching"],
      [record({ name: "aside" }, { lifecycleState: "Standby" }), "done"],
      // Waits for just this upgrade.
      [record({ name: "on-hold", launch: launch(to), reason: "waits for an upgrade", recheckAt: noon }), "done"],
    ] as const) {
      const open = world();
      open.nodes.push({ ...late, instance: id(9) });
      run(open, undefined, ({ upgrade, now }) => {
        // Closed for nobody's sake it would be for long: it waits while it is open, though not for ever.
        if (ends === "returned") expect(upgrade.attempt).toBe(0);
        if (ends === "returned" && now < noon + policy.launchBudget) expect(upgrade.closedAt).toBeUndefined();
      });
      expect(open.upgrade.phase).toBe(ends);
    }
  });

  it("does not wait for ever for a node that does not answer", () => {
    const at = world();
    run(at, (step, { instance }) =>
      step === "preflight" && instance === id(1) ? { is: "put-off", message: "its agent is silent" } : undefined,
    );
    expect(at.upgrade).toMatchObject({ phase: "returned", because: expect.stringContaining(`${id(1)}`) });
  });

  it("opens the site again when what was begun with the old code does not come to rest", () => {
    const at = world();
    const phases = run(at, (step) =>
      step === "maintenance" && at.upgrade.phase === "closing" ? { is: "put-off", message: "an upload" } : undefined,
    );
    expect(phases).toEqual(["preflight", "closing", "returning", "opening", "returned"]);
    expect(at.upgrade).toMatchObject({ moved: false, because: expect.stringContaining("an upload") });
    expect(at.upgrade.openedAt).toBeGreaterThan(at.upgrade.closedAt ?? 0);
  });

  it("goes back when the attempt has changed nothing, and tries again, then is stuck, when it has", () => {
    const same = world();
    run(same, (step) => (step === "upgrade" ? { is: "failed", moved: false, message: "PHP 8.1" } : undefined));
    expect(same.upgrade).toMatchObject({ phase: "returned", attempt: 1, because: expect.stringContaining("PHP 8.1") });
    expect([has(same), same.assigned]).toEqual([["4.5", "4.5", "4.5"], from]);

    const moved = world();
    run(moved, (step) => (step === "upgrade" ? { is: "failed", moved: true, message: "a plugin" } : undefined));
    expect(moved.upgrade).toMatchObject({ phase: "stuck", attempt: 3, moved: true });
    expect(has(moved)).toEqual(["5.1", "4.5", "4.5"]);
    expect(lastWhy(moved)).toContain("stays closed");
  });

  it("goes on with another node when the one that upgrades is gone, or is not heard of any more", () => {
    for (const loses of ["gone", "silent"]) {
      const at = world();
      run(
        at,
        (step, { instance }) =>
          step === "upgrade" && instance === id(0) && loses === "silent"
            ? { is: "put-off", message: "silent" }
            : undefined,
        (now) => {
          if (loses === "gone" && now.upgrade.attempt === 1)
            now.nodes = now.nodes.filter(({ instance }) => instance !== id(0));
        },
      );
      expect(at.upgrade).toMatchObject({ phase: "done", upgrader: { instance: id(1) }, moved: true });
    }
  });

  it("does not open while old code is left anywhere, also on nodes that come or go", () => {
    for (const phase of [
      { name: "verifying", launch: launch(from), command: { step: "verify", batch: "b", intendedAt: noon } },
      { name: "joining" },
      // Brought in by its own watcher, while Warden is still at its bootstrap to the new code.
      { name: "bootstrapping", launch: launch(to), command: { step: "bootstrap", batch: "b", intendedAt: noon } },
    ] as const) {
      const at = world();
      const lifecycleState = phase.name === "bootstrapping" ? "InService" : "Pending:Proceed";
      const since = noon + 3_600_000;
      const late = record(phase, { instance: id(9), since, verified: { ...from, at: noon }, lifecycleState });
      at.nodes.push(late);
      run(at);
      expect(at.upgrade.phase).toBe("switching");
      expect(lastWhy(at)).toContain(id(9));
      at.nodes = at.nodes.filter(({ instance }) => instance !== id(9));
      run(at);
      expect(at.upgrade.phase).toBe("done");
    }
  });

  it("is taken back while the database is as it was, by a person or a stop, and not afterwards", () => {
    const withdrawn = { by: "ben", reason: "exam" };
    for (const phase of ["preflight", "closing", "upgrading", "switching"]) {
      const at = world();
      run(at, undefined, (now) => {
        if (now.upgrade.phase === phase) now.upgrade = { ...now.upgrade, withdrawn };
      });
      expect(at.upgrade.phase).toBe(phase === "switching" ? "done" : "returned");
      const stopped = world(3, { halted: "ben stopped Warden: exam" });
      run(stopped);
      expect(stopped.upgrade).toMatchObject({ phase: "returned", because: "ben stopped Warden: exam" });
    }
  });

  it("goes on from a stuck one with a mended release", () => {
    const at = world();
    run(at, (step) => (step === "upgrade" ? { is: "failed", moved: true, message: "a plugin" } : undefined));
    const { closedAt, upgrader } = at.upgrade;
    const mended = { release: "5.1-mended", digest: "d2" };
    const known = { ...(closedAt && { closedAt }), ...(upgrader && { upgrader }) };
    at.upgrade = { ...begun, id: "u2", to: { web: mended }, moved: true, ...known };
    run(at, (step) => (step === "preflight" ? { wants: "open" } : undefined));
    expect(at.upgrade).toMatchObject({ phase: "done", closes: true, closedAt, openedAt: expect.any(Number) });
    expect(has(at)).toEqual(["5.1-mended", "5.1-mended", "5.1-mended"]);
  });

  it("whatever befalls it, ends, and never has old code open on a changed database, nor two that change it", () => {
    const outcomes = fc.array(
      fc.record<Outcome>({
        is: fc.constantFrom("done", "done", "done", "failed", "put-off"),
        wants: fc.constantFrom("closed", "closed", "open"),
        moved: fc.boolean(),
        message: fc.constant("m"),
      }),
      { minLength: 1, maxLength: 40 },
    );
    const losses = fc.array(fc.option(fc.nat({ max: 2 }), { freq: 8 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(outcomes, losses, fc.option(fc.nat({ max: 20 })), (said, lost, withdrawAt) => {
        const at = world(4);
        let asked = 0;
        let round = 0;
        let dirty = false;
        run(
          at,
          (step) => {
            const outcome = said[asked++ % said.length];
            if (step === "upgrade" && (outcome?.is === "done" || outcome?.moved === true)) dirty = true;
            // A site that comes to rest at last: that of others is another test's.
            return step === "maintenance" ? {} : outcome;
          },
          (now) => {
            const gone = lost[round % lost.length];
            if (gone !== null && now.nodes.length > 1) now.nodes = now.nodes.filter((_, index) => index !== gone);
            if (round++ === withdrawAt && now.upgrade.attempt === 0)
              now.upgrade = { ...now.upgrade, withdrawn: { by: "ben", reason: "r" } };
            const { upgrade, nodes } = now;
            const old = nodes.filter(({ verified }) => !isSame(verified, to));
            const open = upgrade.closes !== true || upgrade.phase === "opening" || upgrade.phase === "done";
            if (dirty && upgrade.closes && open) expect(old).toEqual([]);
            const asks = nodes.filter((node) => upgradeView(node, upgrade)?.errand?.step === "upgrade");
            expect(asks.length).toBeLessThan(2);
          },
        );
        const { upgrade } = at;
        expect(isUpgradeOver(upgrade)).toBe(true);
        if (upgrade.phase === "returned")
          expect([dirty, has(at).every((release) => release === "4.5")]).toEqual([false, true]);
        if (upgrade.phase === "done") expect(has(at).every((release) => release === "5.1")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a rehearsal", () => {
  const copy = "copy.example/moodle";
  const rehearsal = (more: Partial<World> = {}): World =>
    world(3, { upgrade: { ...begun, rehearsal: { copy } }, ...more });

  it("asks all nodes, has one try it on the copy, says how long it took, and changes nothing", () => {
    const at = rehearsal();
    const asked: string[] = [];
    const phases = run(at, (step, { instance }) => {
      asked.push(`${step} ${instance}`);
      return step === "rehearse" ? { took: 90_000 } : undefined;
    });
    expect(phases).toEqual(["preflight", "rehearsing", "rehearsed"]);
    expect(asked.filter((each) => each.startsWith("rehearse"))).toEqual([`rehearse ${id(0)}`]);
    expect(at.upgrade).toMatchObject({ moved: false, attempt: 0, closes: true, rehearsal: { copy, took: 90_000 } });
    expect([at.upgrade.closedAt, at.upgrade.held]).toEqual([undefined, undefined]);
    expect([has(at), at.assigned, at.published]).toEqual([["4.5", "4.5", "4.5"], from, from]);
    expect(lastWhy(at)).toBe("Moodle took 90 s for the copy; the site will be closed for longer than that");
    expect(at.story.some(({ stale }) => stale)).toBe(false);
  });

  it.each([
    ["Moodle fails on the copy", { is: "failed", message: "a step of mod_quiz" }, /failed on i-.*: a step of mod_quiz/],
    ["its node is not heard of any more", { is: "put-off", message: "silent" }, /was not heard of any more \(silent\)/],
  ] as const)("ends with every node as it was when %s", (_, outcome, because) => {
    const at = rehearsal();
    const phases = run(at, (step) => (step === "rehearse" ? outcome : undefined));
    expect(phases).toEqual(["preflight", "rehearsing", "returning", "returned"]);
    expect(at.upgrade).toMatchObject({ moved: false, because: expect.stringMatching(because) });
    expect([has(at), at.assigned]).toEqual([["4.5", "4.5", "4.5"], from]);
  });

  it("ends when its node goes away, when a person takes it back, and when Warden is stopped", () => {
    const ends: Record<string, (at: World) => Partial<World>> = {
      "went away": ({ nodes }) => ({ nodes: nodes.slice(1) }),
      "bob takes it back": ({ upgrade }) => ({ upgrade: { ...upgrade, withdrawn: { by: "bob", reason: "exam" } } }),
      "bob stopped Warden": () => ({ halted: "bob stopped Warden: exam" }),
    };
    for (const [because, happens] of Object.entries(ends)) {
      const at = rehearsal();
      run(
        at,
        (step) => (step === "rehearse" ? { is: "under-way", message: "" } : undefined),
        (now) => {
          if (now.upgrade.phase === "rehearsing") Object.assign(now, happens(now));
        },
      );
      expect(at.upgrade).toMatchObject({ phase: "returned", because: expect.stringContaining(because) });
    }
  });
});
