// counts.mjs SUITE REPORT FAILURES: prints how many tests passed, failed and were left out, as vitest's JSON reporter has it,
// and adds to FAILURES which ones failed, with the first line of their errors.
import { appendFileSync, readFileSync } from "node:fs";

const [suite, report, failures] = process.argv.slice(2);
const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
for (const { name, status, assertionResults, message } of testResults) {
  const file = name.slice(name.lastIndexOf("/") + 1);
  const tell = (words, error) => appendFileSync(failures, `${suite}: ${file}: ${words}: ${error.split("\n")[0]}\n`);
  const failed = assertionResults.filter(({ status }) => status === "failed");
  for (const { fullName, failureMessages } of failed) tell(fullName, failureMessages[0] ?? "");
  if (status === "failed" && failed.length === 0) tell("before or after its tests", message);
}
console.log(numPassedTests, numFailedTests, numPendingTests);
