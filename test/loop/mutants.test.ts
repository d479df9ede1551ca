/**
 * The parts of Warden that matter, each shown to matter: Warden passes a built-in scenario, and without the part it does
 * not. The rule that is named is the one that tells first what went wrong.
 */
import { builtinScenario, type ReportedViolation, type Scenario } from "@warden/simulator";
import { type Mutant, simulate } from "@warden/worlds/simulate";
import { describe, expect, it } from "vitest";
import {
  withOneAnswerForEachInstance,
  withoutAnEnd,
  withoutHearingTheNode,
  withoutTheBudgetOfWaves,
  withoutTheBudgetTransaction,
  withoutTheBus,
  withoutTheCanary,
  withoutTheEpisodesToken,
  withoutTheFreezeGuard,
  withoutTheHeartbeat,
  withoutTheIntentRecord,
  withoutTheSharedDependencyGuard,
  withoutTheStopSwitch,
  withoutTheSweep,
  withoutTheVersionCheck,
  withoutTheWatcher,
  withoutTheWayBack,
  withoutVerifying,
  withoutWaitingForWork,
  withTheCandidateForAll,
} from "./mutants.ts";

interface Case {
  readonly mutant: Mutant;
  readonly without: string;
  readonly scenario: string;
  /** Broken by the mutant, and by nobody else. */
  readonly rule: string;
  /** From how many seeds at most one must show it; 3 unless said, and the first one usually does. */
  readonly seeds?: number;
}

const cases: readonly Case[] = [
  { mutant: withoutTheIntentRecord, without: "the intent record", scenario: "races", rule: "rule-05" },
  { mutant: withoutTheVersionCheck, without: "the version check", scenario: "said-once", rule: "liveness", seeds: 12 },
  { mutant: withoutTheBudgetTransaction, without: "the budget transaction", scenario: "races", rule: "rule-05" },
  {
    mutant: withoutTheSharedDependencyGuard,
    without: "the shared-dependency guard",
    scenario: "dependency-down",
    rule: "rule-06",
  },
  { mutant: withoutTheSweep, without: "the sweep", scenario: "lifecycle-event-lost", rule: "liveness" },
  {
    mutant: withoutTheEpisodesToken(),
    without: "a token for each episode",
    scenario: "events-replayed",
    rule: "rule-02",
  },
  {
    mutant: withOneAnswerForEachInstance(),
    without: "an answer for each episode",
    scenario: "answer-unknown",
    rule: "rule-02",
  },
  { mutant: withoutTheWatcher, without: "the watcher", scenario: "control-plane-gone", rule: "expect-1" },
  { mutant: withoutTheHeartbeat, without: "the heartbeat", scenario: "dependency-down", rule: "rule-02" },
  { mutant: withoutVerifying, without: "verifying before CONTINUE", scenario: "events-replayed", rule: "rule-01" },
  { mutant: withoutWaitingForWork, without: "waiting for the host to be idle", scenario: "races", rule: "rule-08" },
  { mutant: withoutTheFreezeGuard, without: "the freeze guard", scenario: "exam", rule: "rule-07" },
  { mutant: withoutTheStopSwitch, without: "the stop switch", scenario: "game-day", rule: "rule-15" },
];

describe("Warden passes, and is caught", () => {
  it.for(cases)("without $without, by $rule in $scenario", async ({ mutant, scenario, rule, seeds = 3 }) => {
    const shown: string[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      shown.push(...(await broken(scenario, seed, mutant)));
      if (!shown.includes(rule)) continue;
      expect(await brokenByTheWhole(scenario, seed), `the whole Warden, seed ${seed}`).toEqual([]);
      return;
    }
    expect(shown).toContain(rule);
  });
});

describe("A rollout is caught", () => {
  const minute = 60_000;
  const pushes: Scenario = {
    ...builtin("push"),
    for: 24 * minute,
    timeline: [
      { at: minute, push: "good" },
      { at: 2 * minute, scale: 8 },
      { at: 12 * minute, push: "bad" },
      { at: 18 * minute, push: "good" },
      { at: 20 * minute, withdraw: {} },
    ],
    expect: [],
  };

  it.for([
    { mutant: withoutTheCanary, without: "without a canary", tells: /^given \w+ while nobody but/ },
    { mutant: withoutTheBudgetOfWaves, without: "without a budget", tells: /nodes have \w+ and have not proven it/ },
    { mutant: withTheCandidateForAll, without: "with the candidate for launching nodes", tells: /^a launching node/ },
    { mutant: withoutTheWayBack, without: "without a way back", tells: /^still has \w+ [\d.]+ s after/ },
    {
      mutant: withoutHearingTheNode(),
      without: "without a look at what nodes found",
      tells: /^a bad configuration be/,
    },
    { mutant: withoutAnEnd, without: "without an end", tells: /^a rollout is still concluding/ },
  ])("$without, by rule-10", async ({ mutant, tells }) => {
    const details = (await violations(pushes, 1, mutant)).filter(({ rule }) => rule === "rule-10");
    expect(details.map(({ detail }) => detail)).toContainEqual(expect.stringMatching(tells));
  });

  it("and by nobody when it is whole", async () => expect(await violations(pushes, 1)).toEqual([]));
});

it("keeps every rule though nothing that it decides can be published", async () => {
  for (let seed = 1; seed <= 3; seed++)
    expect(await broken("lifecycle-event-lost", seed, withoutTheBus), `seed ${seed}`).toEqual([]);
});

/** Several parts are shown to matter by the same run of the whole Warden. */
const whole = new Map<string, Promise<string[]>>();

function brokenByTheWhole(name: string, seed: number): Promise<string[]> {
  const key = `${name} ${seed}`;
  const known = whole.get(key) ?? broken(name, seed);
  whole.set(key, known);
  return known;
}

/** The rules that a run breaks, each once. */
async function broken(name: string, seed: number, mutant?: Mutant): Promise<string[]> {
  return [...new Set((await violations(builtin(name), seed, mutant)).map(({ rule }) => rule))];
}

function builtin(name: string): Scenario {
  const scenario = builtinScenario(name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return scenario;
}

async function violations(scenario: Scenario, seed: number, mutant?: Mutant): Promise<readonly ReportedViolation[]> {
  const { report } = await simulate({
    scenario,
    source: scenario.name,
    seed,
    runs: 1,
    transport: "typed",
    now: Date.UTC(2026, 10, 21),
    shrink: false,
    ...(mutant !== undefined && { mutant }),
  });
  return report.violations;
}
