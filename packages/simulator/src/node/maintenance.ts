/**
 * `Warden-Maintenance`: closes the site for all, or opens it, and stops or starts this node's cron. Asked again it tells what
 * still runs here.
 */
import type { MaintenanceOutput } from "@warden/moodle";
import { startCron } from "./bootstrap.ts";
import type { Load } from "./load.ts";
import type { NodeState } from "./node-state.ts";
import type { SharedParts } from "./shared-parts.ts";

export interface MaintenanceParts {
  readonly state: NodeState;
  readonly shared: SharedParts;
  readonly load: Load;
  readonly cronProcesses: number;
}

export function createMaintenance(parts: MaintenanceParts): (closed: boolean) => MaintenanceOutput {
  const { state, shared, load, cronProcesses } = parts;
  return function setMaintenance(closed) {
    // The notice lies in moodledata.
    if (shared.files === "down") return { v: 1, ok: false, message: "the file system does not answer" };
    if (closed) load.close();
    else load.reopen();
    if (shared.maintenance !== closed) {
      shared.maintenance = closed;
      state.told({ kind: "maintenance", closed });
    }
    if (!closed && state.memory.servicesRun) startCron(state, cronProcesses);
    return { v: 1, ok: true, maintenance: closed, tasks: [...load.runningTasks()], oldest: load.oldest() / 1_000 };
  };
}
