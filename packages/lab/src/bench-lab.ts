/** A lab of one machine with a real Moodle, for the benchmark of its application cache; it ends with it. */
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import type { StoryLine } from "@warden/worlds/local";
import { type BenchRecord, benchCache } from "./bench/bench.ts";
import { labNode } from "./bench/node.ts";
import type { Scope } from "./bench/plan.ts";
import { processorTimes } from "./bench/processors.ts";
import { slowedBy } from "./files/conditions.ts";
import { reachInLab } from "./gate.ts";
import type { LabHost } from "./host.ts";
import { hostInService } from "./in-service.ts";
import { type Lab, startLab } from "./lab.ts";
import { labAddress } from "./network.ts";
import { LabRefusal } from "./refusal.ts";
import { certificateOf, siteCertificate, siteHost, sitePort, workers } from "./site.ts";

export interface BenchOptions {
  /** Where AWS answers. */
  readonly port: number;
  /** A source tree of Moodle, or an archive. */
  readonly moodle: string;
  readonly scope: Scope;
}

export async function benchLab(
  { port, moodle, scope }: BenchOptions,
  tell: (line: StoryLine) => void,
): Promise<BenchRecord> {
  const began = Date.now();
  const lab = await startLab({ port, nodes: 1, spot: false, moodle }, tell);
  try {
    const host = await inService(lab);
    // It would put right what the benchmark changes.
    await lab.functions.stop();
    const ca = certificateOf(siteCertificate);
    return await benchCache(
      {
        node: labNode((script) => host.sh(script), cacheConfigurationOf(lab)),
        site: {
          connect: () => connect({ socket: reachInLab(labAddress, sitePort), servername: siteHost, ca }),
          headers: { host: siteHost },
        },
        setDelay: (delay) => lab.files.set(slowedBy(delay)),
        processors: processorTimes,
        clock: { now: () => performance.now(), sleep: (milliseconds) => sleep(milliseconds) },
        machine: { processors: availableParallelism(), workers },
        date: new Date(),
        tell: (text) => tell({ at: Date.now() - began, who: "bench", text, tone: "step" }),
      },
      scope,
    );
  } finally {
    await lab.stop();
  }
}

function cacheConfigurationOf({ site }: Lab): string {
  const file = site.bundle.files.find(({ name }) => name === "cache-configuration.php");
  if (file === undefined) throw new Error("a bundle has a cache configuration");
  return file.text;
}

/** Seconds in which Moodle is installed, also on a busy computer. */
const patience = 900;

async function inService(lab: Lab): Promise<LabHost> {
  for (let second = 0; second < patience; second++) {
    const host = await hostInService(lab);
    if (host !== undefined) return host;
    await sleep(1000);
  }
  throw new LabRefusal("no node came into service", "`warden lab up` with the same Moodle shows why");
}
