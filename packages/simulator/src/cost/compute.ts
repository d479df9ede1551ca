/** What the nodes cost: the hours that AWS bills, and a disk for each of them. */
import { type CostLine, hoursAMonth, line, type PriceBook } from "@warden/cost";

export interface NodeHours {
  readonly instanceType: string;
  readonly hours: number;
}

/** Of gp3, for each node. */
export const nodeDiskGigabytes = 20;

export function computeCost(nodes: NodeHours, prices: PriceBook): readonly CostLine[] {
  const { instanceType, hours } = nodes;
  const diskMonths = (nodeDiskGigabytes * hours) / hoursAMonth;
  return [
    line(prices.of(`ec2.${instanceType}`), {
      service: "nodes",
      item: `${instanceType}, on demand`,
      quantity: hours,
      basis: "counted",
    }),
    line(prices.of("ebs.gp3.storage"), {
      service: "node disks",
      item: `gp3, ${nodeDiskGigabytes} GB each`,
      quantity: diskMonths,
      basis: "assumed",
    }),
  ];
}
