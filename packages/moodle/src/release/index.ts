export { type Building, buildRelease, type Release, type ReleaseManifest } from "./build.ts";
export { type Lock, readLock } from "./lock.ts";
export { Refusal } from "./refusal.ts";
