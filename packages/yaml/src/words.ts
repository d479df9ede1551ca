/** Words for people: lists, and the name that was probably meant. */

export const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;

/** `did you mean what? ` for the first of the found names that is unknown and close to a known one; else nothing. */
export function didYouMean(found: readonly string[], known: readonly string[]): string {
  for (const name of found) {
    const close = known.includes(name) ? undefined : nearest(name, known);
    if (close !== undefined) return `did you mean ${close}? `;
  }
  return "";
}

export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((each) => ({ each, steps: distance(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  const best = ranked[0];
  return best !== undefined && best.steps <= Math.max(1, Math.floor(name.length / 3)) ? best.each : undefined;
}

/** Levenshtein's distance, with two swapped neighbours counted as one step: the commonest slip of the fingers. */
function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= from.length; row += 1) {
    rows[row] = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let steps = Math.min(
        cell(row - 1, column) + 1,
        cell(row, column - 1) + 1,
        cell(row - 1, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) steps = Math.min(steps, cell(row - 2, column - 2) + 1);
      rows[row]?.push(steps);
    }
  }
  return cell(from.length, to.length);
}
