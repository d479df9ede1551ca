/**
 * Holds back the actions of a composite alarm while its suppressor is in ALARM (CloudWatch guide, "Alarm
 * suppression"): after a transition it waits for the suppressor to go off, and after the suppressor is over it waits
 * a little longer. The state-change event is sent all the same.
 */
import type { Clock } from "../../clock.ts";
import type { CompositeAlarm, Suppression, Suppressor } from "./alarm.ts";

interface SuppressionRules {
  /** A composite alarm changed state: decides whether its actions have to wait. */
  begin(alarm: CompositeAlarm): void;
  /** The suppressor of a composite alarm went into ALARM or left it. */
  suppressorChanged(alarm: CompositeAlarm, inAlarm: boolean): void;
  forget(alarm: CompositeAlarm): void;
}

export function suppressionRules(
  clock: Clock,
  inAlarm: (alarmName: string) => boolean,
  act: (alarm: CompositeAlarm) => void,
): SuppressionRules {
  /** When each composite alarm's suppressor was last over. */
  const overAt = new WeakMap<CompositeAlarm, number>();

  function suppress(alarm: CompositeAlarm, by: Suppression["by"], milliseconds?: number): void {
    alarm.suppression?.timer?.cancel();
    const timer = milliseconds === undefined ? undefined : clock.after(milliseconds, () => release(alarm));
    alarm.suppression = { by, timer };
  }

  function release(alarm: CompositeAlarm): void {
    alarm.suppression = undefined;
    act(alarm);
  }

  function extensionLeft(alarm: CompositeAlarm, suppressor: Suppressor): number {
    const since = overAt.get(alarm);
    return since === undefined ? 0 : since + suppressor.extensionPeriod * 1000 - clock.now();
  }

  return {
    begin(alarm) {
      const { suppressor } = alarm;
      if (suppressor === undefined) return;
      const left = extensionLeft(alarm, suppressor);
      if (inAlarm(suppressor.alarmName)) suppress(alarm, "Alarm");
      else if (left > 0) suppress(alarm, "ExtensionPeriod", left);
      else suppress(alarm, "WaitPeriod", suppressor.waitPeriod * 1000);
    },

    suppressorChanged(alarm, goesOff) {
      const { suppressor, suppression } = alarm;
      if (suppressor === undefined) return;
      if (!goesOff) overAt.set(alarm, clock.now());
      if (suppression === undefined) return;
      if (goesOff) suppress(alarm, "Alarm");
      else if (suppression.by === "Alarm") suppress(alarm, "ExtensionPeriod", suppressor.extensionPeriod * 1000);
    },

    forget(alarm) {
      alarm.suppression?.timer?.cancel();
      alarm.suppression = undefined;
    },
  };
}
