/**
 * Health checks: a round for a whole target group at each interval, so that a thousand targets cost one timer.
 * A target's first check is therefore up to about one interval after it was registered, as with AWS.
 */
import type { HostAnswer, Hosts, Surroundings } from "../../region.ts";
import { type Health, REGISTERING, unhealthyAfter } from "./health.ts";
import { codesOf } from "./matcher.ts";
import { checkPort, isChecked, type Target, type TargetGroup } from "./target-group.ts";

/** Where the findings go. */
interface Findings {
  checking(target: Target): void;
  passed(target: Target): void;
  failed(target: Target, verdict: Health): void;
}

interface HealthChecks {
  /** Makes sure that rounds go on for a group; they end by themselves when nobody is left to be checked. */
  start(group: TargetGroup, findings: Findings): void;
}

/** For how long a target is at least Elb.RegistrationInProgress: an assumption, as AWS gives no figure. Milliseconds. */
const REGISTRATION = 1000;

/** How many turns of the event loop's microtasks a modelled machine may take to answer within one instant. */
const TURNS = 50;

export function createHealthChecks({ clock, random }: Surroundings, hosts: Hosts): HealthChecks {
  function start(group: TargetGroup, findings: Findings): void {
    if (group.nextRound !== undefined) return;
    scheduleRound(group, findings, random.integer(0, group.healthCheck.intervalSeconds * 1000));
  }

  function scheduleRound(group: TargetGroup, findings: Findings, delay: number): void {
    group.nextRound = clock.after(delay, () => {
      group.nextRound = undefined;
      const checked = [...group.targets.values()].filter(isChecked);
      if (checked.length === 0) return;
      scheduleRound(group, findings, group.healthCheck.intervalSeconds * 1000);
      const due = checked.filter(isRegistered);
      return due.length === 0 ? undefined : round(group, due, findings);
    });
  }

  /** Who is still being registered is not asked before the next round. */
  function isRegistered(target: Target): boolean {
    return target.health !== REGISTERING || clock.now() - target.changedAt >= REGISTRATION;
  }

  /** Asks all; who has not answered when the time-out is over has failed. */
  function round(group: TargetGroup, due: readonly Target[], findings: Findings): Promise<void> {
    const expected = codesOf(group.healthCheck.matcher);
    const waiting = new Set(due);
    const timeout = clock.after(group.healthCheck.timeoutSeconds * 1000, () => {
      for (const target of waiting) answered(target, "timeout");
    });

    function answered(target: Target, answer: HostAnswer): void {
      if (!waiting.delete(target)) return;
      if (waiting.size === 0) timeout.cancel();
      // Between question and answer it may have been deregistered; registered anew, it is another target.
      if (!isChecked(target)) return;
      if (typeof answer === "object" && expected(answer.status)) findings.passed(target);
      else findings.failed(target, unhealthyAfter(answer));
    }

    for (const target of due) {
      findings.checking(target);
      ask(target).then(
        (answer) => answered(target, answer),
        () => answered(target, "refused"),
      );
    }
    return untilAnswered(waiting);
  }

  async function ask(target: Target): Promise<HostAnswer> {
    const host = hosts.find(target.instanceId);
    return host === undefined ? "refused" : host.request(checkPort(target), target.group.healthCheck.path);
  }

  return { start };
}

/** Lets machines that answer at once do so before virtual time moves on; the slow ones are not waited for. */
async function untilAnswered(waiting: ReadonlySet<Target>): Promise<void> {
  for (let turn = 0; turn < TURNS && waiting.size > 0; turn++) await Promise.resolve();
}
