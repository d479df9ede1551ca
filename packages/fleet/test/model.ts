/**
 * A world of one node, small enough to visit every state of: what Auto Scaling, the host and the loop may do next, with
 * a crash of Warden before a decision is recorded (nothing happens), and between the record and its effects.
 */
import { type Action, type CommandView, decide, type NodeRecord, type Observation, type Policy } from "../src/index.ts";
import { answered, assigned, group, name, noon, policy } from "./builder.ts";

/** Time goes in minutes; nothing of the model is finer. */
export const minute = 60_000;
const bounds: Policy = {
  ...policy,
  lookAgain: minute,
  retryDelay: minute,
  holdRecheck: minute,
  commandDelivery: minute,
  launchBudget: minute,
  drainBudget: minute,
  verifyEvery: minute,
  bootstrapAttempts: 2,
  breakerThreshold: 2,
};

export interface State {
  /** Undefined before the first look. Its times count from `noon`, which is always now. */
  readonly record: NodeRecord | undefined;
  readonly instance: "Pending:Wait" | "InService" | "Terminating" | "Terminating:Wait" | "absent";
  readonly agent: boolean;
  /** What became of the command in the record; undefined while it was not sent. */
  readonly command: Said | undefined;
  /** The host was verified for what it must be. */
  readonly good: boolean;
  readonly spot: boolean;
  readonly order: boolean;
}
type Said = "under way" | "well" | "bad" | "shared" | "empty" | "silent";

export const start: State = {
  ...{ record: undefined, instance: "Pending:Wait", agent: false, command: undefined },
  ...{ good: false, spot: false, order: false },
};

export interface Move {
  readonly what: string;
  readonly to: State;
  /** What Warden asked for, when the move is its own. */
  readonly actions: readonly Action[];
}

export function movesFrom(state: State): Move[] {
  return [...wardenMoves(state), ...worldMoves(state).map((move) => ({ ...move, actions: [] }))];
}

function wardenMoves(state: State): Move[] {
  const observation = observe(state);
  const decision = decide(name, state.record, { seen: observation, policy: bounds, now: noon, pass: "p" });
  const same = commandOf(decision.record) === commandOf(state.record);
  const recorded: State = { ...state, record: decision.record, command: same ? state.command : undefined };
  const done = decision.actions.reduce(effect, recorded);
  const { actions, why } = decision;
  return actions.length === 0
    ? [{ what: why, to: recorded, actions }]
    : [
        { what: `crash after: ${why}`, to: recorded, actions },
        { what: why, to: done, actions },
      ];
}

const commandOf = (record: NodeRecord | undefined) =>
  record !== undefined && "command" in record.phase ? record.phase.command : undefined;

function observe(state: State): Observation {
  const { record, instance } = state;
  const intended = commandOf(record);
  const slots = record?.slot === true ? [name.instance] : [];
  return {
    lifecycleState: instance,
    group: group({
      desired: 3,
      inService: instance === "InService" ? 3 : 2,
      slots,
      slotsInService: instance === "InService" ? slots.length : 0,
      deregistrationDelay: minute,
    }),
    agent: state.agent ? "online" : "offline",
    command: intended && (state.command === undefined ? { status: "not-found" } : heard(state.command, intended.step)),
    target: "healthy",
    othersHealthy: undefined,
    hints: state.spot ? [{ kind: "spot", goneAt: noon + 2 * minute, withdrawn: false }] : [],
    order: state.order ? { id: "o", verb: "replace", by: "ann", reason: "r", expiresAt: noon + 1 } : undefined,
    stopped: undefined,
    freeze: undefined,
    assigned,
    upgrade: undefined,
  };
}

function heard(said: Said, step: string): CommandView {
  if (said === "under way") return { status: "under-way" };
  if (said === "silent") return { status: "silent", detail: "Undeliverable" };
  const well = said === "well";
  switch (step) {
    case "bootstrap":
      if (well) return answered({ step, ok: true, ...assigned });
      return answered({ step, ok: false, message: "m", sharedPart: said === "shared" ? "files" : undefined });
    case "verify": {
      const verdict = { well: "ok", shared: "dependency-bad", bad: "node-bad", empty: "site-not-installed" } as const;
      return answered({
        step,
        verdict: verdict[said],
        ...assigned,
        message: "m",
        drifted: false,
        blames: said === "shared" ? ["database"] : [],
      });
    }
    case "install":
      return answered({
        step,
        state: well ? "installed" : said === "shared" ? "held" : "half-installed",
        moved: well,
        message: "m",
      });
    case "drain-status":
      return answered({ step, idle: well, busyWith: "a", tasks: well ? [] : ["a"] });
    case "drain":
      return answered({ step });
    default:
      return answered({ step: "evidence", summary: "" });
  }
}

function effect(state: State, action: Action): State {
  switch (action.type) {
    case "send-command":
      return { ...state, command: state.agent ? "under way" : "silent" };
    case "complete-lifecycle-action":
      return complete(state, action.result);
    case "terminate-instance":
      return state.instance === "InService" ? { ...state, instance: "Terminating" } : state;
    default:
      return state;
  }
}

function complete(state: State, result: "CONTINUE" | "ABANDON"): State {
  if (state.instance === "Pending:Wait")
    return { ...state, instance: result === "CONTINUE" ? "InService" : "Terminating" };
  if (state.instance === "Terminating:Wait") return { ...state, instance: "absent" };
  const episode = state.record?.episode;
  if (state.record === undefined || episode?.result === undefined) return state;
  return {
    ...state,
    record: { ...state.record, episode: { ...episode, result: { ...episode.result, closed: true } } },
  };
}

function worldMoves(state: State): { what: string; to: State }[] {
  const moves: { what: string; to: State }[] = [
    { what: "a minute passes", to: { ...state, record: older(state.record) } },
  ];
  const move = (what: string, change: Partial<State>) => moves.push({ what, to: { ...state, ...change } });
  if (state.instance === "absent") return moves;
  move(state.agent ? "the agent goes silent" : "the agent comes online", { agent: !state.agent });
  const step = commandOf(state.record)?.step;
  if (state.command === "under way") {
    const says = ["well", "bad", "shared", "silent", ...(step === "verify" ? (["empty"] as const) : [])] as const;
    for (const said of says) {
      const good = step === "verify" ? said === "well" : step === "bootstrap" ? false : state.good;
      move(`${step} ends ${said}`, { command: said, good });
    }
  }
  if (state.instance === "InService") {
    move("Auto Scaling ends it", { instance: "Terminating" });
    if (!state.spot) move("an operator orders to replace it", { order: true });
  }
  if (state.instance === "Terminating") move("it is deregistered", { instance: "Terminating:Wait" });
  if (!state.spot && !state.order) move("EC2 warns to reclaim it", { spot: true });
  move("it dies", { instance: "absent" });
  return moves;
}

/** Everything that was is a minute older; what lies far away is all the same. */
function older(record: NodeRecord | undefined): NodeRecord | undefined {
  const text = JSON.stringify(record, (key, value: unknown) => {
    const oldest = oldestOf[key];
    return typeof value === "number" && oldest !== undefined ? Math.max(noon - oldest * minute, value - minute) : value;
  });
  return text === undefined ? undefined : JSON.parse(text);
}

/** Beyond so many minutes no decision tells the age of a time apart. */
const oldestOf: Readonly<Record<string, number>> = {
  ...{ at: 0, startedAt: 0, after: 0, notBefore: 0, recheckAt: 0, nextVerifyAt: 0, idleAt: 0, deadline: 0 },
  ...{ missingSince: 1, since: 1, goneAt: 0, intendedAt: 2 },
};

/** Names a state; how a reason is worded, and which passage it is, tells no states apart. */
export function keyOf(state: State): string {
  return JSON.stringify(state, (key, value: unknown) => (key === "reason" || key === "ordinal" ? undefined : value));
}
