/** What a pass of the loop is given: the world, and everything that is not the same each time. */
import type { GroupName, HookView } from "@warden/fleet";
import type { Ports } from "./ports.ts";
import type { Site } from "./site.ts";
import { createWhereabouts, type Whereabouts } from "./whereabouts.ts";

export interface Deps {
  readonly ports: Ports;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A new short id: lower-case letters and digits. */
  id(): string;
  readonly log: Log;
  /** What changes seldom, kept for a while between invocations of one environment. */
  readonly settings: Settings;
}

export interface Log {
  info(message: string, details?: Record<string, unknown>): void;
  warn(message: string, details?: Record<string, unknown>): void;
  error(message: string, details?: Record<string, unknown>): void;
}

export interface Settings {
  sites(): Promise<readonly Site[]>;
  hooks(group: GroupName): Promise<readonly HookView[]>;
  /** Milliseconds. */
  deregistrationDelay(targetGroupArn: string): Promise<number>;
  readonly whereabouts: Whereabouts;
}

/** Settings read through the ports and kept for `lifetime` milliseconds. */
export function settingsOf(ports: Ports, now: () => number, lifetime = 60_000): Settings {
  const sites = kept(now, lifetime, () => ports.store.sites());
  const hooks = kept(now, lifetime, (group: GroupName) => ports.autoScaling.describeHooks(group));
  const delays = kept(now, lifetime, (arn: string) => ports.loadBalancing.deregistrationDelay(arn));
  const whereabouts = createWhereabouts(ports.autoScaling);
  return { sites: () => sites(undefined), hooks, deregistrationDelay: delays, whereabouts };
}

function kept<Argument, Value>(
  now: () => number,
  lifetime: number,
  load: (argument: Argument) => Promise<Value>,
): (argument: Argument) => Promise<Value> {
  const entries = new Map<Argument, { readonly until: number; readonly value: Promise<Value> }>();
  return (argument) => {
    const entry = entries.get(argument);
    if (entry !== undefined && entry.until > now()) return entry.value;
    const value = load(argument);
    entries.set(argument, { until: now() + lifetime, value });
    // A failed read is nobody's settings: the next one tries again.
    value.catch(() => entries.delete(argument));
    return value;
  };
}
