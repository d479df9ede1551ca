/** Which status codes pass a health check: `200`, `200,302`, `200-399`, and any mixture. */
import { validationError } from "./errors.ts";

/** What the API allows for HTTP and HTTPS (ELBv2 API Reference, Matcher). */
const LEAST = 200;
const MOST = 499;

export function codesOf(matcher: string): (status: number) => boolean {
  const ranges = matcher.split(",").map(rangeOf);
  return (status) => ranges.some(({ from, to }) => status >= from && status <= to);
}

function rangeOf(text: string): { from: number; to: number } {
  const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(text.trim()) ?? [];
  if (from === undefined) {
    throw validationError(`Health check matcher HTTP code '${text}' must be a code or a range of codes`);
  }
  const range = { from: Number(from), to: Number(to ?? from) };
  if (range.from < LEAST || range.to > MOST || range.from > range.to) {
    throw validationError(`Health check matcher HTTP code '${text}' must be within '${LEAST}-${MOST}' inclusive`);
  }
  return range;
}
