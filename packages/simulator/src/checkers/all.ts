/** Every rule of the design that the facts of one run can show, and why the others are not among them. */
import type { CheckedRun, Checker } from "./checker.ts";
import type { CreateChecker } from "./grace.ts";
import { incidents } from "./incidents.ts";
import { liveness } from "./liveness.ts";
import { rule01 } from "./rule-01.ts";
import { rule02 } from "./rule-02.ts";
import { rule03 } from "./rule-03.ts";
import { rule05 } from "./rule-05.ts";
import { rule06 } from "./rule-06.ts";
import { rule07 } from "./rule-07.ts";
import { rule08 } from "./rule-08.ts";
import { rule10 } from "./rule-10.ts";
import { rule15 } from "./rule-15.ts";
import { rule16 } from "./rule-16.ts";

const rules: readonly CreateChecker[] = [
  rule01,
  rule02,
  rule03,
  rule05,
  rule06,
  rule07,
  rule08,
  rule10,
  rule15,
  rule16,
  incidents,
  liveness,
];

export const allCheckers = (run: CheckedRun): readonly Checker[] => rules.map((create) => create(run));

/** What no fact of one run can show, and where it is shown instead. */
export const notChecked: Readonly<Record<string, string>> = {
  "rule-04": "needs two runs, with and without the crash: shown by crashing before and after every call of one story",
  "rule-09": "nothing remediates alarms in the simulator yet",
  "rule-11": "secrets are no fact of a run: shown by tests of commands, events and logs",
  "rule-12": "values from outside are no fact of a run: shown by tests of the documents and the host scripts",
  "rule-13":
    "throttling is a cause, not an outcome: shown by the scenario `throttled`, in which every other rule holds",
  "rule-14": "nothing changes resources in the simulator yet",
};
