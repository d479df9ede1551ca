/** `{"wildcard": "dir/*.png"}`: `*` stands for any characters; `\*` and `\\` for themselves. */

export function wildcardTest(pattern: string): (text: string) => boolean {
  const [first = "", ...rest] = literalsOf(pattern);
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    return inOrder(text.slice(first.length, text.length - last.length), rest);
  };
}

/** Taking each literal at its first place is enough: what follows then has the most room. */
function inOrder(text: string, literals: readonly string[]): boolean {
  let from = 0;
  for (const literal of literals) {
    const at = text.indexOf(literal, from);
    if (at < 0) return false;
    from = at + literal.length;
  }
  return true;
}

/** The literal texts between the wildcards. */
function literalsOf(pattern: string): string[] {
  const literals: string[] = [];
  let literal = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    const next = pattern[at + 1];
    if (character === "*") {
      if (next === "*") throw new Error(`Consecutive wildcard characters at pos ${at}`);
      literals.push(literal);
      literal = "";
    } else if (character === "\\") {
      if (next !== "*" && next !== "\\") throw new Error(`Invalid escape character at pos ${at}`);
      literal += next;
      at++;
    } else literal += character;
  }
  return [...literals, literal];
}
