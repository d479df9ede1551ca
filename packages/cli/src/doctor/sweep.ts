/** Does the sweep run? Without it a lost event stays lost. */
import { length } from "@warden/fleet";
import { bad, check, type Finding, ok } from "./check.ts";

/** It runs each minute; two may be missed before it is a fact. */
const oldest = 180_000;

export const sweepCheck = check(
  "sweep",
  async ({ deps, deployment }) => ({
    last: await deps.ports.store.lastSweep(),
    deployedAt: deployment.deployedAt,
    now: deps.now(),
  }),
  judgeSweep,
);

interface Seen {
  readonly last: number | undefined;
  readonly deployedAt: number;
  readonly now: number;
}

export function judgeSweep({ last, deployedAt, now }: Seen): Finding[] {
  const mend = "look at the schedule and the log of the function sweep";
  if (last === undefined && now - deployedAt < oldest) return [ok("last sweep", "the first one is still to come")];
  if (last === undefined) return [bad("last sweep", "none has ever run", mend)];
  const age = now - last;
  return [
    age >= oldest
      ? bad("last sweep", `it ran ${length(age)} ago, and it should each minute`, mend)
      : ok("last sweep", `${length(age)} ago`),
  ];
}
