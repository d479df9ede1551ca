/** Reads a site configuration, or says what is wrong with it: field, value, and what is allowed. */
import { type ReadText, readText } from "@warden/yaml";
import { type SiteConfiguration, siteConfigurationSchema } from "./schema.ts";
import { nonsenseIn } from "./sense.ts";

export const readSiteConfiguration = (text: string): ReadText<SiteConfiguration> =>
  readText(text, { schema: siteConfigurationSchema, nonsense: nonsenseIn });
