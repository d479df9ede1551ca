/** The paths that instances and targets take, as somebody sees them who keeps asking. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { eventually } from "./eventually.ts";
import { debianPython } from "./judges.ts";
import type { World } from "./world.ts";

export interface Sampler {
  /** Each instance's lifecycle states, in the order in which they were seen. */
  readonly states: ReadonlyMap<string, readonly string[]>;
  /** Each target's states of health, likewise. */
  readonly targets: ReadonlyMap<string, readonly string[]>;
  /** Resolves when all that has happened so far is among what was seen. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

const sampleSchema = z.object({
  states: z.record(z.string(), z.string()),
  targets: z.record(z.string(), z.string()),
});

export function sample(world: World): Sampler {
  const script = fileURLToPath(new URL("../boto3/sample.py", import.meta.url));
  const child = spawn(debianPython, [script, world.endpoint], {
    env: { ...world.clientEnvironment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const states = new Map<string, string[]>();
  const targets = new Map<string, string[]>();
  let samples = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    samples += 1;
    const seen = sampleSchema.parse(JSON.parse(line));
    note(states, seen.states);
    note(targets, seen.targets);
  });
  return {
    states,
    targets,
    async caughtUp() {
      // The next one may have begun to ask before now.
      const enough = samples + 2;
      await eventually("two more samples", 30_000, () => samples >= enough);
    },
    async stop() {
      child.kill("SIGTERM");
      await end;
    },
  };
}

function note(paths: Map<string, string[]>, seen: Readonly<Record<string, string>>): void {
  for (const [id, state] of Object.entries(seen)) {
    const path = paths.get(id) ?? [];
    if (path.at(-1) !== state) path.push(state);
    paths.set(id, path);
  }
}
