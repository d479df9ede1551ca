/** What a check of `warden doctor` is: reading kept apart from judging, so that each judgement can be tried by itself. */
import type { Reach } from "../context.ts";

export type Finding =
  | { readonly state: "ok"; readonly subject: string; readonly evidence: string }
  | { readonly state: "warning" | "bad"; readonly subject: string; readonly evidence: string; readonly mend: string };

export interface Check {
  readonly name: string;
  run(reach: Reach, scope: Scope): Promise<readonly Finding[]>;
}

/** The part of the deployment that is looked at; undefined: all of it. */
export interface Scope {
  readonly site: string | undefined;
}

/** A check in two halves. */
export function check<Facts>(
  name: string,
  read: (reach: Reach, scope: Scope) => Promise<Facts>,
  judge: (facts: Facts) => readonly Finding[],
): Check {
  return { name, run: async (reach, scope) => judge(await read(reach, scope)) };
}

export const ok = (subject: string, evidence: string): Finding => ({ state: "ok", subject, evidence });
export const warning = (subject: string, evidence: string, mend: string): Finding => ({
  state: "warning",
  subject,
  evidence,
  mend,
});
export const bad = (subject: string, evidence: string, mend: string): Finding => ({
  state: "bad",
  subject,
  evidence,
  mend,
});

/** What deploying again puts right. */
export const redeploy = "deploy the stage again with `npx sst deploy`";
