/**
 * What a modelled release is, said by its name: `moodle-local-2+broken-1f`. Up to the `+` stand its versions, which are all
 * that Moodle compares with its database. What follows tells releases of the same versions apart, and what is special.
 */

/** What Moodle's hash of all version.php files stands for. */
export const versionsOf = (release: string): string => release.split("+", 1)[0] ?? release;

/**
 * `open`: Moodle upgrades to it while the site is open; `broken`: the upgrade fails in the middle; `unparsable`: a file of
 * it is no PHP; `pageless`: no page comes up.
 */
export type ReleaseMark = "open" | "broken" | "unparsable" | "pageless";

export const isMarked = (release: string, mark: ReleaseMark): boolean => release.includes(`+${mark}`);

export const bringsPages = (release: string): boolean =>
  !isMarked(release, "unparsable") && !isMarked(release, "pageless");
