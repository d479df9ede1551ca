/**
 * The health checks of a group: EC2 (state and status checks), the load balancer's where the group asks for it, and
 * what SetInstanceHealth said. Only finds; `replacement.ts` replaces.
 */
import { AwsError } from "../../aws-error.ts";
import type { Clock } from "../../clock.ts";
import type { Instances } from "../../region.ts";
import { secondsText } from "./activities.ts";
import { type Group, isSuspended, type Member } from "./groups.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Members } from "./members.ts";
import type { Registration } from "./registration.ts";
import { isDead } from "./state-machine.ts";

export interface Health {
  check(group: Group): void;
  /** SetInstanceHealth. */
  set(member: Member, status: string, respectGracePeriod: boolean): void;
}

export interface HealthSurroundings {
  readonly clock: Clock;
  readonly instances: Instances;
  readonly registration: Registration;
  readonly members: () => Members;
}

/**
 * Where an instance stays for long. Standby instances are not checked; all the others are on their way, and the state
 * machine looks at them.
 */
const CHECKED: readonly Lifecycle["state"][] = [
  "Pending:Wait",
  "InService",
  "Terminating:Wait",
  "Terminating:Retained",
  "Running",
  "Stopped",
];

export function createHealth({ clock, instances, registration, members }: HealthSurroundings): Health {
  function check(group: Group): void {
    if (isSuspended(group, "HealthCheck")) return;
    const elb = group.settings.healthCheckType.split(",").includes("ELB");
    for (const member of group.members.values()) checkMember(member, elb);
  }

  function checkMember(member: Member, elb: boolean): void {
    const { lifecycle } = member;
    if (!CHECKED.includes(lifecycle.state)) return;
    const instance = instances.find(member.instanceId);
    if (isDead(instance)) {
      // An instance that left `running` is unhealthy at once: the grace period is for failing checks.
      if (lifecycle.state === "InService") mark(member, ENDED);
      else members().noticeDeath(member, taken(ENDED));
      return;
    }
    if (lifecycle.state !== "InService") return;
    if (instance.state === "stopped" || instance.state === "stopping") mark(member, ENDED);
    else if (!isInGracePeriod(member)) checkStatus(member, elb);
  }

  function checkStatus(member: Member, elb: boolean): void {
    if (instances.statusChecks(member.instanceId) === "impaired") mark(member, "EC2 instance status checks failure");
    else if (elb && isUnhealthyTarget(member)) mark(member, "an ELB system health check failure");
  }

  const ENDED = "an EC2 health check indicating it has been terminated or stopped";

  function isUnhealthyTarget(member: Member): boolean {
    for (const arn of member.group.targetGroups.keys()) {
      if (registration.state(arn, member.instanceId) === "unhealthy") return true;
    }
    return false;
  }

  function isInGracePeriod({ lifecycle, group }: Member): boolean {
    return (
      lifecycle.state === "InService" && clock.now() - lifecycle.since < group.settings.healthCheckGracePeriod * 1000
    );
  }

  function set(member: Member, status: string, respectGracePeriod: boolean): void {
    if (status === "Healthy") {
      member.health = "Healthy";
      member.healthCause = undefined;
    } else if (status !== "Unhealthy") {
      throw new AwsError("ValidationError", `Valid instance health states are: [Healthy, Unhealthy]`);
    } else if (!respectGracePeriod || !isInGracePeriod(member)) mark(member, "a user health-check");
  }

  function mark(member: Member, what: string): void {
    if (member.health === "Unhealthy") return;
    member.health = "Unhealthy";
    member.healthCause = taken(what);
  }

  const taken = (what: string): string =>
    `At ${secondsText(clock.now())} an instance was taken out of service in response to ${what}.`;

  return { check, set };
}
