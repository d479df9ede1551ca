/**
 * Mutants: Warden with one thing taken away. Each is made from outside, by ports that do less than they should, so that
 * Warden's own source has no word of it.
 */
import type { Change, Deps, GroupState, Invocation, LifecycleAction, Ports } from "@warden/control";
import type { FunctionName } from "@warden/functions/catalogue";
import type { Mutant } from "@warden/worlds/simulate";

/** Gives functions other ports; those that are not named stay as they are. */
const ported = (change: (ports: Ports, who: FunctionName) => Partial<Ports>): Mutant => ({
  functions: (deps, who): Deps => ({ ...deps, ports: { ...deps.ports, ...change(deps.ports, who) } }),
});

/** What a command is sent for, its batch id and the slot it needs are written down only once it was sent. */
export const withoutTheIntentRecord: Mutant = ported(({ store, commands }) => {
  const held = new Map<string, Change[]>();
  async function writeDown(batch: string): Promise<void> {
    for (const change of held.get(batch) ?? []) await store.commit(change);
    held.delete(batch);
  }
  return {
    store: {
      ...store,
      async commit(change) {
        const { phase } = change.record;
        const command = "command" in phase ? phase.command : undefined;
        if (command === undefined || command.intendedAt !== change.ledger.at) return store.commit(change);
        held.set(command.batch, [...(held.get(command.batch) ?? []), change]);
        return "done";
      },
      async addBatch(batch, sent) {
        await writeDown(batch);
        await store.addBatch(batch, sent);
      },
    },
    commands: {
      ...commands,
      async send(command) {
        const id = await commands.send(command);
        await writeDown(command.batch);
        return id;
      },
    },
  };
});

/** The last who writes wins, whatever it had read. */
export const withoutTheVersionCheck: Mutant = ported(({ store }) => ({
  store: {
    ...store,
    async commit(change) {
      let { version } = change;
      while ((await store.commit({ ...change, version })) === "lost") {
        const current = (await store.read([change.key])).nodes.get(change.key)?.version ?? 0;
        // What else a transaction can fail for is the budget.
        if (current === version) return "lost";
        version = current;
      }
      return "done";
    },
  },
}));

/** A slot is taken, however many are in use by then. */
export const withoutTheBudgetTransaction: Mutant = ported(({ store }) => ({
  store: {
    ...store,
    commit: (change) =>
      store.commit(change.slot?.claim === true ? { ...change, slot: { claim: true, limit: 1_000 } } : change),
  },
}));

/** What a shared part gets wrong is held against the node that says so. */
export const withoutTheSharedDependencyGuard: Mutant = ported(({ store, commands }) => ({
  commands: {
    ...commands,
    async invocations(commandId, instances) {
      return mapped(await commands.invocations(commandId, instances), (output) =>
        output.replace(/"verdict":"dependency-bad"/, '"verdict":"node-bad"').replace(/,"part":"[a-z]+"/, ""),
      );
    },
  },
  store: {
    ...store,
    async read(keys) {
      const snapshot = await store.read(keys);
      const groups = [...snapshot.groups].map(([key, state]) => [key, { ...state, unhealthy: [] }] as const);
      return { ...snapshot, groups: new Map(groups) };
    },
  },
}));

function mapped<Key>(
  invocations: ReadonlyMap<Key, Invocation>,
  change: (output: string) => string,
): ReadonlyMap<Key, Invocation> {
  const changed = [...invocations].map(([key, each]): [Key, Invocation] => [
    key,
    each.status === "ended" ? { ...each, output: change(each.output) } : each,
  ]);
  return new Map(changed);
}

/** It runs on time and finds nothing. */
export const withoutTheSweep: Mutant = {
  functions: (deps, who) =>
    who === "sweep" ? { ...deps, settings: { ...deps.settings, sites: async () => [] } } : deps,
};

export const withoutTheHeartbeat: Mutant = ported(({ store }, who) =>
  who === "heartbeat" ? { store: { ...store, beats: async () => [] } } : {},
);

/** A token belongs to the instance: the one of its first passage is used for all the others. */
export function withoutTheEpisodesToken(): Mutant {
  const tokens = new Map<string, string>();
  const withFirstToken = (action: LifecycleAction): LifecycleAction => {
    if (action.token !== undefined && !tokens.has(action.instance)) tokens.set(action.instance, action.token);
    return { ...action, token: tokens.get(action.instance) };
  };
  return ported(({ autoScaling }) => ({
    autoScaling: {
      ...autoScaling,
      completeLifecycleAction: (action, result) => autoScaling.completeLifecycleAction(withFirstToken(action), result),
      recordHeartbeat: (action) => autoScaling.recordHeartbeat(withFirstToken(action)),
    },
  }));
}

/** An answer belongs to the instance: who was answered once is not answered again, whichever passage it is. */
export function withOneAnswerForEachInstance(): Mutant {
  const answered = new Set<string>();
  return ported(({ autoScaling }) => ({
    autoScaling: {
      ...autoScaling,
      async completeLifecycleAction(action, result) {
        if (answered.has(action.instance)) return "accepted";
        const said = await autoScaling.completeLifecycleAction(action, result);
        answered.add(action.instance);
        return said;
      },
    },
  }));
}

/** The nodes neither read their notices nor bring themselves into service. */
export const withoutTheWatcher: Mutant = { node: { watch: 30 * 86_400_000, waitForCommand: 30 * 86_400_000 } };

/** Nodes are not asked to verify, and that is taken for a yes. */
export const withoutVerifying: Mutant = ported(({ commands }) => {
  const unasked = new Map<string, string>();
  return {
    commands: {
      ...commands,
      async send(command) {
        if (command.document !== "Warden-Verify") return commands.send(command);
        const { Release: release, Digest: digest } = command.parameters;
        const id = `unasked-${command.batch}`;
        unasked.set(id, JSON.stringify({ v: 1, verdict: "ok", release, digest, probes: [] }));
        return id;
      },
      async invocations(commandId, instances) {
        const output = unasked.get(commandId);
        if (output === undefined) return commands.invocations(commandId, instances);
        return new Map(instances.map((each) => [each, { status: "ended", detail: "Success", output }]));
      },
    },
  };
});

/** The calendar is there, and no pass looks at it. */
export const withoutTheFreezeGuard: Mutant = ported(({ store }) => ({
  store: { ...store, read: async (keys) => ({ ...(await store.read(keys)), calendars: new Map() }) },
}));

/** The switch is there, and nobody looks at it. */
export const withoutTheStopSwitch: Mutant = ported(({ store }) => ({
  store: { ...store, read: async (keys) => ({ ...(await store.read(keys)), stops: new Map() }) },
}));

/** Who leaves is taken for idle, whatever the host says. */
export const withoutWaitingForWork: Mutant = ported(({ commands }) => ({
  commands: {
    ...commands,
    async invocations(commandId, instances) {
      return mapped(await commands.invocations(commandId, instances), (output) =>
        /"tasks":/.test(output) ? JSON.stringify({ v: 1, reading: 0, writing: 1, active: 0, tasks: [] }) : output,
      );
    },
  },
}));

/** From this many members on, a rollout asks all others at once: from the first on, or once the canary is proven. */
const withAllAtOnceAfter = (members: number): Mutant =>
  ported(({ store }) => ({
    store: {
      ...store,
      async commitRollout(change) {
        const { rollout } = change;
        if (rollout.phase !== "rolling" || rollout.members.length <= members) return store.commitRollout(change);
        const nodes = await store.nodesOf(rollout.site, rollout.group);
        return store.commitRollout({
          ...change,
          rollout: { ...rollout, members: nodes.map(({ record }) => record.instance) },
        });
      },
    },
  }));

export const withoutTheCanary: Mutant = withAllAtOnceAfter(0);
export const withoutTheBudgetOfWaves: Mutant = withAllAtOnceAfter(1);

/** What nodes are told to be, read from the rollout as somebody mistook it. */
const misread = (mistaken: (state: GroupState) => GroupState): Mutant =>
  ported(({ store }) => ({
    store: {
      ...store,
      async read(keys) {
        const snapshot = await store.read(keys);
        return { ...snapshot, groups: new Map([...snapshot.groups].map(([key, state]) => [key, mistaken(state)])) };
      },
    },
  }));

/** Whatever goes on is for all, launching nodes too. */
export const withTheCandidateForAll: Mutant = misread((state) =>
  state.rollout?.rollout.phase === "rolling" ? { ...state, assigned: state.rollout.rollout.candidate } : state,
);

/** Nobody tells the members that it turned back. */
export const withoutTheWayBack: Mutant = misread((state) =>
  state.rollout?.rollout.phase === "returning"
    ? { ...state, rollout: { ...state.rollout, rollout: { ...state.rollout.rollout, phase: "rolling" } } }
    : state,
);

/** What it says last is never found where it was said. */
export const withoutAnEnd: Mutant = ported(({ lastGood }) => ({
  lastGood: { ...lastGood, read: async () => undefined },
}));

/** Whatever a node finds out about its configuration is taken for a yes. */
export function withoutHearingTheNode(): Mutant {
  const yes = new Map<string, string>();
  return ported(({ commands }) => ({
    commands: {
      ...commands,
      async send(command) {
        const id = await commands.send(command);
        const { Release: release, Digest: digest } = command.parameters;
        const said = { v: 1, release, digest };
        if (command.document === "Warden-PushConfig") yes.set(id, JSON.stringify({ ...said, ok: true }));
        if (command.document === "Warden-Verify") yes.set(id, JSON.stringify({ ...said, verdict: "ok", probes: [] }));
        return id;
      },
      async invocations(commandId, instances) {
        return mapped(await commands.invocations(commandId, instances), (output) => yes.get(commandId) ?? output);
      },
    },
  }));
}

/** Nobody listens: the bus takes nothing, and the outbox fills. */
export const withoutTheBus: Mutant = ported(() => ({
  bus: {
    publish: async () => {
      throw new Error("the bus takes nothing");
    },
  },
}));
