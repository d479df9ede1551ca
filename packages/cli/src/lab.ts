/** The lab, as the commands know it, and what it says when there can be none. */
import type { Lab } from "@warden/lab";
import { Problem, status } from "./errors.ts";

/** `@warden/lab`, which is loaded when a command needs it. */
export type LabHands = Pick<
  typeof import("@warden/lab"),
  "labStatus" | "downLab" | "missingPackages" | "installPackages" | "loadLab" | "breakInLab" | "healInLab" | "benchLab"
> & {
  startLab(...asked: Parameters<StartLab>): Promise<Pick<Lab, "endpoint" | "region" | "stop">>;
};

type StartLab = typeof import("@warden/lab").startLab;

/** @throws Problem where the lab refuses */
export async function inLab<Result>(ask: () => Promise<Result>): Promise<Result> {
  const { LabRefusal } = await import("@warden/lab");
  return ask().catch((error: unknown) => {
    throw error instanceof LabRefusal ? new Problem(status.refused, capital(error.message), error.mend) : error;
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
