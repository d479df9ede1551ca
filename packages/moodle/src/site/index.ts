export { type Dependency, dependenciesOf } from "./dependencies.ts";
export { readSiteConfiguration } from "./read.ts";
export { type RecoveryPair, type RecoveryPoint, type RecoveryPoints, recoveryPair } from "./recovery.ts";
export { type ReleaseName, releaseNames, releases } from "./releases.ts";
export type { SecretReference, SiteConfiguration } from "./schema.ts";
