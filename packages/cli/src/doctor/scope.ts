/** The sites that the doctor looks at. */
import type { Site } from "@warden/control";
import { chooseSite } from "../choose.ts";
import type { Reach } from "../context.ts";
import type { Scope } from "./check.ts";

export async function sitesIn(reach: Reach, { site }: Scope): Promise<readonly Site[]> {
  return site === undefined ? reach.deps.settings.sites() : [await chooseSite(site, reach)];
}
