/** The independent judges, and what happens on a machine that lacks one: it is said, and in CI a required one fails. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";

export interface Judge {
  readonly name: string;
  /** Undefined: it is here. */
  readonly missing: string | undefined;
  /** From Debian's packages, which `.ci/run` installs; the others come with a machine or not. */
  readonly required: boolean;
}

export const awsCommandLine = "/usr/bin/aws";
export const debianPython = "/usr/bin/python3";

/** Debian's AWS CLI 2. */
export const awsJudge: Judge = {
  name: "the AWS CLI",
  missing: existsSync(awsCommandLine) ? undefined : `there is no ${awsCommandLine} (Debian: apt-get install awscli)`,
  required: true,
};

export interface Python extends Judge {
  readonly program: string;
  readonly version: string;
}

/** A boto3 of Debian, and a second one where `python3` on the PATH is another Python with its own. */
export const debianBoto3 = python("boto3", debianPython);
export const newerBoto3 = python("boto3", "python3", debianBoto3.version);

export const moto: Python = python("moto", "python3");

/** @param unlike a version that does not count, for another judge has it */
function python(module: string, program: string, unlike?: string): Python {
  const asked = spawnSync(program, ["-c", `import ${module}; print(${module}.__version__)`], { encoding: "utf8" });
  const version = asked.status === 0 ? asked.stdout.trim() : "";
  const missing =
    version === ""
      ? `${program} has no module ${module} (${lastLineOf(asked.stderr ?? String(asked.error))})`
      : version === unlike
        ? `${program} has no other version than ${version}`
        : undefined;
  return { name: `${module} ${version} of ${program}`, program, version, missing, required: program === debianPython };
}

/** The suite `title`, if its judge is here. */
export function judgedBy(judge: Judge, title: string, suite: () => void): void {
  const { name, missing, required } = judge;
  if (missing === undefined) {
    describe(title, suite);
    return;
  }
  const reason = `NOT RUN: ${title}, judged by ${name}: ${missing}`;
  if (required && process.env["CI"]) it(`${title}: its judge is on this machine`, () => expect.fail(reason));
  else {
    console.warn(reason);
    describe.runIf(false)(title, suite);
  }
}

/** A declaration, not a constant: the judges above are asked for while this module loads. */
function lastLineOf(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
