/** A site configuration that the operator names, and the bundle that its nodes get. */
import type { Bundle } from "@warden/moodle/bundle";
import type { SiteConfiguration } from "@warden/moodle/site";
import { textOf, unusable } from "./file.ts";

export async function siteFrom(file: string): Promise<SiteConfiguration> {
  const { readSiteConfiguration } = await import("@warden/moodle/site");
  const { problemInWords } = await import("@warden/yaml");
  const read = readSiteConfiguration(await textOf(file, "name a file of YAML that describes a site"));
  if (!read.ok) throw unusable("The site configuration", file, read.problems.map(problemInWords));
  return read.value;
}

/** @param group whose nodes it is for; the site's own unless given */
export async function bundleFor(site: SiteConfiguration, group?: string): Promise<Bundle> {
  const { bundleOf } = await import("@warden/moodle/bundle");
  return bundleOf(site, group);
}
