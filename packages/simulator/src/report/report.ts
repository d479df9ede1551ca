/** What a simulation found, over all of its runs. Durations in seconds, money in US dollars. */

export interface Report {
  readonly ok: boolean;
  readonly scenario: string;
  readonly runs: number;
  readonly seed: number;
  readonly violations: readonly ReportedViolation[];
  readonly nodes: {
    /** Started while the run went on. */
    readonly launched: number;
    /** Came into service, at any time; those that served from the start are among them. */
    readonly inService: number;
    /** Given up before they served. */
    readonly abandoned: number;
    /** Ended in good order. */
    readonly terminated: number;
    /** Ended without anybody's word. */
    readonly lost: number;
  };
  /** From `pending` to in service and proven. */
  readonly timeToService: Percentiles;
  /** From the moment a fact can be read to the call it leads to. */
  readonly ownShare: Percentiles & { readonly lowerBound: number };
  /** From the loss of a serving node to the next node in service that was launched after it. */
  readonly repairAfterLoss: {
    readonly max: number;
    /** How many losses were repaired, and how many were not by the end of their run. */
    readonly count: number;
    readonly unrepaired: number;
  };
  readonly drain: {
    readonly p50: number;
    readonly p95: number;
    readonly max: number;
    readonly count: number;
    /** Requests cut off at nodes that were leaving. */
    readonly dropped: number;
    readonly tasksAbandoned: number;
  };
  readonly rollouts: {
    readonly begun: number;
    /** Became the last good. */
    readonly concluded: number;
    readonly returned: number;
    /** The most nodes that one bad configuration reached. */
    readonly spoiled: number;
  };
  /** Of the site, to releases of other versions. */
  readonly upgrades: {
    readonly begun: number;
    readonly done: number;
    readonly returned: number;
    /** Each time that one waited for a person. */
    readonly stuck: number;
  };
  readonly calls: {
    readonly total: number;
    readonly perLaunchedNode: number;
    readonly byOperation: Readonly<Record<string, number>>;
  };
  readonly functions: {
    readonly invocations: number;
    readonly gbSeconds: number;
    readonly byName: Readonly<
      Record<string, { readonly invocations: number; readonly gbSeconds: number; readonly crashes: number }>
    >;
  };
  readonly requests: { readonly served: number; readonly failed: number };
  readonly cost: Cost;
}

/** Estimates from dated list prices (`packages/cost`), of an average run. */
export interface Cost extends CostOfRun {
  /** If a whole month went on like that run. */
  readonly aMonth: CostOfRun;
  readonly region: string;
  /** The dates of the oldest and the newest price that was used. */
  readonly pricesFrom: string;
  readonly pricesTo: string;
  /** Prices over 12 months old, and calls that have no price here. */
  readonly warnings: readonly string[];
}

export interface CostOfRun {
  readonly controlPlaneUSD: number;
  readonly computeUSD: number;
  readonly byService: Readonly<Record<string, number>>;
}

/** By nearest rank; all 0 where nothing was measured, so look at `count` before praising them. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface ReportedViolation {
  readonly rule: string;
  readonly run: number;
  /** Seconds since the start of the run. */
  readonly at: number;
  readonly node: string | undefined;
  readonly detail: string;
  /** The command that shows it again. */
  readonly replay: string;
  /** Whether the same run with the SDK's own bytes breaks that rule too; undefined where that was not tried. */
  readonly onWire: boolean | undefined;
  /** The shortest scenario found that still shows it, as YAML; undefined when it was not shrunk. */
  readonly shrunk: string | undefined;
}
