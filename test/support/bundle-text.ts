/** The files of a bundle as Warden writes them, but for the places: a test does not write to /etc, /srv or /run. */
import { bundleOf } from "@warden/moodle/bundle";
import type { SiteConfiguration } from "@warden/moodle/site";

/** From a place on a node to the one in the test's folder. */
export type Moves = readonly (readonly [from: string, to: string])[];

export const moved = (text: string, moves: Moves): string =>
  moves.reduce((result, [from, to]) => result.replaceAll(from, to), text);

/** @returns the text of a file by its name in the bundle */
export function bundleText(site: SiteConfiguration, moves: Moves): (name: string) => string {
  const { files } = bundleOf(site);
  return (name) => {
    const file = files.find((each) => each.name === name);
    if (file === undefined) throw new Error(`the bundle has no ${name}`);
    return moved(file.text, moves);
  };
}
