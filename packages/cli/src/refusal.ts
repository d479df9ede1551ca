/** Which guard the loop's last decision met, read from its own sentence: the record keeps no other trace of it. */
import type { Guard } from "@warden/fleet";

export interface Refusal {
  readonly guard: Guard;
  readonly why: string;
}

const pattern = /^stays in service although .* — (stop|freeze|hold|shared-cause|mode|floor|budget): (.*)$/s;

export function refusalIn(why: string): Refusal | undefined {
  const [, guard, reason] = pattern.exec(why) ?? [];
  return guard === undefined || reason === undefined || !isGuard(guard) ? undefined : { guard, why: reason };
}

const guards: Readonly<Record<Guard, true>> = {
  stop: true,
  freeze: true,
  hold: true,
  "shared-cause": true,
  mode: true,
  floor: true,
  budget: true,
};
const isGuard = (text: string): text is Guard => Object.hasOwn(guards, text);
