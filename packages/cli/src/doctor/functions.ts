/** Does every function of the catalogue exist, and do those of the lanes read them? */
import { functions, type WardenFunction } from "@warden/functions/catalogue";
import { bad, check, type Finding, ok, redeploy } from "./check.ts";
import type { FunctionFacts, PollerFacts } from "./inspection.ts";

export interface DeployedFunction {
  readonly name: string;
  /** The queue that it must read; undefined for one that reads none. */
  readonly queueArn: string | undefined;
  readonly facts: FunctionFacts | undefined;
  readonly pollers: readonly PollerFacts[];
}

export const functionsCheck = check(
  "functions",
  ({ deployment, inspection }) =>
    Promise.all(
      functions.map(async ({ name, trigger }: WardenFunction): Promise<DeployedFunction> => {
        const deployed = deployment.functions[name]?.name;
        const facts = deployed === undefined ? undefined : await inspection.function(deployed);
        const queueArn = trigger.kind === "lane" ? deployment.queues[trigger.lane].arn : undefined;
        const reads = deployed !== undefined && facts !== undefined && queueArn !== undefined;
        return { name, queueArn, facts, pollers: reads ? await inspection.pollers(deployed) : [] };
      }),
    ),
  judgeFunctions,
);

export function judgeFunctions(deployed: readonly DeployedFunction[]): Finding[] {
  return deployed.map(({ name, queueArn, facts, pollers }) => {
    const subject = `function ${name}`;
    if (facts === undefined) return bad(subject, "it does not exist", redeploy);
    if (facts.state !== "Active" && facts.state !== "Inactive")
      return bad(subject, `its state is ${facts.state}`, redeploy);
    if (facts.lastUpdate === "Failed") return bad(subject, "its last update failed", redeploy);
    // How one switches a function off in an emergency, and forgets it.
    if (facts.reserved === 0)
      return bad(subject, "it may not run: its reserved concurrency is 0", "give it concurrency again");
    if (queueArn === undefined) return ok(subject, facts.state);
    const poller = pollers.find((each) => each.queueArn === queueArn);
    if (poller === undefined)
      return bad(subject, "it has no event source mapping, so nothing reads its lane", redeploy);
    if (poller.state !== "Enabled")
      return bad(
        subject,
        `its event source mapping is ${poller.state}, so nothing reads its lane`,
        "enable the mapping",
      );
    return ok(subject, `${facts.state}, reads its lane`);
  });
}
