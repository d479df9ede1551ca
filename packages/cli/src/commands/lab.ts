/** What is asked of a lab from another terminal: how it is, that it end, and whether this computer has what it needs. */
import type { WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import { inLab } from "../lab.ts";
import { table } from "../render/table.ts";

export interface LabFlags {
  readonly json: boolean;
}

export async function labStatus(context: WardenContext, { json }: LabFlags): Promise<Status> {
  const hands = await context.lab();
  const lab = await inLab(hands.labStatus);
  if (lab === undefined)
    throw new Problem(status.unreachable, "No lab is running", "`sudo npx warden lab up` starts one");
  const { endpoint, parts, broken, machines } = lab;
  if (json) context.out.write(`${JSON.stringify({ endpoint, parts, broken, machines })}\n`);
  else {
    const columns = [
      { title: "MACHINE", cell: ({ instanceId }: Machine) => instanceId },
      { title: "STATE", cell: ({ state }: Machine) => state },
      { title: "ADDRESS", cell: ({ address }: Machine) => address },
      { title: "PROCESSES", cell: ({ processes }: Machine) => String(processes) },
      { title: "PROCESSORS", cell: ({ limits }: Machine) => String(limits.processors ?? "no limit") },
      { title: "MEMORY", cell: ({ limits }: Machine) => sizeText(limits.memory) },
      { title: "READY", cell: ({ ready }: Machine) => ready },
    ];
    type Machine = (typeof machines)[number];
    context.out.write(`AWS ${endpoint}\n`);
    for (const { name, address } of parts) context.out.write(`${name} ${address}, in the network warden-lab\n`);
    for (const fault of broken) context.out.write(`Broken: ${fault}\n`);
    context.out.write(`\n${table(columns, machines, context.out.columns)}\n`);
  }
  return status.done;
}

const sizeText = (bytes: number | undefined): string => (bytes === undefined ? "no limit" : `${bytes / 2 ** 30} GiB`);

export async function labDown(context: WardenContext): Promise<Status> {
  const { downLab } = await context.lab();
  const wasRunning = await inLab(downLab);
  context.out.write(wasRunning ? "The lab has ended.\n" : "No lab was running; nothing of one is left.\n");
  return status.done;
}

export async function labDoctor(context: WardenContext, { install }: { readonly install: boolean }): Promise<Status> {
  const { missingPackages, installPackages } = await context.lab();
  const missing = missingPackages();
  if (missing.length === 0) {
    context.out.write("Everything that the lab needs is here.\n");
    return status.done;
  }
  if (install && installPackages(missing) && missingPackages().length === 0) return status.done;
  throw new Problem(
    status.unwell,
    `The lab needs Debian's ${missing.join(", ")}`,
    install ? "apt-get could not install all of it" : "`sudo npx warden lab doctor --install` installs them",
  );
}
