/** Runs another program to its end. */
import { spawn } from "node:child_process";

export interface Ended {
  /** Undefined: a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Milliseconds, after which it is ended. */
  readonly timeout?: number;
}

export function run(program: string, words: readonly string[], options: RunOptions): Promise<Ended> {
  const { environment, directory, timeout = 120_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      timeout,
      ...(directory !== undefined && { cwd: directory }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? undefined, stdout, stderr }));
  });
}
