/** An event as it stands on a bus and reaches a target. */
import type { Surroundings } from "../../region.ts";

export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

interface EventContent {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Members in the order in which AWS writes them. */
export function busEvent(surroundings: Surroundings, content: EventContent): BusEvent {
  return {
    version: "0",
    id: surroundings.random.uuid(),
    "detail-type": content.detailType,
    source: content.source,
    account: surroundings.account,
    time: wholeSeconds(content.time),
    region: surroundings.region,
    resources: content.resources,
    detail: content.detail,
  };
}

/** Events carry `2021-01-19T00:35:52Z`: no fraction of a second. */
export const wholeSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
