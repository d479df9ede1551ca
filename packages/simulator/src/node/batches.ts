/**
 * SendCommand has no idempotency token, so the same work may arrive twice. The node runs each batch once: a repeat is
 * answered with the first result, and one that comes while the first still runs waits for it.
 */

import type { Process } from "@warden/aws-local/hosts/process";
import type { Program } from "@warden/aws-local/hosts/software";
import type { DocumentRun, Range } from "@warden/aws-local/region";
import type { BatchResult, NodeDisk } from "./node-state.ts";

/** Does the work of a document and gives its result exactly once, unless the process dies first. */
export type Work = (run: DocumentRun, process: Process, finish: (result: BatchResult) => void) => void;

interface Running {
  /** Repeats that wait for the first one's result. */
  readonly waiting: { readonly run: DocumentRun; readonly process: Process }[];
}

export function createBatches(disk: NodeDisk, ask: Range): { once(work: Work): Program } {
  const underWay = new Map<string, Running>();

  function once(work: Work): Program {
    return function program(run, process) {
      const batch = run.parameters["BatchId"]?.[0] ?? run.commandId;
      const known = disk.results.get(batch);
      const running = underWay.get(batch);
      if (known !== undefined) process.wait(ask, () => tell(known, process));
      else if (running !== undefined) running.waiting.push({ run, process });
      else begin(batch, work, run, process);
    };
  }

  function begin(batch: string, work: Work, run: DocumentRun, process: Process): void {
    const running: Running = { waiting: [] };
    underWay.set(batch, running);
    process.onEnd(() => {
      if (underWay.get(batch) === running) handOver(batch, work, running);
    });
    work(run, process, (result) => {
      disk.results.set(batch, result);
      underWay.delete(batch);
      for (const waiting of [{ process }, ...running.waiting]) tell(result, waiting.process);
    });
  }

  /** The first died without a result: a repeat that waited takes its place. */
  function handOver(batch: string, work: Work, { waiting }: Running): void {
    underWay.delete(batch);
    const [next, ...others] = waiting.filter(({ process }) => !process.hasEnded);
    if (next === undefined) return;
    begin(batch, work, next.run, next.process);
    underWay.get(batch)?.waiting.push(...others);
  }

  return { once };
}

function tell(result: BatchResult, process: Process): void {
  process.print(result.line);
  process.exit(result.exitCode);
}
