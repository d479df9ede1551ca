/**
 * A program at work on a modelled machine. It waits on the machine's clock, prints, and exits once; when it is killed
 * or the power goes, nothing that it still waited for happens.
 */
import type { Clock, Timer } from "../clock.ts";
import type { Random } from "../random.ts";
import type { DocumentResult, Range } from "../region.ts";

export interface Process {
  /** Goes on with `next` after a time drawn from `duration`; never when the process has ended by then. */
  wait(duration: Range | number, next: () => void): void;
  print(line: string): void;
  complain(line: string): void;
  exit(code: number): void;
  readonly hasEnded: boolean;
  /** Runs when the process ends in whatever way, before its result is reported; what it took up last it lets go of first. */
  onEnd(listener: () => void): void;
}

export interface RunningProcess {
  readonly process: Process;
  /** Ends it from outside. `report` says whether anybody is left to tell: nobody is when the power goes. */
  kill(report: { timedOut: boolean } | "nobody"): void;
}

interface Settings {
  readonly clock: Clock;
  readonly random: Random;
  /** 1 is the usual speed, 3 takes three times as long. Asked at each wait. */
  readonly slowness: () => number;
  readonly report: (result: DocumentResult) => void;
}

/** What a shell reports for a program that SIGKILL ended. */
const killed = 137;

export function startProcess({ clock, random, slowness, report }: Settings): RunningProcess {
  const timers = new Set<Timer>();
  const endings: (() => void)[] = [];
  let stdout = "";
  let stderr = "";
  let hasEnded = false;

  function end(result: { exitCode: number; timedOut?: true } | "unreported"): void {
    if (hasEnded) return;
    hasEnded = true;
    for (const timer of timers) timer.cancel();
    for (const ending of endings.toReversed()) ending();
    if (result !== "unreported") report({ ...result, stdout, stderr });
  }

  const process: Process = {
    wait(duration, next) {
      if (hasEnded) return;
      const { low, high } = typeof duration === "number" ? { low: duration, high: duration } : duration;
      const timer = clock.after((low + (high - low) * random.next()) * slowness(), () => {
        timers.delete(timer);
        next();
      });
      timers.add(timer);
    },
    print(line) {
      stdout += `${line}\n`;
    },
    complain(line) {
      stderr += `${line}\n`;
    },
    exit: (exitCode) => end({ exitCode }),
    get hasEnded() {
      return hasEnded;
    },
    onEnd(listener) {
      endings.push(listener);
    },
  };

  return {
    process,
    kill(how) {
      if (how === "nobody") end("unreported");
      else end(how.timedOut ? { exitCode: killed, timedOut: true } : { exitCode: killed });
    },
  };
}
