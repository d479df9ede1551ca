/**
 * `warden lab bench cache`: the same pages of a real Moodle with its application cache on the delayed shared file system, on
 * Redis, and on the local disk. One node is in service, because only alone can it have the third; nobody else may change it
 * meanwhile, so Warden is stopped. Afterwards the node is as it was.
 */
import { arrange, verifyInUse } from "./arrangement.ts";
import { browse, type Clock, type Crowd, type Sample, type Site } from "./browse.ts";
import { type Content, makeContent } from "./content.ts";
import type { Node } from "./node.ts";
import { type Arrangement, planOf, type Scope, type Turn, wholeScope } from "./plan.ts";
import { type ProcessorTimes, shareBusy } from "./processors.ts";

export interface BenchParts {
  readonly node: Node;
  readonly site: Site;
  /** From now on, each request to the shared file system takes so many milliseconds longer. */
  setDelay(milliseconds: number): Promise<void>;
  processors(): ProcessorTimes;
  readonly clock: Clock;
  /** How many processors there are, and how many workers of PHP. */
  readonly machine: { readonly processors: number; readonly workers: number };
  readonly date: Date;
  tell(line: string): void;
}

export interface BenchRecord {
  readonly date: Date;
  readonly moodle: string;
  readonly machine: BenchParts["machine"];
  /** How busy the processors were when nobody asked for anything, from 0 to 1. */
  readonly atRest: number;
  readonly scope: Scope;
  readonly runs: readonly Run[];
}

export interface Run {
  readonly repeat: number;
  readonly delay: number;
  readonly arrangement: Arrangement;
  readonly users: number;
  /** For how long they were measured: a crowd only once all of it was there. */
  readonly seconds: number;
  /** How busy the processors were, from 0 to 1. */
  readonly busy: number;
  readonly samples: readonly Sample[];
}

export async function benchCache(parts: BenchParts, scope: Scope = wholeScope): Promise<BenchRecord> {
  const { node, clock, tell, date, machine } = parts;
  const turns = planOf(scope);
  const calmed = await node.run(node.calm);
  try {
    const content = await makeContent(node);
    const most = Math.max(1, ...scope.crowds);
    if (content.users.length < most)
      throw new Error(`the site has ${content.users.length} of the benchmark's users, and ${most} are to come`);
    const atRest = (await busyDuring(parts, () => clock.sleep(secondsAtRest * 1000))).busy;
    const runs: Run[] = [];
    for (const turn of turns) {
      tell(`repeat ${turn.repeat} of ${scope.repeats}: ${turn.delay} ms, application cache ${words[turn.arrangement]}`);
      runs.push(...(await runsOf(parts, content, scope, turn)));
    }
    return { date, moodle: content.release, machine, atRest, scope, runs };
  } finally {
    await parts.setDelay(0);
    await node.run(node.resume(calmed));
    await arrange(node, "redis");
  }
}

async function runsOf(parts: BenchParts, content: Content, scope: Scope, { users, ...turn }: Turn): Promise<Run[]> {
  await parts.setDelay(0);
  await arrange(parts.node, turn.arrangement);
  await warm(parts, content, Math.max(...users));
  await verifyInUse(parts.node, turn.arrangement);
  await parts.setDelay(turn.delay);
  const runs: Run[] = [];
  for (const count of users) {
    const { done: samples, seconds, busy } = await measured(parts, content, crowdOf(count, scope));
    runs.push({ ...turn, users: count, seconds, busy, samples });
  }
  return runs;
}

const crowdOf = (users: number, { visits, ramp, seconds }: Scope): Crowd =>
  users === 1 ? { users, ramp: 0, until: { visits } } : { users, ramp, until: { seconds } };

/** Each worker of PHP has something of its own to warm. */
async function warm({ site, machine, clock }: BenchParts, content: Content, users: number): Promise<void> {
  const crowd = { users: Math.max(machine.workers, users), ramp: 0, until: { visits: warmingVisits } };
  const samples = await browse(site, content, crowd, clock);
  if (samples.some(({ of }) => of === "views")) return;
  const reasons = new Set(samples.flatMap(({ of, failed }) => (failed === undefined ? [] : `${of}: ${failed}`)));
  throw new Error(`no visit came right: ${[...reasons].join(", ")}`);
}

/** As the bundle has it: with the bundle's first tier on the local disk. */
const words: Readonly<Record<Arrangement, string>> = {
  shared: "on the shared file system",
  redis: "on Redis",
  local: "on the local disk",
};

const secondsAtRest = 3;
/** The first fills the caches, the second finds what is still missing. */
const warmingVisits = 2;

/** A crowd is measured while all of it is there: neither while it comes nor while it goes. */
async function measured(parts: BenchParts, content: Content, crowd: Crowd) {
  const run = (): Promise<readonly Sample[]> => browse(parts.site, content, crowd, parts.clock);
  if ("visits" in crowd.until) return busyDuring(parts, run);
  const { ramp, until } = crowd;
  const [from, to] = [ramp * 1000, (ramp + until.seconds) * 1000];
  const running = run();
  const watched = parts.clock.sleep(from).then(() => busyDuring(parts, () => parts.clock.sleep(to - from)));
  const [samples, { seconds, busy }] = await Promise.all([running, watched]);
  return { done: samples.filter(({ at }) => at >= from && at < to), seconds, busy };
}

async function busyDuring<Done>({ processors, clock }: BenchParts, what: () => Promise<Done>) {
  const [from, began] = [processors(), clock.now()];
  const done = await what();
  return { done, busy: shareBusy(from, processors()), seconds: (clock.now() - began) / 1000 };
}
