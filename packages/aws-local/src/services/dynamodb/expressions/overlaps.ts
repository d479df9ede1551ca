/** Two paths of one update or projection may not touch the same place, nor take one attribute for a list and a map. */
import { type Path, pathText } from "./syntax.ts";

export function assertNoOverlap(paths: readonly Path[], note: (problem: string) => void): void {
  paths.forEach((path, index) => {
    for (const other of paths.slice(index + 1)) {
      const relation = relationOf(path, other);
      if (relation !== undefined)
        note(
          `Two document paths ${relation} with each other; must remove or rewrite one of these paths; path one: ${pathText(path)}, path two: ${pathText(other)}`,
        );
    }
  });
}

function relationOf(left: Path, right: Path): "overlap" | "conflict" | undefined {
  for (const [depth, step] of left.entries()) {
    const other = right[depth];
    if (other === undefined) return "overlap";
    if (typeof other !== typeof step) return "conflict";
    if (other !== step) return undefined;
  }
  return "overlap";
}
