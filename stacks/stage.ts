/** What differs between stages, and nowhere else: how large each is, where it is reached, and what must outlive it. */

export interface Stage {
  readonly name: string;
  /** Keeps what holds data when the stage is removed, and refuses to remove it by accident. */
  readonly production: boolean;
  readonly size: Size;
  readonly site: Site;
  /** Days. */
  readonly logs: "1 week" | "1 month" | "3 months";
  /** Seconds that an instance may wait at a hook; a debugger stands longer at a breakpoint than a launch takes. */
  readonly hookTimeout: number;
  /** When the fewest nodes are others than the size says. */
  readonly timetable: readonly Scheduled[];
  /** USD a month, of which AWS Budgets warns. */
  readonly budget: number;
  /** Who is told of alarms. Empty tells nobody, and is for stages that nobody relies on. */
  readonly tell: readonly string[];
}

export interface Scheduled {
  readonly name: string;
  /** Of five fields, in the site's time zone, so that it follows daylight saving. */
  readonly cron: string;
  readonly min: number;
}

/** What only the operator knows. */
export interface Site {
  readonly name: string;
  /** What Moodle calls it when Warden installs it. */
  readonly title: string;
  /** The e-mail address of its first user, `admin`. */
  readonly administrator: string;
  /** Without `https://`. Its zone is in Route 53 of the same account. */
  readonly host: string;
  readonly timeZone: string;
  readonly release: "4.5" | "5.0" | "5.1" | "5.2" | "5.3";
  readonly php: string;
}

export interface Size {
  readonly zones: 2 | 3;
  /** `none`: nodes have public addresses of their own; all the same only the load balancer reaches them. */
  readonly nat: "none" | "managed";
  readonly nodes: Nodes;
  readonly database: Database;
  /** With two nodes of each cache the second, in another zone, takes over. */
  readonly caches: { readonly type: string; readonly nodes: 1 | 2 };
}

export interface Nodes {
  readonly type: string;
  readonly min: number;
  readonly max: number;
  /** Of PHP, at work at a time on each. */
  readonly children: number;
  /** Those beyond the fewest are spot instances, of whichever of these types EC2 has most to spare. */
  readonly spot?: readonly string[];
  /** EC2 measures them each minute rather than each fifth: so much sooner the group follows the load. */
  readonly eachMinute: boolean;
}

export type Database =
  | {
      readonly kind: "mariadb";
      readonly class: string;
      readonly gigabytes: number;
      readonly standby: boolean;
      readonly connections: number;
    }
  | {
      readonly kind: "aurora-mysql";
      /** Of Aurora Serverless v2, for each instance. */
      readonly units: { readonly min: number; readonly max: number };
      readonly readers: number;
      readonly connections: number;
    };

const thrifty: Size = {
  zones: 2,
  nat: "none",
  nodes: { type: "t4g.small", min: 1, max: 3, children: 10, spot: ["t4g.small", "t4g.medium"], eachMinute: false },
  database: { kind: "mariadb", class: "db.t4g.micro", gigabytes: 20, standby: false, connections: 75 },
  caches: { type: "cache.t4g.micro", nodes: 1 },
};
const small: Size = {
  zones: 2,
  nat: "managed",
  nodes: { type: "t4g.medium", min: 2, max: 4, children: 20, eachMinute: true },
  database: { kind: "mariadb", class: "db.t4g.medium", gigabytes: 50, standby: true, connections: 300 },
  caches: { type: "cache.t4g.small", nodes: 2 },
};
const medium: Size = {
  ...small,
  nodes: { type: "m7g.large", min: 2, max: 8, children: 40, eachMinute: true },
  database: { kind: "mariadb", class: "db.m7g.large", gigabytes: 100, standby: true, connections: 600 },
  caches: { type: "cache.t4g.medium", nodes: 2 },
};
const large: Size = {
  zones: 3,
  nat: "managed",
  nodes: { type: "m7g.large", min: 4, max: 30, children: 40, eachMinute: true },
  database: { kind: "aurora-mysql", units: { min: 4, max: 32 }, readers: 1, connections: 2_000 },
  caches: { type: "cache.m7g.large", nodes: 2 },
};
export const sizes = { thrifty, small, medium, large };

const site: Site = {
  name: "moodle",
  title: "Moodle",
  administrator: "operations@example.org",
  host: "moodle.example.org",
  timeZone: "Europe/Vienna",
  release: "5.1",
  php: "8.3",
};

/** Any other name is somebody's own stage: it costs little, and nothing of it is kept. */
const own = (name: string): Stage => ({
  ...{ name, production: false, size: sizes.thrifty, site: { ...site, host: `${name}.${site.host}` } },
  timetable: [],
  ...{ logs: "1 week", hookTimeout: $dev ? 3_600 : 900, budget: 120, tell: [] },
});

export function stageNamed(name: string): Stage {
  if (name === "production")
    return {
      ...{ name, production: true, size: sizes.medium, site, logs: "3 months", hookTimeout: 900, budget: 800 },
      tell: ["operations@example.org"],
      timetable: [
        { name: "lessons", cron: "30 7 * * MON-FRI", min: 3 },
        { name: "evening", cron: "0 18 * * MON-FRI", min: sizes.medium.nodes.min },
      ],
    };
  if (name === "staging") return { ...own(name), size: sizes.small, logs: "1 month", budget: 350 };
  return own(name);
}
