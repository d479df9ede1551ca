/**
 * In which order the benchmark of the application cache runs. Arrangements alternate, so that whatever else this machine does
 * meanwhile falls on all of them alike; a whole round comes before the next, for the same reason.
 */

/** Where the application cache is: Moodle's default, as Warden's bundle has it, and what one node alone can have. */
export const arrangements = ["shared", "redis", "local"] as const;
export type Arrangement = (typeof arrangements)[number];

export interface Scope {
  /** Milliseconds that each request to the shared file system takes longer. */
  readonly delays: readonly number[];
  /** Pages with one user are asked for so many times in a run. */
  readonly visits: number;
  /** Numbers of users at once; each number is a run. */
  readonly crowds: readonly number[];
  /** Those of the delays at which crowds come, too: their runs take longer than all others. */
  readonly crowdDelays: readonly number[];
  /** Seconds over which a crowd comes, one user after the other. */
  readonly ramp: number;
  /** Seconds for which all of it is there, and is measured. */
  readonly seconds: number;
  readonly repeats: number;
}

/** The write-up's 20, 30 and 40 users with a ramp of 30 s. About an hour and a quarter. */
export const wholeScope: Scope = {
  delays: [0.1, 0.3, 1, 3, 5],
  visits: 8,
  crowds: [20, 30, 40],
  crowdDelays: [1],
  ramp: 30,
  seconds: 60,
  repeats: 3,
};

/** What is measured between two changes of the arrangement. */
export interface Turn {
  readonly repeat: number;
  readonly delay: number;
  readonly arrangement: Arrangement;
  /** One run for each number of users. */
  readonly users: readonly number[];
}

export function planOf({ delays, crowds, crowdDelays, repeats }: Scope): readonly Turn[] {
  const strangers = crowdDelays.filter((delay) => !delays.includes(delay));
  if (strangers.length > 0)
    throw new Error(`crowds come at delays that are measured: ${strangers.join(", ")} ms is none of them`);
  const turns: Turn[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++)
    for (const delay of delays)
      for (const arrangement of arrangements)
        turns.push({ repeat, delay, arrangement, users: [1, ...(crowdDelays.includes(delay) ? crowds : [])] });
  return turns;
}
