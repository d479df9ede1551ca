/** A page of the site, asked for as the load balancer does. */
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

export interface Page {
  readonly status: number;
  readonly text: string;
  /** The session's, as a browser would send it back; the one that was sent where the page sets none. */
  readonly cookie: string;
}

/** @param form what is posted, where something is */
export async function page(
  port: number,
  path: string,
  own: { readonly cookie?: string } = {},
  form?: string,
): Promise<Page> {
  const headers = {
    host: "moodle.example",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "203.0.113.7",
    ...own,
    ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
  };
  const method = form === undefined ? "GET" : "POST";
  const answer = await new Promise<IncomingMessage>((answered, failed) =>
    request({ host: "127.0.0.1", port, path, headers, method }, answered).on("error", failed).end(form),
  );
  // The last holds: signing in begins another session.
  const set = answer.headers["set-cookie"]
    ?.map((each) => each.split(";")[0] ?? "")
    .filter((each) => each.startsWith("MoodleSession="));
  return { status: answer.statusCode ?? 0, text: await text(answer), cookie: set?.at(-1) ?? own.cookie ?? "" };
}
