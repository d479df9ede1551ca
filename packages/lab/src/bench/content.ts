/** What the benchmark's users look at: a course and accounts, made by Moodle's own generator. */
import * as z from "zod";
import { answerOf, type Node, phpOnNode, sourceOf } from "./node.ts";

const contentSchema = z.object({
  /** Moodle's own words: number and build. */
  release: z.string(),
  course: z.object({ id: z.number(), name: z.string() }),
  users: z.array(z.object({ id: z.number(), name: z.string() })).min(1),
});

export interface Content extends z.infer<typeof contentSchema> {
  readonly password: string;
}

export type User = Content["users"][number];

/** As Moodle's own rule for passwords demands it. */
const password = "Warden-Bench-1";

/** Again and again the same; the first time takes some seconds. */
export async function makeContent(node: Node): Promise<Content> {
  const printed = await phpOnNode(node, sourceOf("make-content.php"), [password]);
  return { ...answerOf(printed, contentSchema), password };
}
