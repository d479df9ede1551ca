/** What users of a real Moodle find in the lab: a course and accounts, made by Moodle's own generator. */
import * as z from "zod";
import { answerOf, type PhpNode, phpOnNode, sourceOf } from "./node.ts";

const contentSchema = z.object({
  /** Moodle's own words: number and build. */
  release: z.string(),
  course: z.object({ id: z.number(), name: z.string() }),
  /** Of the course, which takes a file: the id that its pages have. */
  assignment: z.number(),
  users: z.array(z.object({ id: z.number(), name: z.string() })).min(1),
});

/** With the one password of all users. */
export const preparedContent = contentSchema.extend({ password: z.string() });

export type Content = z.infer<typeof preparedContent>;

export type User = Content["users"][number];

/** As Moodle's own rule for passwords demands it. */
const password = "Warden-Bench-1";

/** Again and again the same; the first time takes some seconds. */
export async function makeContent(node: PhpNode): Promise<Content> {
  const printed = await phpOnNode(node, sourceOf("make-content.php"), [password]);
  return { ...answerOf(printed, contentSchema), password };
}
