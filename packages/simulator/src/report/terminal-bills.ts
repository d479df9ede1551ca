/** The two monthly bills of the tutoring site, side by side. */
import { byService } from "@warden/cost";
import type { TutoringBills } from "../cost/tutoring-week.ts";
import { type Paint, rightOf, wrapped } from "./columns.ts";
import { dollars } from "./words.ts";

export function billLines(bills: TutoringBills, width: number, paint: Paint): readonly string[] {
  const [single, scaled] = [byService(bills.single.lines), byService(bills.scaled.lines)];
  const services = [...new Set([...Object.keys(single), ...Object.keys(scaled)])];
  const cell = (usd: number | undefined): string => (usd === undefined ? "" : dollars(usd));
  const { year, singleUSD, scaledUSD } = bills.writeUp;
  return [
    paint.strong("The same site, USD a month (estimate)"),
    paint.dim(rightOf("", ["one instance", "scaled"], width)),
    ...services.map((service) => rightOf(service, [cell(single[service]), cell(scaled[service])], width)),
    paint.strong(rightOf("all", [dollars(bills.single.usd), dollars(bills.scaled.usd)], width)),
    paint.dim(rightOf(`the write-up, ${year}`, [`over ${singleUSD}`, `about ${scaledUSD}`], width)),
    ...wrapped(bills.says, width),
  ];
}
