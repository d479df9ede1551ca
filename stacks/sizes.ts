/** How large a site's parts are. The sizes that have a name are what most sites want; a stage may mix its own. */

export interface Size {
  readonly network: NewNetwork;
  readonly nodes: Nodes;
  readonly database: Database;
  readonly caches: Caches;
}

export interface NewNetwork {
  readonly kind: "new";
  readonly zones: 2 | 3;
  /** `none`: nodes have public addresses of their own; all the same only the load balancer reaches them. */
  readonly nat: "none" | "managed";
}

export interface Nodes {
  readonly kind: "new";
  readonly type: string;
  readonly min: number;
  readonly max: number;
  /** Of PHP, at work at a time on each. */
  readonly children: number;
  /** Those beyond the fewest are spot instances, of whichever of these types EC2 has most to spare. */
  readonly spot?: readonly string[];
  /** More of them that stand stopped and prepared, and are in service sooner. Not together with spot. */
  readonly pool?: number;
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

/** With two nodes of each cache the second, in another zone, takes over. */
export interface Caches {
  readonly kind: "valkey";
  readonly type: string;
  readonly nodes: 1 | 2;
}

const thrifty: Size = {
  network: { kind: "new", zones: 2, nat: "none" },
  nodes: {
    kind: "new",
    type: "t4g.small",
    min: 1,
    max: 3,
    children: 10,
    spot: ["t4g.small", "t4g.medium"],
    eachMinute: false,
  },
  database: { kind: "mariadb", class: "db.t4g.micro", gigabytes: 20, standby: false, connections: 75 },
  caches: { kind: "valkey", type: "cache.t4g.micro", nodes: 1 },
};
const small: Size = {
  network: { kind: "new", zones: 2, nat: "managed" },
  nodes: { kind: "new", type: "t4g.medium", min: 2, max: 4, children: 20, eachMinute: true },
  database: { kind: "mariadb", class: "db.t4g.medium", gigabytes: 50, standby: true, connections: 300 },
  caches: { kind: "valkey", type: "cache.t4g.small", nodes: 2 },
};
const medium: Size = {
  ...small,
  nodes: { kind: "new", type: "m7g.large", min: 2, max: 8, children: 40, eachMinute: true },
  database: { kind: "mariadb", class: "db.m7g.large", gigabytes: 100, standby: true, connections: 600 },
  caches: { kind: "valkey", type: "cache.t4g.medium", nodes: 2 },
};
const large: Size = {
  network: { kind: "new", zones: 3, nat: "managed" },
  nodes: { kind: "new", type: "m7g.large", min: 4, max: 30, children: 40, eachMinute: true },
  database: { kind: "aurora-mysql", units: { min: 4, max: 32 }, readers: 1, connections: 2_000 },
  caches: { kind: "valkey", type: "cache.m7g.large", nodes: 2 },
};
export const sizes = { thrifty, small, medium, large };
