/** The tutoring site's week ends in two monthly bills, whichever of its two scenarios was run: one is only told beside the other. */
import {
  builtinScenario,
  createSummary,
  priceBook,
  type RunRecord,
  type Scenario,
  type Summary,
  type TutoringBills,
  tutoringBills,
} from "@warden/simulator";

const big = "tutoring-week-big";
const scaled = "tutoring-week-scaled";

/** @param runOf runs the other scenario once: how many nodes the scaled week takes is only known from a run of it */
export async function billsOfTheWeek(
  scenario: string,
  summary: Summary,
  runOf: (scenario: Scenario) => Promise<RunRecord>,
): Promise<TutoringBills | undefined> {
  const prices = priceBook("us-east-1");
  if (scenario === scaled) return tutoringBills(summary.used(), prices);
  const other = scenario === big ? builtinScenario(scaled) : undefined;
  if (other === undefined) return undefined;
  const { instanceType } = other.fleet;
  const once = createSummary({ scenario: scaled, seed: 0, now: 0, prices, instanceType });
  once.add(await runOf(other));
  return tutoringBills(once.used(), prices);
}
