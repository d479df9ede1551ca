/**
 * `Warden-PushConfig`: the bundle beside the one in use, looked at, swapped, verified; back to the one before when it is
 * bad. Requests go on meanwhile: nothing here restarts a worker.
 */
import type { Process } from "@warden/aws-local/hosts/process";
import type { Range } from "@warden/aws-local/region";
import type { PushConfigOutput } from "@warden/moodle";
import { type Desired, type NodeState, putConfiguration } from "./node-state.ts";
import type { SharedParts } from "./shared-parts.ts";
import { type Expected, verify } from "./verify.ts";

export interface PushConfigParts {
  readonly state: NodeState;
  readonly shared: Readonly<SharedParts>;
  readonly ask: Range;
  readonly verify: Range;
}

export type PushConfig = (expected: Expected, process: Process, finish: (output: PushConfigOutput) => void) => void;

export function createPushConfig({ state, shared, ask, verify: verifying }: PushConfigParts): PushConfig {
  const { disk, faults } = state;

  return function pushConfig(expected, process, finish) {
    const before = { release: disk.release ?? "none", digest: disk.digest ?? "none" };
    const failed = (step: string, message: string): void => finish({ v: 1, ok: false, step, message, ...before });
    process.wait(ask, () => {
      if (faults.has("bundle")) failed("bundle", `the bundle ${expected.digest} cannot be unpacked`);
      else if (disk.release !== expected.release)
        failed("bundle", `it is for ${expected.release}, and this node has ${before.release}`);
      else {
        putConfiguration(state, expected.digest);
        process.wait(verifying, () => judge(expected, before, process, finish));
      }
    });
  };

  function judge(
    expected: Expected,
    before: Desired,
    process: Process,
    finish: (output: PushConfigOutput) => void,
  ): void {
    const { verdict, probes, release, digest } = verify(state, shared, expected);
    // What all nodes share says nothing about the configuration: it stays, and is verified again as any other.
    if (verdict !== "node-bad") {
      finish({ v: 1, ok: true, release, digest });
      return;
    }
    const wrong = probes.filter(({ ok }) => !ok).map(({ name, message }) => `${name} (${message})`);
    putConfiguration(state, before.digest);
    process.wait(verifying, () => {
      verify(state, shared, { ...before, maintenance: expected.maintenance });
      finish({ v: 1, ok: false, step: "verify", message: wrong.join(", "), ...before });
    });
  }
}
