/** Breaks parts of the running lab, remembers what is broken, and heals it. */
import type { DataTier } from "./data-tier.ts";
import { describeFault, type Fault, isOf, nodeOf, type Which } from "./faults.ts";
import { slowedBy } from "./files/conditions.ts";
import type { SharedFiles } from "./files.ts";
import type { FunctionsSwitch } from "./functions-switch.ts";
import type { LabHost } from "./host.ts";
import type { Undo } from "./misfortunes.ts";
import { machineName } from "./places.ts";
import { LabRefusal } from "./refusal.ts";

export interface BreakerParts {
  readonly data: Pick<DataTier, "lose" | "restore">;
  readonly files: Pick<SharedFiles, "set">;
  readonly functions: FunctionsSwitch;
  /** The machine of an instance that runs. */
  hostOf(instanceId: string): Pick<LabHost, "instanceId" | "befall"> | undefined;
  interruptSpot(instanceId: string): void;
  tell(text: string, tone: "good" | "bad"): void;
}

export interface Breaker {
  /** @throws LabRefusal when that is broken already, or where there is no such machine */
  break(fault: Fault): Promise<void>;
  /** @returns what it healed */
  heal(which: Which): Promise<readonly Fault[]>;
  readonly broken: readonly Fault[];
}

export function breaker({ data, files, functions, hostOf, interruptSpot, tell }: BreakerParts): Breaker {
  const faults: { readonly fault: Fault; readonly undo: Undo | undefined }[] = [];

  async function strike(fault: Fault): Promise<Undo | undefined> {
    switch (fault.what) {
      case "sessions":
      case "cache":
      case "database":
        await data.lose(fault.what);
        return () => data.restore(fault.what);
      case "files":
        return spoilFiles(fault);
      case "warden":
        await functions.stop();
        return functions.start;
      case "spot":
        interruptSpot(hostNamed(fault.node).instanceId);
        return undefined;
      default:
        return hostNamed(fault.node).befall(fault.what);
    }
  }

  async function spoilFiles({ node, delay = 0 }: Extract<Fault, { what: "files" }>): Promise<Undo> {
    const machine = node === undefined ? undefined : machineName(hostNamed(node).instanceId);
    await files.set({ ...slowedBy(delay), hangs: delay === 0 }, machine);
    return () => files.set({ ...slowedBy(0), hangs: false }, machine);
  }

  function hostNamed(node: string): Pick<LabHost, "instanceId" | "befall"> {
    const host = hostOf(node);
    if (host === undefined)
      throw new LabRefusal(`the lab has no machine ${node}`, "`sudo npx warden lab status` shows those that it has");
    return host;
  }

  /** A fault goes with the machine that had it. */
  function forgetTheGone(): void {
    const here = faults.filter(({ fault }) => nodeOf(fault) === undefined || hostOf(nodeOf(fault) ?? "") !== undefined);
    faults.splice(0, faults.length, ...here);
  }

  return {
    async break(fault) {
      forgetTheGone();
      const same = faults.find((each) => each.fault.what === fault.what && nodeOf(each.fault) === nodeOf(fault));
      if (same !== undefined)
        throw new LabRefusal(
          `${describeFault(same.fault)} already`,
          `\`sudo npx warden lab heal ${fault.what}\` ends that`,
        );
      faults.push({ fault, undo: await strike(fault) });
      tell(describeFault(fault), "bad");
    },
    async heal(which) {
      forgetTheGone();
      const healed: Fault[] = [];
      for (const each of faults.filter(({ fault, undo }) => undo !== undefined && isOf(fault, which))) {
        await each.undo?.();
        faults.splice(faults.indexOf(each), 1);
        healed.push(each.fault);
        tell(`healed: ${describeFault(each.fault)}`, "good");
      }
      return healed;
    },
    get broken() {
      forgetTheGone();
      return faults.map(({ fault }) => fault);
    },
  };
}
