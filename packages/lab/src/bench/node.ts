/** A node with a real Moodle: how programs in PHP come to it, and where things are there. */
import { readFileSync } from "node:fs";
import { shellWord } from "@warden/moodle/image";
import type * as z from "zod";

export interface PhpNode {
  /** Runs a script as root, and gives what it prints. @throws when it fails */
  run(script: string): Promise<string>;
  /** PHP as the web user, in front of its options. */
  readonly php: string;
  readonly code: string;
}

/** That of the benchmark. */
export interface Node extends PhpNode {
  /** The cache configuration as the bundle brings it. */
  readonly cacheConfiguration: string;
  /** Stops what the node does by the clock, cron above all, which would be measured, too; prints what it stopped. */
  readonly calm: string;
  resume(calmed: string): string;
  /** Starts PHP's workers anew: for a minute OPcache would go on with the cache configuration that it has. */
  readonly restart: string;
}

const asWebUser = "runuser -u www-data --";

/** A machine of the lab. */
export const labPhp = (run: PhpNode["run"]): PhpNode => ({ run, php: `${asWebUser} php`, code: "/srv/moodle/current" });

export const labNode = (run: Node["run"], cacheConfiguration: string): Node => ({
  ...labPhp(run),
  cacheConfiguration,
  calm: `systemctl list-units --plain --no-legend --state=active 'warden-*.timer' | awk '{ print $1 }'
systemctl stop 'warden-*.timer' 'warden-cron@*.service'`,
  resume: (calmed) => (calmed.trim() === "" ? "true" : `systemctl start ${calmed.trim().split("\n").join(" ")}`),
  restart: `systemctl restart 'warden-php@*.service'
for try in $(seq 60); do
  curl --silent --fail --max-time 2 http://127.0.0.1/warden/workers >/dev/null && exit 0
  sleep 0.5
done
echo 'no worker of PHP answers' >&2; exit 1`,
});

/** A program beside this file. */
export const sourceOf = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");

/** PHP reads the program from its standard input, so nothing of it stays on the node. */
export const phpOnNode = ({ run, php, code }: PhpNode, source: string, options: readonly string[]): Promise<string> =>
  run(
    `cd / && ${php} -- ${[code, ...options].map(shellWord).join(" ")} <<'END OF PROGRAM'\n${source}\nEND OF PROGRAM\n`,
  );

/** The last line that a program printed: Moodle may have said something before it. */
export function answerOf<Answer>(printed: string, schema: z.ZodType<Answer>): Answer {
  const line = printed.trimEnd().split("\n").at(-1) ?? "";
  const read = schema.safeParse(readJson(line));
  if (!read.success) throw new Error(`a program on the node printed no answer: ${printed.slice(-500)}`);
  return read.data;
}

/** Undefined where it is none. */
export function readJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
