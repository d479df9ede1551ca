/**
 * Rule 16: a site's schema is changed by one node at a time, and no code works on a schema that is not its own. A node that
 * is ready while the site is closed answers with the notice only, whatever code it has.
 */
import type { Fact } from "../facts/fact.ts";
import { isMarked, versionsOf } from "../node/release.ts";
import type { Violation } from "./checker.ts";
import { type CreateChecker, violationAt } from "./grace.ts";

const rule = "rule-16";

type Of<Kind extends Fact["kind"]> = Extract<Fact, { kind: Kind }>;
type Began = Extract<Of<"schema">, { event: "began" }>;

/** Nodes, and the release that each serves with. */
type Who = readonly (readonly [node: string, release: string])[];

interface Task {
  readonly node: string;
  readonly release: string;
  readonly until: number;
}

export const rule16: CreateChecker = (run) => {
  let schema = { code: run.schema, moving: false };
  /** The last change, and what the schema was for until then: an upgrade of an open site lets that go on. */
  let last: { readonly from: string | undefined; readonly isOpen: boolean } | undefined;
  let atWork: Began | undefined;
  let isClosed = false;
  const ready = new Map<string, string>();
  /** Deregistered, and their delay is over: the load balancer sends them nothing, however ready they are. */
  const unused = new Set<string>();
  let tasks: readonly Task[] = [];
  let candidate: Of<"release"> | undefined;
  let upgrade: Of<"upgrade"> | undefined;
  /** Since the upgrade at hand was begun. */
  let hasMoved = false;
  let waiting = { stopped: false, silent: false };

  function suits(release: string): boolean {
    const versions = versionsOf(release);
    const goesOn = last?.isOpen === true;
    return versions === schema.code ? !schema.moving || goesOn : goesOn && versions === last?.from;
  }

  const serving = (): Who => [...ready].filter(([node]) => !unused.has(node));
  const only = (node: string): Who => serving().filter(([each]) => each === node);

  const inWords = (): string => `a schema ${schema.moving ? "on its way from" : "of"} ${schema.code ?? "nothing"}`;

  function openly(fact: Fact, who: Who): Violation | undefined {
    if (isClosed) return undefined;
    for (const [node, release] of who)
      if (!suits(release)) return violationAt(rule, fact, node, `serves openly with ${release} on ${inWords()}`);
    return undefined;
  }

  function atTasks(fact: Fact): Violation | undefined {
    const wrong = tasks.find(({ release, until }) => until > fact.at && !suits(release));
    return wrong && violationAt(rule, fact, wrong.node, `runs a task of ${wrong.release} on ${inWords()}`);
  }

  function changed(fact: Of<"schema">): Violation | undefined {
    if (fact.event === "ended") {
      if (atWork?.node === fact.node) atWork = undefined;
      schema = { code: fact.code, moving: fact.moving };
    } else {
      const other = atWork;
      atWork = fact;
      last = { from: schema.code, isOpen: isMarked(fact.release, "open") };
      schema = { ...schema, moving: true };
      hasMoved = true;
      if (other !== undefined)
        return violationAt(
          rule,
          fact,
          fact.node,
          `begins its ${fact.work} while ${other.node} is at its ${other.work}`,
        );
    }
    return openly(fact, serving()) ?? atTasks(fact);
  }

  function becameReady({ node, release }: Of<"serves">): void {
    if (release === undefined) ready.delete(node);
    else ready.set(node, release);
  }

  function isSent({ node, state }: Of<"target">): void {
    if (state === "unused") unused.add(node);
    else unused.delete(node);
  }

  function runs(fact: Of<"task">): Violation | undefined {
    const { node, release, until, at } = fact;
    const others = tasks.filter((each) => each.until > at && (release !== undefined || each.node !== node));
    tasks = release === undefined ? others : [...others, { node, release, until }];
    return release === undefined ? undefined : atTasks(fact);
  }

  function wroteDown(fact: Of<"upgrade">): Violation | undefined {
    if (upgrade === undefined || isOver(upgrade)) hasMoved = false;
    const before = upgrade?.phase;
    upgrade = fact;
    if (fact.phase === before) return undefined;
    const detail = complaint(fact);
    return detail === undefined ? undefined : violationAt(rule, fact, undefined, detail);
  }

  function complaint({ phase, why }: Of<"upgrade">): string | undefined {
    switch (phase) {
      case "stuck":
        return candidate?.is === "broken" ? undefined : `an upgrade without fault is stuck: ${why}`;
      case "returned":
        return hasMoved ? `an upgrade returned after the schema had moved: ${why}` : undefined;
      case "done": {
        if (isClosed) return "an upgrade is done, and the site is closed";
        const [old] = serving().filter(([, release]) => release !== candidate?.release);
        return old && `an upgrade to ${candidate?.release} is done, and ${old.join(" serves with ")}`;
      }
      default:
        return undefined;
    }
  }

  function inTheEnd(): string | undefined {
    if (upgrade !== undefined && !isOver(upgrade))
      return `an upgrade is still ${upgrade.phase} when all has been quiet: ${upgrade.why}`;
    // Half of one and half of the other, it waits for a person.
    return isClosed && !schema.moving ? "the site is still closed when all has been quiet" : undefined;
  }

  return {
    rule,
    says: "one node at a time installs or upgrades a site; no code serves openly or runs a task on a schema that is not its own; an upgrade ends, open and with its release on all nodes, or as it was before the schema moved, or stuck with what is broken",
    see(fact) {
      switch (fact.kind) {
        case "schema":
          return changed(fact);
        case "maintenance":
          isClosed = fact.closed;
          return openly(fact, serving());
        case "serves":
          becameReady(fact);
          return openly(fact, only(fact.node));
        case "target":
          isSent(fact);
          return openly(fact, only(fact.node));
        case "task":
          return runs(fact);
        case "release":
          candidate = fact;
          return undefined;
        case "upgrade":
          return wroteDown(fact);
        case "switch":
          waiting = { ...waiting, stopped: fact.stopped };
          return undefined;
        case "agents":
          waiting = { ...waiting, silent: fact.silent };
          return undefined;
        default:
          return undefined;
      }
    },
    end(at) {
      const detail = waiting.stopped || waiting.silent ? undefined : inTheEnd();
      return detail === undefined ? [] : [{ rule, at, node: undefined, detail }];
    },
  };
};

const isOver = ({ phase }: Of<"upgrade">): boolean => phase === "done" || phase === "returned" || phase === "stuck";
