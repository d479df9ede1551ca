/** A visit to the lab's own application: its pages tell in attributes who is logged in and what they took. */
import {
  type Answer,
  bytesFor,
  digestOf,
  download,
  formOf,
  isSentToLogin,
  reading,
  type Step,
  type Transfer,
  type Visitor,
  type Visits,
  type Wrong,
} from "./visit.ts";

export const applicationVisits: Visits = {
  // As many as it takes: a user comes into being with the first login.
  userOf: (visit) => ({ name: `visitor-${visit}`, password: `password of visitor-${visit}` }),
  ordinary: () => [
    ...arriving,
    course(1),
    course(2),
    upload("submit", "/mod/assign/submit.php?id=2", 2_000),
    upload("upload", "/mod/resource/upload.php", 200_000),
    download("download"),
    course(2),
    leaving,
  ],
  slowUpload: (transfer) => [
    ...arriving,
    upload("slow upload", "/mod/resource/upload.php", transfer.bytes, transfer),
    course(1),
    leaving,
  ],
  slowDownload: (transfer) => [
    ...arriving,
    upload("upload before a slow download", "/mod/resource/upload.php", transfer.bytes),
    download("slow download", transfer),
    leaving,
  ],
};

const arriving: readonly Step[] = [
  {
    page: "login page",
    after: 0,
    signsIn: true,
    ask: () => ({ path: "/login/index.php" }),
    judge: ({ status, text }) => (status === 200 && text.includes("This is not Moodle") ? undefined : "status"),
  },
  {
    page: "log in",
    after: reading,
    signsIn: true,
    ask: ({ name, password }) => ({ path: "/login/index.php", ...formOf({ username: name, password }) }),
    judge: (answer, { name }) => {
      if (answer.status !== 303 || !answer.location.endsWith("/course/view.php?id=1")) return "status";
      return attribute(answer, "user") === name ? undefined : "wrong-user";
    },
  },
];

const course = (id: number): Step => ({
  page: "course",
  after: reading,
  ask: () => ({ path: `/course/view.php?id=${id}` }),
  judge: (answer, visitor) =>
    wrongWithPage(answer, visitor) ?? (attribute(answer, "course") === String(id) ? undefined : "wrong-bytes"),
});

const upload = (page: string, path: string, length: number, slow?: Transfer): Step => ({
  page,
  after: reading,
  ask({ name, facts }) {
    const body = bytesFor(`${page} of ${name}`, length);
    facts.set("sent", digestOf(body));
    const headers = { "Content-Type": "application/octet-stream" };
    return { method: "POST", path, headers, body, ...(slow && { slow }) };
  },
  judge(answer, visitor) {
    const wrong = wrongWithPage(answer, visitor);
    if (wrong !== undefined) return wrong;
    const { facts } = visitor;
    const digest = attribute(answer, "digest");
    if (digest !== facts.get("sent") || attribute(answer, "bytes") !== String(length)) return "wrong-bytes";
    facts.set("file", `/pluginfile.php/${attribute(answer, "file")}`).set("digest", digest);
    return undefined;
  },
});

const leaving: Step = {
  page: "log out",
  after: reading,
  ask: () => ({ path: "/login/logout.php" }),
  judge: (answer, { name }) => {
    if (isSentToLogin(answer)) return "lost-session";
    if (answer.status !== 303) return "status";
    return attribute(answer, "was") === name ? undefined : "wrong-user";
  },
};

function wrongWithPage(answer: Answer, { name }: Visitor): Wrong | undefined {
  if (isSentToLogin(answer)) return "lost-session";
  if (answer.status !== 200) return "status";
  const user = attribute(answer, "user");
  if (user === "") return "lost-session";
  return user === name ? undefined : "wrong-user";
}

const attribute = ({ text }: Answer, name: string): string =>
  new RegExp(`<body[^>]* data-${name}="([^"]*)"`).exec(text)?.[1] ?? "";
