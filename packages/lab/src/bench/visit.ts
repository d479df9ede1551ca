/** One user's visit: signs in, looks at the front page and at the course. Every page is looked at, not only its status. */
import type { Agent, IncomingMessage } from "node:http";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { Content, User } from "./content.ts";

/** What is timed; `sign-in` is the form that is sent, with the redirect by which Moodle looks at its own session. */
export const pages = ["login", "sign-in", "home", "course"] as const;
export type Page = (typeof pages)[number];

/** The last are all of a visit but the sign-in, most of which is the password's hash, wherever the cache is. */
export const things = [...pages, "views"] as const;
export type Thing = (typeof things)[number];

/** What went wrong with a page: a failed connection, a time-out, a status or a page that is not the user's. */
export class PageFailed extends Error {
  override readonly name = "PageFailed";
}

export interface Caller {
  readonly agent: Agent;
  /** Of each request, `host` among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for one request. */
  readonly patience: number;
}

/**
 * @param timed is given each page in turn, and what gets it
 * @throws PageFailed from the first page that is not as it has to be
 */
export async function visit(
  caller: Caller,
  { course, password }: Content,
  user: User,
  timed: (page: Page, get: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const browser = newBrowser(caller);
  let token = "";
  await timed("login", async () => {
    const form = await browser("/login/index.php");
    token = /name="logintoken" value="(\w+)"/.exec(form.text)?.[1] ?? "";
    if (form.status !== 200 || token === "") throw new PageFailed(`no login form (${form.status})`);
  });
  await timed("sign-in", async () => {
    const sent = new URLSearchParams({ logintoken: token, username: user.name, password });
    const signed = await browser("/login/index.php", sent.toString());
    const next = /\/login\/index\.php\?testsession=(\d+)$/.exec(signed.location);
    if (signed.status !== 303 || next?.[1] !== String(user.id))
      throw new PageFailed(`not signed in (${signed.status})`);
    const tested = await browser(next[0]);
    // With a session that did not last, it is the login form again.
    if (tested.status !== 303) throw new PageFailed(`the session was lost (${tested.status})`);
  });
  await timed("home", async () => seen(await browser("/?redirect=0"), user, 'id="page-site-index"'));
  await timed("course", async () =>
    seen(await browser(`/course/view.php?id=${course.id}`), user, `"courseId":${course.id},`),
  );
}

/** A whole page, for this user, and the right one. */
function seen({ status, text, location }: Answer, user: User, mark: string): void {
  if (status === 303 && location.includes("/login/")) throw new PageFailed("the session was lost (303)");
  if (status !== 200) throw new PageFailed(`status ${status}`);
  if (/"userId":(\d+)/.exec(text)?.[1] !== String(user.id)) throw new PageFailed("another user's page");
  if (!text.includes(mark) || !text.trimEnd().endsWith("</html>"))
    throw new PageFailed("another page, or a part of it");
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly location: string;
}

/** With the cookies of one session. */
function newBrowser({ agent, headers, patience }: Caller) {
  const cookies = new Map<string, string>();
  return async (path: string, form?: string): Promise<Answer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const all = {
      ...headers,
      ...(cookie !== "" && { cookie }),
      ...(form !== undefined && {
        "content-type": "application/x-www-form-urlencoded",
        "content-length": Buffer.byteLength(form),
      }),
    };
    const signal = AbortSignal.timeout(patience);
    try {
      const method = form === undefined ? "GET" : "POST";
      const answer = await new Promise<IncomingMessage>((answered, failed) =>
        request({ agent, path, method, headers: all, signal }, answered).on("error", failed).end(form),
      );
      const body = await text(answer);
      for (const each of answer.headers["set-cookie"] ?? []) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
        cookies.set(name, value);
      }
      return { status: answer.statusCode ?? 0, text: body, location: answer.headers.location ?? "" };
    } catch (error) {
      throw new PageFailed(signal.aborted ? "time-out" : "connection", { cause: error });
    }
  };
}
