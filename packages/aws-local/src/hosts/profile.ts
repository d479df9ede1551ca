/**
 * How a modelled machine behaves: how long it takes, and what is wrong with it from the start. A world chooses a
 * profile for each instance; the same faults can be switched while it runs (`MachineSwitches`).
 */
import type { Instance, Range } from "../region.ts";

export interface MachineProfile {
  /** `running` until services are up. */
  readonly boot: Range;
  /** Services up until the agent listens. */
  readonly agentStart: Range;
  /** How often the agent reports. */
  readonly pingEvery: number;
  readonly faults: MachineFaults;
}

export interface MachineFaults {
  /** Stays at the boot prompt for ever. */
  readonly neverBoots?: boolean;
  readonly agentNeverStarts?: boolean;
  /** Every wait of every program takes this many times as long. */
  readonly slowness?: number;
  readonly agentFrozen?: boolean;
  readonly documentsHang?: boolean;
  readonly web?: "stopped" | "hanging";
}

/** A plan of faults: which machine is behind this instance. */
export type ProfilePlan = (instance: Instance) => MachineProfile;

/** Delays in milliseconds: short ones for a laptop. */
export const quickProfile: MachineProfile = {
  boot: { low: 500, high: 1_000 },
  agentStart: { low: 300, high: 800 },
  pingEvery: 10_000,
  faults: {},
};

/** As in AWS: 20–35 s from `running` to booted, 45–90 s from launch to an agent that is online (SSM quotas: reports every 5 min). */
export const awsProfile: MachineProfile = {
  boot: { low: 20_000, high: 35_000 },
  agentStart: { low: 10_000, high: 40_000 },
  pingEvery: 300_000,
  faults: {},
};
