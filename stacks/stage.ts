/** What can be said of a stage and of its sites. What is said of them stands in `stages.ts`. */
import type { SiteAlarm } from "@warden/control";
import type { Caches, Database, NewNetwork, Nodes } from "./sizes.ts";

export interface Stage {
  readonly name: string;
  /** Keeps what holds data when the stage is removed, and refuses to remove it by accident. */
  readonly production: boolean;
  readonly network: NewNetwork | ExistingNetwork;
  /** A site whose parts another one uses stands before it. */
  readonly sites: readonly Site[];
  readonly logs: "1 week" | "1 month" | "3 months";
  /** Seconds that an instance may wait at a hook; a debugger stands longer at a breakpoint than a launch takes. */
  readonly hookTimeout: number;
  /** USD a month, of which AWS Budgets warns. */
  readonly budget: number;
  /** Makes a trail of CloudTrail: for an account that has none. */
  readonly trail: boolean;
  /** Who is told of alarms. Empty tells nobody, and is for stages that nobody relies on. */
  readonly tell: readonly string[];
}

/** What only the operator knows of a site, and what it is made of. */
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
  readonly nodes: Nodes | ExistingNodes;
  /** When the fewest nodes are others than its size says. */
  readonly timetable: readonly Scheduled[];
  readonly database: Database | ExistingDatabase | Shared;
  readonly caches: Caches | ExistingCaches | Shared;
  readonly files: { readonly kind: "new" } | ExistingFiles | NfsServer;
  /** Existing nodes have an existing one, and other nodes have none. */
  readonly balancer: NewBalancer | ExistingBalancer | Shared;
  /** That were there before: of what is brought along, or of whatever else tells that its pages suffer. */
  readonly alarms?: readonly SiteAlarm[];
}

export interface NewBalancer {
  readonly kind: "new";
  readonly firewall: Firewall;
}

/** What a web application firewall does with a request that one of its rules takes for an attack. */
export type Firewall = "none" | "count" | "block";

export interface Scheduled {
  readonly name: string;
  /** Of five fields, in the site's time zone, so that it follows daylight saving. */
  readonly cron: string;
  readonly min: number;
}

/** That of another site. Who shares a database or a cache trusts the other with what is in it (docs/sites.md). */
export interface Shared {
  readonly kind: "shared";
  /** The name of the site that has it. */
  readonly with: string;
}

/** What was there before Warden, which changes nothing of it but whom it lets in, and what {@link ExistingNodes} says. */
interface Existing {
  readonly kind: "existing";
}

/** The private subnets have a way to the world; nodes live there. */
export interface ExistingNetwork extends Existing {
  readonly id: string;
  readonly cidr: string;
  readonly publicSubnets: readonly string[];
  readonly privateSubnets: readonly string[];
}

interface ExistingServer extends Existing {
  readonly host: string;
  /** ARN of a secret with a key `password`. */
  readonly secret: string;
}

export interface ExistingDatabase extends ExistingServer {
  readonly engine: "mariadb" | "mysql" | "aurora-mysql";
  readonly version: string;
  /** Of RDS, for backups. */
  readonly arn: string;
  readonly securityGroup: string;
  readonly name: string;
  readonly user: string;
  readonly connections: number;
}

export interface ExistingCaches extends Existing {
  readonly sessions: ExistingServer;
  readonly cache: ExistingServer;
  readonly securityGroup: string;
}

export interface ExistingFiles extends Existing {
  readonly id: string;
  readonly arn: string;
  readonly accessPoint: string;
  readonly securityGroup: string;
}

/**
 * An Auto Scaling group. Warden's stack adds its hooks to the group, and a policy to the role; what the group launches, how much
 * of it and when is its operator's matter (docs/adopt.md).
 */
export interface ExistingNodes extends Existing {
  /** Its name. */
  readonly group: string;
  /** The name of the role in its instance profile. */
  readonly role: string;
  /** Of its instances: the parts of the site let them in. */
  readonly securityGroup: string;
  readonly min: number;
  /** The most that the group may have: it is refused when it may have more, as the database might not take them. */
  readonly max: number;
  /** Of PHP, at work at a time on each. */
  readonly children: number;
}

/** Who sends visitors to the target group, and which, is its operator's matter. */
export interface ExistingBalancer extends Existing {
  /** ARN. The existing group registers its instances there. */
  readonly targetGroup: string;
}

/** Of one's own: whom it lets in, and its backups, are its operator's matter. */
export interface NfsServer {
  readonly kind: "nfs";
  readonly host: string;
  readonly export: string;
}
