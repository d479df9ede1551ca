/** Is there a table, can it be read, and does it say what there is to care for? */
import { bad, check, type Finding, ok } from "./check.ts";

interface Facts {
  readonly stage: string;
  readonly table: string;
  readonly sites: readonly string[];
}

export const tableCheck = check(
  "deployment",
  async ({ deps, deployment }): Promise<Facts> => ({
    stage: deployment.stage,
    table: deployment.table,
    sites: (await deps.ports.store.sites()).map((site) => site.site),
  }),
  judgeTable,
);

export function judgeTable({ stage, table, sites }: Facts): Finding[] {
  return [
    ok(`stage ${stage}`, "its description was found, so the endpoint answers"),
    sites.length === 0
      ? bad(`table ${table}`, "it can be read, but names no site", "deploy a site, or Warden has nothing to care for")
      : ok(`table ${table}`, `it can be read and names ${sites.join(", ")}`),
  ];
}
