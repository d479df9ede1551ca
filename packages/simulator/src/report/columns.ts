/** Text in columns: wrapping, aligning, and colour that takes no width. */

export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  dim(text: string): string;
  strong(text: string): string;
  /** A colour of the 256 that terminals share. */
  tinted(text: string, colour: number): string;
}

const escaped = (code: string) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;

export const inColour: Paint = {
  good: escaped("1;32"),
  bad: escaped("1;31"),
  warn: escaped("33"),
  dim: escaped("2"),
  strong: escaped("1"),
  tinted: (text, colour) => escaped(`38;5;${colour}`)(text),
};

const same = (text: string): string => text;

export const plain: Paint = { good: same, bad: same, warn: same, dim: same, strong: same, tinted: same };

/** Lines no wider than `width`, broken between words, or within one that is wider. Control characters become visible. */
export function wrapped(text: string, width: number, hanging = ""): readonly string[] {
  const room = Math.max(10, width);
  const lines: string[] = [];
  let line = "";
  for (const word of harmless(text)
    .split(" ")
    .flatMap((each) => pieces(each, room - hanging.length))) {
    const candidate = line === "" ? word : `${line} ${word}`;
    if (candidate.length <= room) {
      line = candidate;
      continue;
    }
    lines.push(line);
    line = hanging + word;
  }
  return [...lines, line].map((each) => each.trimEnd());
}

/** A name on the left and numbers on the right, each in 16 columns. */
export function rightOf(name: string, values: readonly string[], width: number): string {
  const cell = Math.min(16, Math.floor(width / 4));
  const columns = values.map((value) => value.padStart(cell)).join("");
  const room = Math.min(width - columns.length, 32);
  return `  ${name}`.slice(0, room).padEnd(room) + columns.trimEnd();
}

/** What a node's name or a reason may bring must not steer the terminal that shows it. */
export const harmless = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (found) => (found === "\n" || found === "\t" ? " " : "\ufffd"));

function pieces(word: string, room: number): readonly string[] {
  if (word.length <= room) return [word];
  return Array.from({ length: Math.ceil(word.length / room) }, (_, index) =>
    word.slice(index * room, (index + 1) * room),
  );
}
