/** What every node of a site shares. One object for the whole site: set a member and every node sees it. */
import type { SharedPart } from "@warden/moodle";
import { type Schema, schemaOf } from "./schema.ts";

export interface SharedParts extends Record<SharedPart, "up" | "down"> {
  /** `schema.code = undefined` empties the database. */
  readonly schema: Schema;
  /** The site is in maintenance: every node shows visitors the same notice. */
  maintenance: boolean;
  /** Digests of configuration bundles with which no page comes up. */
  readonly badConfigurations: Set<string>;
}

/** @param release that the site was installed with, or brought to */
export const healthySharedParts = (release: string): SharedParts => ({
  database: "up",
  sessions: "up",
  cache: "up",
  files: "up",
  schema: schemaOf(release),
  maintenance: false,
  badConfigurations: new Set(),
});
