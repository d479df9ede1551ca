/** What only the sweep asks of the world. By itself, because the clients behind it are large and nobody else needs them. */

import type { GroupName, InstanceId } from "@warden/fleet";

export interface SweepPorts {
  readonly caches: CachesPort;
  readonly alarms: AlarmsPort;
  readonly scaling: ScalingPort;
}

/** How Auto Scaling is kept from taking nodes away. */
export interface ScalingPort {
  /** A minimum above what is desired raises that, too. */
  update(group: GroupName, settings: { readonly min?: number; readonly protectsNew?: boolean }): Promise<void>;
  protect(group: GroupName, instances: readonly InstanceId[], isProtected: boolean): Promise<void>;
}

/** What CloudWatch's alarms say. */
export interface AlarmsPort {
  /** All of the account that are on, but for those whose actions are suppressed or switched off. */
  on(): Promise<readonly Alarm[]>;
}

export interface Alarm {
  readonly name: string;
  /** In CloudWatch's words. */
  readonly reason: string;
}

/** What ElastiCache remembers of its caches. */
export interface CachesPort {
  /** Failovers that came to their end since then, by the name that ElastiCache gives: of a group or of a node of it. */
  failovers(since: number): Promise<readonly { readonly name: string; readonly at: number }[]>;
}
