export { type Building, buildRelease, type Release } from "./build.ts";
export { type Lock, readLock } from "./lock.ts";
export { type AboutRelease, branchOf, type ReleaseManifest, readAbout } from "./manifest.ts";
export { type OpenedRelease, openRelease, releaseName } from "./open.ts";
export { pinned } from "./pin.ts";
export { Refusal } from "./refusal.ts";
