export { type LedgerDecision, type LedgerFile, ledgerOf, readLedger, writeLedger } from "./file.ts";
export { type Choice, type Difference, type Drift, type Hindsight, hindsight } from "./hindsight.ts";
export { type SimulatedFrom, simulateFrom } from "./simulate-from.ts";
