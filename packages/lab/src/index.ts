export { benchLab } from "./bench-lab.ts";
export { breakInLab, healInLab } from "./control.ts";
export { installPackages, missingPackages } from "./doctor.ts";
export { downLab } from "./down.ts";
export { type Lab, type LabOptions, startLab } from "./lab.ts";
export { loadLab } from "./load-lab.ts";
export { LabRefusal } from "./refusal.ts";
export { type LabStatus, labStatus } from "./status.ts";
