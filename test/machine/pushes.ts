/** Pushing another configuration to a node, and what its visitors see of that. */
import { createHash } from "node:crypto";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type PushConfigOutput, pushConfigOutput } from "@warden/moodle";
import { expect } from "vitest";
import { type Answer, type Node, type Page, release, type SiteChanges } from "./node.ts";

export interface Pushed extends Answer {
  readonly output: PushConfigOutput;
}

export async function push(
  own: Node,
  digest: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Pushed> {
  const answer = await own.document("Warden-PushConfig", pushed(digest, parameters));
  return { ...answer, output: pushConfigOutput.parse(answer.line) };
}

/** What the document gets: the first release unless another is named. */
const pushed = (Digest: string, others: Readonly<Record<string, string>>) => ({
  ...{ Release: release, Digest, Maintenance: "open", Upgrade: "none" },
  ...others,
});

/** A push whose run is killed, and all of its group, just before it would run this command. */
export async function killedPush(
  own: Node,
  command: string,
  digest: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<void> {
  const all = "/opt/warden/lib/all.sh";
  await own.machine.sh(`grep -q dies_before ${all} || cat >>${all} <<'END'
${dies}
END
echo '${command}' >/root/dies-before`);
  const killed = await own.document("Warden-PushConfig", pushed(digest, parameters));
  expect(killed).toMatchObject({ status: null, stdout: "" });
  expect(await own.machine.sh("ls /root")).not.toContain("dies-before");
}

const dies = `dies_before=$(cat /root/dies-before 2>/dev/null)
if [ -n "$dies_before" ]; then
  set -T
  trap 'case $BASH_COMMAND in $dies_before*) rm /root/dies-before; kill -KILL 0 ;; esac' DEBUG
fi`;

export const uploaded = async (own: Node, changes: SiteChanges): Promise<string> =>
  (await own.region.upload(own.site(changes))).digest;

/** The site's first bundle with some bytes of its own replaced by as many others, each where it comes first. */
export async function tampered(own: Node, ...changes: readonly (readonly [from: string, to: string])[]) {
  const { archive, manifest } = own.bundle;
  const text = changes.reduce((all, [from, to]) => {
    if (from.length !== to.length || !all.includes(from)) throw new Error(`${from} cannot become ${to}`);
    return all.replace(from, to);
  }, Buffer.from(archive).toString("latin1"));
  // Files of an FPM that are others have another name, here a backward one.
  const bytes = Buffer.from(text.replaceAll(manifest.fpm, [...manifest.fpm].reverse().join("")), "latin1");
  const digest = createHash("sha256").update(bytes).digest("hex");
  await own.region.put(digest, bytes);
  return digest;
}

/** While this goes on, nothing that is pushed is tried out before visitors get it, as if only they could see what is wrong. */
export async function untried<T>(own: Node, work: () => Promise<T>): Promise<T> {
  const verb = "/opt/warden/lib/push-config.sh";
  await own.machine.sh(`sed -i.kept 's/says_nothing || try_out/true/' ${verb}; ! cmp --silent ${verb} ${verb}.kept`);
  return await work().finally(() => own.machine.sh(`mv ${verb}.kept ${verb}`));
}

/** The first verification in this time finds a machine with another name than its instance's. */
export async function wrongOnce<T>(own: Node, work: () => Promise<T>): Promise<T> {
  const all = "/opt/warden/lib/all.sh";
  await own.machine.sh(`cp ${all} ${all}.kept; touch /root/wrong-once; cat >>${all} <<'END'
eval "usual_$(declare -f look_at_host)"
look_at_host() { if rm /root/wrong-once 2>/dev/null; then printf 'one\nanother\n'; else usual_look_at_host; fi; }
END`);
  const done = await work().finally(() => own.machine.sh(`mv ${all}.kept ${all}`));
  expect(await own.machine.sh("ls /root")).not.toContain("wrong-once");
  return done;
}

/** Asks again and again until it is told to stop. */
export function visits(own: Node): { end(): Promise<readonly Page[]> } {
  const pages: Page[] = [];
  let going = true;
  const all = (async () => {
    while (going) {
      pages.push(await own.ask("/login/index.php"));
      await sleep(20);
    }
    return pages;
  })();
  return {
    end: () => {
      going = false;
      return all;
    },
  };
}

export const failed = (pages: readonly Page[]): readonly Page[] => pages.filter(({ status }) => status !== 200);

/** Milliseconds that only one page in twenty took longer. */
export const slowOf = (pages: readonly Page[]): number =>
  pages.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)[Math.floor(pages.length * 0.95)] ?? 0;

/** Sends a form, all but its end; the end when it is told to. */
export function upload(own: Node, path: string): { finish(): Promise<Pick<Page, "status" | "body">> } {
  const headers = { "X-Forwarded-For": "192.0.2.1", "Content-Length": "8" };
  const sent = request({ socketPath: own.links.web, method: "POST", path, headers, agent: false });
  const answered = new Promise<Pick<Page, "status" | "body">>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", async (answer) => {
      let body = "";
      for await (const chunk of answer) body += String(chunk);
      resolve({ status: answer.statusCode ?? 0, body });
    });
  });
  sent.write("name");
  return {
    finish() {
      sent.end("=all");
      return answered;
    },
  };
}
