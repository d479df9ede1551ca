/**
 * `Warden-PushConfig`: the bundle, and the release if it is another one, beside those in use, looked at, swapped, verified;
 * back to what was before when it is bad. Requests go on meanwhile: nothing here restarts a worker.
 *
 * A real node tries the login page before visitors get it, and refuses with the same answer. The model leaves that out: what is
 * bad here stands for what only shows afterwards, so that the way back is always gone.
 */
import type { Process } from "@warden/aws-local/hosts/process";
import type { PushConfigOutput, VerifyOutput } from "@warden/moodle";
import { type Desired, type NodeState, putConfiguration, putRelease } from "./node-state.ts";
import type { NodeTimings } from "./node-timings.ts";
import type { SharedParts } from "./shared-parts.ts";
import { type Expected, verify } from "./verify.ts";

export interface PushConfigParts {
  readonly state: NodeState;
  readonly shared: Readonly<SharedParts>;
  readonly timings: Pick<NodeTimings, "ask" | "fetch" | "verify">;
}

export type PushConfig = (expected: Expected, process: Process, finish: (output: PushConfigOutput) => void) => void;

export function createPushConfig({ state, shared, timings }: PushConfigParts): PushConfig {
  const { disk, faults } = state;

  return function pushConfig(expected, process, finish) {
    const before = { release: disk.release ?? "none", digest: disk.digest ?? "none" };
    const failed = (step: string, message: string): void => finish({ v: 1, ok: false, step, message, ...before });
    const swap = (): void => {
      put(expected);
      process.wait(timings.verify, () => judge(expected, before, process, finish));
    };
    process.wait(timings.ask, () => {
      if (faults.has("bundle")) failed("bundle", `the bundle ${expected.digest} cannot be unpacked`);
      else if (disk.release === undefined) failed("bundle", "this node was never bootstrapped");
      else if (disk.unpacked.has(expected.release)) swap();
      else
        process.wait(timings.fetch, () => {
          if (faults.has("release")) failed("release", `the archive of ${expected.release} has the wrong checksum`);
          else swap();
        });
    });
  };

  function put({ release, digest }: Desired): void {
    if (release !== disk.release) putRelease(state, release);
    putConfiguration(state, digest);
  }

  function judge(
    expected: Expected,
    before: Desired,
    process: Process,
    finish: (output: PushConfigOutput) => void,
  ): void {
    const found = verify(state, shared, expected);
    const { probes, release, digest } = found;
    if (!isRefused(found, expected, before)) {
      finish({ v: 1, ok: true, release, digest });
      return;
    }
    const wrong = probes.filter(({ ok }) => !ok).map(({ name, message }) => `${name} (${message})`);
    put(before);
    process.wait(timings.verify, () => {
      verify(state, shared, { ...expected, ...before });
      finish({ v: 1, ok: false, step: "verify", message: wrong.join(", "), ...before });
    });
  }
}

/**
 * What all nodes share says nothing about the configuration: it stays, and is verified again as any other. That a release
 * wants an upgrade that nobody meant is a matter of the release.
 */
const isRefused = ({ verdict }: VerifyOutput, expected: Expected, before: Desired): boolean =>
  verdict === "node-bad" || (verdict === "upgrade-pending" && !expected.upgrade && expected.release !== before.release);
