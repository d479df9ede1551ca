/** What the loop says when a person must look: alarms wait for these words in its log. */
export const alarming = {
  recordLeftAlone: "left a record alone that a newer Warden wrote, or that is damaged",
  notReconciled: "could not reconcile a node",
  budgetExhausted: "nodes stay that should go, because the budget of disruptions is used up",
  heartbeatFailed: "a heartbeat failed",
} as const;

/** The dashboard asks each sweep's log for it. */
export const sweptGroup = "swept a group";
