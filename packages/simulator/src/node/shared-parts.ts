/** What every node of a site shares. One object for the whole site: set a member and every node sees it. */
import type { SharedPart } from "@warden/moodle";

export interface SharedParts extends Record<SharedPart, "up" | "down"> {
  site: "installed" | "empty" | "upgrade-pending";
  /** The site is in maintenance: every node shows visitors the same notice. */
  maintenance: boolean;
  /** Digests of configuration bundles with which no page comes up. */
  readonly badConfigurations: Set<string>;
}

export const healthySharedParts = (): SharedParts => ({
  database: "up",
  sessions: "up",
  cache: "up",
  files: "up",
  site: "installed",
  maintenance: false,
  badConfigurations: new Set(),
});
