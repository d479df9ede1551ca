/** What is wrong with the nesting of a page's tags, and the texts between them; enough to see that no text became a tag. */

const voidElements = new Set(["meta", "input", "br", "hr", "img", "link"]);

export interface Page {
  /** Tags that do not match, in words. */
  readonly mistakes: readonly string[];
  /** Names of all elements that were opened. */
  readonly elements: readonly string[];
  /** Names and values of all attributes. */
  readonly attributes: readonly (readonly [string, string])[];
}

export function readPage(page: string): Page {
  const mistakes: string[] = [];
  const elements: string[] = [];
  const attributes: (readonly [string, string])[] = [];
  const open: string[] = [];
  // The content of these is not markup.
  const markup = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "<$1></$1>").replace(/^<!doctype html>/, "");
  for (const [whole, closing, name = "", inside = "", self] of markup.matchAll(
    /<(\/?)([a-z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<]*")?)*)\s*(\/?)>|[<>]/g,
  )) {
    if (name === "") mistakes.push(`a bare ${whole}`);
    else if (closing === "/") {
      const last = open.pop();
      if (last !== name) mistakes.push(`</${name}> closes <${last}>`);
    } else {
      elements.push(name);
      for (const [, key = "", value = ""] of inside.matchAll(/([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"]*)")?/g))
        attributes.push([key, value]);
      if (self !== "/" && !voidElements.has(name)) open.push(name);
    }
  }
  for (const name of open) mistakes.push(`<${name}> is never closed`);
  return { mistakes, elements, attributes };
}
