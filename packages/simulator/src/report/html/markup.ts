/** Markup whose every text is escaped: what is not markup by type is text. */
import { harmless } from "../columns.ts";

export interface Markup {
  readonly markup: string;
}

type Content = string | number | Markup | undefined | readonly (Markup | undefined)[];

/** `html\`<td>${text}</td>\``: texts and numbers are escaped, markup and lists of markup stay, undefined is left out. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const markup = parts.reduce((text, part, index) => text + (index > 0 ? shown(contents[index - 1]) : "") + part, "");
  return { markup };
}

/** For text that is markup already and holds nothing from outside. */
export const verbatim = (markup: string): Markup => ({ markup });

function shown(content: Content): string {
  if (content === undefined) return "";
  if (typeof content === "number") return String(content);
  if (typeof content === "string") return escaped(content);
  return "markup" in content ? content.markup : content.map((each) => each?.markup ?? "").join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Safe between tags and within quoted attributes. Line ends survive: a scenario is shown as it is written. */
function escaped(text: string): string {
  const lines = text.split("\n").map(harmless).join("\n");
  return lines.replace(/[&<>"']/g, (found) => entities[found] ?? found);
}
