/** From pointers, which say where to look, to the hints that a decision takes along. */
import type { Notice } from "@warden/events";
import type { Hint } from "@warden/fleet";

/** Two minutes from the warning to the end (EC2 guide, "Spot Instance interruption notices"); `hibernate` begins at once. */
const spotNotice = 120_000;

/** Undefined for notices that only say where to look. */
export function hintOf(notice: Notice | undefined, now: number): Hint | undefined {
  switch (notice?.kind) {
    case "lifecycle-action":
      return {
        kind: "lifecycle-action",
        transition: notice.transition,
        hook: notice.hook,
        token: notice.token,
        at: timeOf(notice.at, now),
      };
    case "spot-interruption":
      return {
        kind: "spot",
        goneAt: timeOf(notice.at, now) + (notice.action === "hibernate" ? 0 : spotNotice),
        withdrawn: false,
      };
    case "rebalance-recommendation":
      return { kind: "rebalance", goneAt: undefined, withdrawn: false };
    case "scheduled-maintenance":
      return {
        kind: "maintenance",
        goneAt: notice.notBefore === undefined ? undefined : timeOf(notice.notBefore, now),
        withdrawn: notice.status === "closed",
      };
    case "node-notice":
      return {
        kind: notice.notice,
        goneAt: notice.notBefore === undefined ? undefined : timeOf(notice.notBefore, now),
        withdrawn: false,
      };
    case "node-started":
    case undefined:
      return undefined;
  }
}

function timeOf(text: string, otherwise: number): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? otherwise : time;
}
