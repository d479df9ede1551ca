/**
 * The week of a tutoring site as two monthly bills of today: one big instance with everything on it, and the same week
 * scaled. Beside them the figures of the write-up that told of such a move in 2015.
 */
import { aMonthLike, type CostLine, hoursAMonth, instancesOf2015, line, type PriceBook, sumOf } from "@warden/cost";
import { computeCost } from "./compute.ts";

export interface TutoringWeek {
  /** Of simulated time. */
  readonly hours: number;
  readonly nodeHours: number;
  readonly instanceType: string;
  /** Of Warden itself, for the same hours. */
  readonly controlPlane: readonly CostLine[];
}

export interface MonthlyBill {
  readonly name: string;
  readonly lines: readonly CostLine[];
  readonly usd: number;
}

export interface TutoringBills {
  readonly single: MonthlyBill;
  readonly scaled: MonthlyBill;
  readonly writeUp: { readonly year: 2015; readonly singleUSD: number; readonly scaledUSD: number };
  /** Instances of 2015 that alone cost over 300 USD a month: which one the write-up had is not known. */
  readonly candidatesOf2015: readonly { readonly instanceType: string; readonly date: string; readonly usd: number }[];
  /** What grows and shrinks with the number of nodes. */
  readonly scalable: number;
  /** What stays with a single node at night. */
  readonly floor: number;
  readonly says: string;
}

export function tutoringBills(week: TutoringWeek, prices: PriceBook): TutoringBills {
  const single = bill("one big instance", oneBigInstance(prices));
  const moving = movingLines(week, prices);
  const standing = [...floorLines(prices), ...warden(week)];
  const scaled = bill("scaled", [...moving, ...standing]);
  const scalable = sumOf(moving);
  const floor = sumOf(standing);
  return {
    single,
    scaled,
    writeUp: { year: 2015, singleUSD: 300, scaledUSD: 50 },
    candidatesOf2015: instancesOf2015(prices.region)
      .map(({ instanceType, date, usdAnHour }) => ({ instanceType, date, usd: usdAnHour * hoursAMonth }))
      .filter(({ usd }) => usd > 300),
    scalable,
    floor,
    says: sentence(scalable, floor),
  };
}

const bill = (name: string, lines: readonly CostLine[]): MonthlyBill => ({ name, lines, usd: sumOf(lines) });

function oneBigInstance(prices: PriceBook): readonly CostLine[] {
  const month = hoursAMonth;
  return [
    assumed(prices, "ec2.c7g.2xlarge", ["nodes", "c7g.2xlarge, 8 vCPU: web, PHP, database and caches", month]),
    assumed(prices, "ebs.gp3.storage", ["node disks", "gp3, 100 GB", 100]),
    assumed(prices, "ipv4.public", ["node addresses", "1 public IPv4", month]),
  ];
}

/** Each node has its own public address, so no NAT gateway stands beside them: it alone would cost as much as the nodes. */
function movingLines(week: TutoringWeek, prices: PriceBook): readonly CostLine[] {
  const { instanceType, nodeHours } = week;
  const address = line(prices.of("ipv4.public"), {
    service: "node addresses",
    item: "1 public IPv4 each",
    quantity: nodeHours,
    basis: "counted",
  });
  return aMonthLike([...computeCost({ instanceType, hours: nodeHours }, prices), address], week.hours);
}

function floorLines(prices: PriceBook): readonly CostLine[] {
  const month = hoursAMonth;
  return [
    assumed(prices, "alb.hour", ["load balancer", "1 Application Load Balancer", month]),
    assumed(prices, "alb.lcu", ["load balancer", "capacity units, 0.25 on average", month / 4]),
    assumed(prices, "ipv4.public", ["load balancer", "2 public IPv4", 2 * month]),
    assumed(prices, "efs.standard", ["shared files", "EFS, 20 GB", 20]),
    assumed(prices, "efs.elastic.read", ["shared files", "50 GB read", 50]),
    assumed(prices, "efs.elastic.write", ["shared files", "10 GB written", 10]),
    assumed(prices, "cache.valkey.t4g.micro", ["caches", "2 × t4g.micro: sessions, application", 2 * month]),
    assumed(prices, "rds.mysql.t4g.small", ["database", "RDS MySQL t4g.small, one zone", month]),
    assumed(prices, "rds.gp3", ["database", "gp3, 20 GB", 20]),
  ];
}

/** Warden's own bill hardly follows the nodes: alarms and idle pollers make most of it. */
function warden(week: TutoringWeek): readonly CostLine[] {
  return aMonthLike(week.controlPlane, week.hours)
    .filter(({ usd }) => usd > 0)
    .map((each) => ({ ...each, service: "Warden", item: `${each.service}: ${each.item}` }));
}

function assumed(prices: PriceBook, id: string, [service, item, quantity]: [string, string, number]): CostLine {
  return line(prices.of(id), { service, item, quantity, basis: "assumed" });
}

function sentence(scalable: number, floor: number): string {
  const whole = scalable + floor;
  const part = Math.round((100 * scalable) / whole);
  return (
    `Scaling can touch the nodes with their disks and addresses: ${usd(scalable)} of ${usd(whole)} a month (${part} %). ` +
    `It cannot touch the floor of ${usd(floor)}: load balancer, shared files, caches, database and Warden itself ` +
    "cost almost the same in an empty night."
  );
}

const usd = (amount: number): string => `${amount.toFixed(2)} USD`;
