/** Which of a site's groups is meant: the one that is named, or the only one. */
import type { Site } from "@warden/control";
import type { GroupName } from "@warden/fleet";
import { Problem, status } from "./errors.ts";

/** @throws Problem */
export function groupOf(site: Site, name: string | undefined): GroupName {
  const [only, ...others] = site.groups;
  const found = name === undefined && others.length === 0 ? only : site.groups.find((each) => each === name);
  if (found !== undefined) return found;
  throw new Problem(
    status.usage,
    name === undefined
      ? `Site ${site.site} has ${site.groups.length} groups`
      : `Site ${site.site} has no group ${name}`,
    `name one of ${site.groups.join(", ")} with --group`,
  );
}
