/** What a page of Moodle tells its visitor: whose it is, and what a browser would send with its forms. */
import { type Answer, isSentToLogin, type Visitor, type Wrong } from "./visit.ts";

/** A whole page for this visitor; notes what its session's forms carry. */
export function wrongWithPage(answer: Answer, { facts }: Visitor): Wrong | undefined {
  if (isSentToLogin(answer)) return "lost-session";
  if (answer.status !== 200) return "status";
  const user = /"userId":(\d+)/.exec(answer.text)?.[1];
  if (user === undefined) return "wrong-bytes";
  if (user === "0") return "lost-session";
  if (user !== facts.get("user")) return "wrong-user";
  facts.set("sesskey", /"sesskey":"(\w+)"/.exec(answer.text)?.[1] ?? "");
  return undefined;
}

/** A page with a form that takes files: notes where they go. */
export function wrongWithUploads(answer: Answer, visitor: Visitor): Wrong | undefined {
  const wrong = wrongWithPage(answer, visitor);
  if (wrong !== undefined) return wrong;
  const { text } = answer;
  const itemid = /<input value="(\d+)" name="\w+_filemanager"/.exec(text)?.[1];
  const context = /"contextid":(\d+)/.exec(text)?.[1];
  const repository = /"id":"(\d+)","name":"[^"]*","type":"upload"/.exec(text)?.[1];
  if (itemid === undefined || context === undefined || repository === undefined) return "wrong-bytes";
  visitor.facts.set("itemid", itemid).set("context", context).set("repository", repository);
  return undefined;
}

/** @returns undefined without a form with this field */
export function hiddenFields(text: string, field: string): Readonly<Record<string, string>> | undefined {
  const form = (text.match(/<form[^>]*>.*?<\/form>/gs) ?? []).find((each) => each.includes(`name="${field}"`));
  if (form === undefined) return undefined;
  const inputs = form.match(/<input[^>]* type="hidden"[^>]*>/g) ?? [];
  const attribute = (input: string, name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1] ?? "";
  return Object.fromEntries(inputs.map((each) => [attribute(each, "name"), attribute(each, "value")]));
}
