/** `Warden-Preflight`: the release and its bundle beside those in use, looked at as far as nothing is switched. */
import type { Process } from "@warden/aws-local/hosts/process";
import type { Range } from "@warden/aws-local/region";
import type { PreflightOutput } from "@warden/moodle";
import type { Desired, NodeState } from "./node-state.ts";
import { isMarked } from "./release.ts";
import { stateFor } from "./schema.ts";
import type { SharedParts } from "./shared-parts.ts";

export interface PreflightParts {
  readonly state: NodeState;
  readonly shared: Readonly<SharedParts>;
  readonly fetch: Range;
  readonly parse: Range;
}

export type Preflight = (desired: Desired, process: Process, finish: (output: PreflightOutput) => void) => void;

export function createPreflight({ state, shared, fetch, parse }: PreflightParts): Preflight {
  const { disk, faults } = state;

  return function preflight({ release, digest }, process, finish) {
    const failed = (message: string): void => finish({ v: 1, ok: false, message });
    process.wait(fetch, () => {
      if (faults.has("release")) failed(`the archive of ${release} has the wrong checksum`);
      else if (faults.has("bundle")) failed(`the bundle ${digest} cannot be unpacked`);
      else {
        disk.unpacked.add(release);
        process.wait(parse, () => finish(judged(release)));
      }
    });
  };

  function judged(release: string): PreflightOutput {
    const found = stateFor(release, shared);
    if (found === "unknown") return { v: 1, ok: false, part: "database", message: "the database does not answer" };
    const problems = [
      ...(isMarked(release, "unparsable") ? ["lib/moodlelib.php: syntax error, unexpected end of file"] : []),
      ...(found === "installed" || found === "upgrade-pending" ? [] : [`the site is ${found}`]),
    ];
    const wanted = isMarked(release, "open") ? "open" : "closed";
    return { v: 1, ok: true, upgrade: found === "upgrade-pending" ? wanted : "none", problems };
  }
}
