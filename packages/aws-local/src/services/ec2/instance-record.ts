/** One instance as EC2 keeps it: what its neighbours see, and what only EC2's own answers show. */
import type { Timer } from "../../clock.ts";
import type { Host, Instance, InstanceState, LaunchRequest } from "../../region.ts";
import type { LaunchSettings } from "./launch-data.ts";

export interface InstanceRecord {
  /** Replaced, never changed, so that whoever was given it keeps what he saw. */
  instance: Instance;
  readonly host: Host;
  readonly settings: LaunchSettings;
  /** Of all instances ever launched; pages follow it. */
  readonly order: number;
  readonly reservation: Reservation;
  readonly rootVolumeId: string;
  disableApiTermination: boolean;
  /** Undefined while it is not running. */
  runningSince: number | undefined;
  impairedSince: number | undefined;
  /** Why it last stopped or ended. */
  transition: Transition | undefined;
  /** The step of its life under way: starting, stopping, ending, rebooting. */
  underWay: Timer | undefined;
  readonly scheduledEvents: ScheduledEvent[];
}

/** The instances that one call launched. */
export interface Reservation {
  readonly id: string;
  readonly clientToken: string | undefined;
  readonly launchIndex: number;
}

export interface Transition {
  /** `Client.UserInitiatedShutdown`, `Server.SpotInstanceTermination` … */
  readonly code: string;
  readonly message: string;
  /** With its time, as StateTransitionReason shows it. */
  readonly text: string;
}

export interface ScheduledEvent {
  readonly id: string;
  readonly code: ScheduledEventCode;
  readonly notBefore: number;
  readonly notAfter: number | undefined;
  readonly description: string;
  state: "active" | "completed" | "canceled";
  timer: Timer | undefined;
}

export type ScheduledEventCode =
  | "instance-reboot"
  | "instance-retirement"
  | "instance-stop"
  | "system-maintenance"
  | "system-reboot";

export interface Launch {
  readonly request: LaunchRequest;
  readonly settings: LaunchSettings;
  readonly reservation: Reservation;
}

const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const stateOf = (state: InstanceState): { Code: number; Name: InstanceState } => ({
  Code: STATE_CODES[state],
  Name: state,
});

export const hasEnded = (state: InstanceState): boolean => state === "shutting-down" || state === "terminated";
