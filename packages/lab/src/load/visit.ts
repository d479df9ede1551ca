/**
 * What a visitor does, as data: the steps of a visit, each with what it asks and how it knows that the answer is right. So a
 * site of another kind needs other steps and nothing else.
 */
import { createCipheriv, createHash } from "node:crypto";

export interface Visits {
  userOf(visit: number): User;
  ordinary(): readonly Step[];
  /** Visits with one transfer of so many bytes that takes its time. */
  slowUpload(transfer: Transfer): readonly Step[];
  slowDownload(transfer: Transfer): readonly Step[];
}

export interface User {
  readonly name: string;
  readonly password: string;
}

export interface Transfer {
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

export interface Step {
  /** What the figures call it. */
  readonly page: string;
  /** Milliseconds between the moment at which the step before it is due and this one's, whatever came of that one. */
  readonly after: number;
  /** Without it there is no session: a visit in which it fails ends there. */
  readonly signsIn?: boolean;
  /** Undefined where an earlier answer did not bring what it needs. */
  ask(visitor: Visitor): Asked | undefined;
  /** What is wrong with the answer. It may note facts for later steps. */
  judge(answer: Answer, visitor: Visitor): Wrong | undefined;
}

export interface Visitor extends User {
  /** What answers said that later steps need. */
  readonly facts: Map<string, string>;
}

export interface Asked {
  readonly method?: "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Its body, or the answer's, goes no faster. */
  readonly slow?: Transfer;
}

export interface Answer {
  readonly status: number;
  /** Of a redirect. */
  readonly location: string;
  /** The beginning of the body. */
  readonly text: string;
  readonly bytes: number;
  readonly digest: string;
  /** Who served it, where it says so. */
  readonly machine?: string;
}

/** `lost-session`: somebody who was logged in is not any more. */
export const wrongs = ["status", "lost-session", "wrong-user", "wrong-bytes"] as const;
export type Wrong = (typeof wrongs)[number];

export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes that are nobody else's, and the same each time. A cipher makes them fast: others' requests wait while it does. */
export const bytesFor = (name: string, length: number): Uint8Array =>
  createCipheriv("aes-128-ctr", createHash("md5").update(name).digest(), Buffer.alloc(16)).update(Buffer.alloc(length));

export const formOf = (fields: Readonly<Record<string, string>>): Pick<Asked, "method" | "headers" | "body"> => ({
  method: "POST",
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  body: Buffer.from(new URLSearchParams(fields).toString()),
});

export const isSentToLogin = ({ status, location }: Answer): boolean =>
  (status === 302 || status === 303) && /\/login\/index\.php$/.test(location);

/** Milliseconds in which a visitor reads. */
export const reading = 700;

/** Of what was uploaded last, by its path: a site gives it to its owner alone. */
export const download = (page: string, slow?: Transfer): Step => ({
  page,
  after: reading,
  ask({ facts }) {
    const path = facts.get("file");
    return path === undefined ? undefined : { path, ...(slow && { slow }) };
  },
  judge(answer, { facts }) {
    if (isSentToLogin(answer)) return "lost-session";
    if (answer.status !== 200) return "status";
    return answer.digest === facts.get("digest") ? undefined : "wrong-bytes";
  },
});
