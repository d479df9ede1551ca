/** What can be installed on a modelled machine, and what that may know of the machine. */
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { DocumentRun, HostAnswer, Instance, InstanceMetadata } from "../region.ts";
import type { Process } from "./process.ts";

/** What is installed on the machine. */
export interface Software {
  /** What SSM documents do, by name. A document without a program runs its script in the machine's tiny shell. */
  readonly programs: Readonly<Record<string, Program>>;
  /** Services start. The process lives until the machine goes off. */
  booted?(process: Process): void;
  /** One request to the web server. */
  answer?(port: number, path: string): HostAnswer;
  /** EC2 or Auto Scaling changed what the metadata service says. */
  metadataChanged?(): void;
  /** The machine went off. */
  stopped?(how: "shutdown" | "kill"): void;
}

export type Program = (run: DocumentRun, process: Process) => void;

/** What software may know of the machine on which it runs. */
export interface MachineContext {
  readonly instance: Instance;
  readonly hostname: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metadata: Readonly<InstanceMetadata>;
}
