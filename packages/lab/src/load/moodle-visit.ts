/**
 * A visit to a real Moodle with the content that content.ts prepares, by the requests that a browser makes on Moodle's own pages.
 * Moodle tells on each page whose it is, and on those with a form what the next request has to send.
 */
import * as z from "zod";
import type { Content } from "../bench/content.ts";
import { readJson } from "../bench/node.ts";
import { hiddenFields, wrongWithPage, wrongWithUploads } from "./moodle-page.ts";
import { multipartOf } from "./multipart.ts";
import {
  bytesFor,
  digestOf,
  download,
  formOf,
  isSentToLogin,
  reading,
  type Step,
  type Transfer,
  type Visits,
} from "./visit.ts";

/** They come in turn: a user is there again after as many visits as there are users, each time with a session of its own. */
export function moodleVisits({ course, assignment, users, password }: Content): Visits {
  const ids = new Map(users.map(({ name, id }) => [name, String(id)]));
  const [arriving, look] = [arrivingAs(ids), coursePage(course.id)];
  return {
    userOf(visit) {
      const user = users[(visit - 1) % users.length];
      if (user === undefined) throw new Error("the site has no users");
      return { name: user.name, password };
    },
    ordinary: () => [
      ...arriving,
      look,
      assignmentForm(assignment),
      upload("attach", 2_000),
      submit,
      ownFiles,
      upload("upload", 200_000),
      download("download"),
      look,
      leaving,
    ],
    slowUpload: (transfer) => [...arriving, ownFiles, upload("slow upload", transfer.bytes, transfer), look, leaving],
    slowDownload: (transfer) => [
      ...arriving,
      ownFiles,
      upload("upload before a slow download", transfer.bytes),
      download("slow download", transfer),
      leaving,
    ],
  };
}

const arrivingAs = (ids: ReadonlyMap<string, string>): readonly Step[] => [
  {
    page: "login page",
    after: 0,
    signsIn: true,
    ask: () => ({ path: "/login/index.php" }),
    judge({ status, text }, { facts }) {
      const token = /name="logintoken" value="(\w+)"/.exec(text)?.[1];
      if (status !== 200 || token === undefined) return "status";
      facts.set("logintoken", token);
      return undefined;
    },
  },
  {
    page: "log in",
    after: reading,
    signsIn: true,
    ask: ({ name, password, facts }) => ({
      path: "/login/index.php",
      ...formOf({ logintoken: facts.get("logintoken") ?? "", username: name, password }),
    }),
    // It redirects to a look at the session, which the page after this one is, too.
    judge({ status, location }, { name, facts }) {
      const user = /\/login\/index\.php\?testsession=(\d+)$/.exec(location)?.[1];
      if (status !== 303 || user === undefined) return "status";
      facts.set("user", user);
      return user === ids.get(name) ? undefined : "wrong-user";
    },
  },
];

const coursePage = (id: number): Step => ({
  page: "course",
  after: reading,
  ask: () => ({ path: `/course/view.php?id=${id}` }),
  judge: (answer, visitor) =>
    wrongWithPage(answer, visitor) ?? (answer.text.includes(`"courseId":${id},`) ? undefined : "wrong-bytes"),
});

const assignmentForm = (id: number): Step => ({
  page: "assignment",
  after: reading,
  ask: () => ({ path: `/mod/assign/view.php?id=${id}&action=editsubmission` }),
  judge(answer, visitor) {
    const wrong = wrongWithUploads(answer, visitor);
    if (wrong !== undefined) return wrong;
    const form = hiddenFields(answer.text, "_qf__mod_assign_submission_form");
    if (form === undefined) return "wrong-bytes";
    visitor.facts.set("submission", new URLSearchParams(form).toString());
    return undefined;
  },
});

/** Hands in what was attached. Where Moodle takes it, it goes on to another page; else it shows the form again. */
const submit: Step = {
  page: "submit",
  after: reading,
  ask({ facts }) {
    const form = facts.get("submission");
    if (form === undefined || !facts.has("file")) return undefined;
    return { path: "/mod/assign/view.php", ...formOf(Object.fromEntries(new URLSearchParams(form))) };
  },
  judge(answer, { facts }) {
    facts.delete("file");
    if (isSentToLogin(answer)) return "lost-session";
    return answer.status === 303 && answer.location.endsWith("&action=view") ? undefined : "status";
  },
};

const ownFiles: Step = {
  page: "own files",
  after: reading,
  ask: () => ({ path: "/user/files.php" }),
  judge: (answer, visitor) => wrongWithUploads(answer, visitor),
};

/** To the draft area of the form that was seen last: there it is the user's alone, as long as the form is not sent. */
const upload = (page: string, length: number, slow?: Transfer): Step => ({
  page,
  after: reading,
  ask({ name, facts }) {
    const fields = uploadFields.map(([field, fact]) => [field, facts.get(fact) ?? ""] as const);
    if (fields.some(([, value]) => value === "")) return undefined;
    const body = bytesFor(`${page} ${facts.get("itemid")} of ${name}`, length);
    facts.set("sent", digestOf(body));
    // Who was here before finds the file of then in the form.
    const all = { ...Object.fromEntries(fields), savepath: "/", title: fileName, overwrite: "1" };
    const form = multipartOf(all, "repo_upload_file", { name: fileName, body });
    return { path: "/repository/repository_ajax.php?action=upload", ...form, ...(slow && { slow }) };
  },
  judge({ status, text }, { facts }) {
    facts.delete("file");
    if (status !== 200) return "status";
    const answer = uploaded.safeParse(readJson(text)).data;
    if (answer === undefined) return "status";
    if ("errorcode" in answer) return lostCodes.includes(answer.errorcode) ? "lost-session" : "status";
    if (String(answer.id) !== facts.get("itemid") || answer.file !== fileName) return "wrong-bytes";
    facts.set("file", new URL(answer.url).pathname).set("digest", facts.get("sent") ?? "");
    return undefined;
  },
});

const fileName = "work.bin";
const uploadFields = [
  ["sesskey", "sesskey"],
  ["repo_id", "repository"],
  ["ctx_id", "context"],
  ["itemid", "itemid"],
] as const;

/** Scripts answer with 200 whatever it is. */
const uploaded = z.union([
  z.object({ errorcode: z.string() }),
  z.object({ url: z.url(), id: z.number(), file: z.string() }),
]);
/** Nobody is logged in; or somebody is, in another session than that in which the page was made. */
const lostCodes = ["requireloginerror", "invalidsesskey"];

/** Without a session the answer would be the same: a session that was lost is noticed by the step before this one. */
const leaving: Step = {
  page: "log out",
  after: reading,
  ask: ({ facts }) => ({ path: `/login/logout.php?sesskey=${facts.get("sesskey") ?? ""}` }),
  // To the front page, or to where a plugin has its visitors go. With another session's key Moodle asks first.
  judge: ({ status }) => (status === 303 ? undefined : "status"),
};
