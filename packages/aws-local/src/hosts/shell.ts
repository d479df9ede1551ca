/**
 * What a modelled machine makes of a shell script. It answers only what it can answer truly; anything else ends
 * with 127 and says that there is no real machine, rather than pretending to have run.
 */
import type { DocumentRun } from "../region.ts";
import { readContent, substitute } from "../services/ssm/document-content.ts";
import type { Process } from "./process.ts";

/** Runs the document's own script. */
export function runScript(run: DocumentRun, process: Process, hostname: string): void {
  const [step] = readContent(run.content).steps;
  const lines = (step?.runCommand ?? []).flatMap((line) => substitute(line, run.parameters).split("\n"));
  runLines(lines, { process, hostname, stopsAtFailure: false, status: 0 });
}

interface Shell {
  readonly process: Process;
  readonly hostname: string;
  /** `set -e` */
  readonly stopsAtFailure: boolean;
  readonly status: number;
}

function runLines(lines: readonly string[], shell: Shell): void {
  const [first, ...rest] = lines;
  if (first === undefined) shell.process.exit(shell.status);
  else runLine(first.trim(), shell, (after) => runLines(rest, after));
}

function runLine(line: string, shell: Shell, goOn: (after: Shell) => void): void {
  if (line === "" || line.startsWith("#")) goOn(shell);
  else if (/^set -[eu]+$/.test(line)) goOn({ ...shell, stopsAtFailure: shell.stopsAtFailure || line.includes("e") });
  else takeUp(runCommand(line, shell), shell, goOn);
}

function takeUp(outcome: Outcome, shell: Shell, goOn: (after: Shell) => void): void {
  if ("exit" in outcome) shell.process.exit(outcome.exit ?? shell.status);
  else if ("sleep" in outcome) shell.process.wait(outcome.sleep, () => goOn({ ...shell, status: 0 }));
  else if (outcome.status !== 0 && shell.stopsAtFailure) shell.process.exit(outcome.status);
  else goOn({ ...shell, status: outcome.status });
}

type Outcome =
  | { readonly status: number }
  | { readonly sleep: number }
  /** `exit` alone repeats the status of the command before. */
  | { readonly exit: number | undefined };

function runCommand(line: string, { process, hostname }: Shell): Outcome {
  const words = wordsOf(line);
  if (words === undefined) return refuse(line, process);
  const [command, ...parameters] = words;
  const [number] = parameters.map(Number);
  switch (command === "cat" ? words.join(" ") : command) {
    case "true":
    case ":":
      return { status: 0 };
    case "false":
      return { status: 1 };
    case "hostname":
    case "cat /etc/hostname":
      process.print(hostname);
      return { status: 0 };
    case "echo":
      process.print(parameters.join(" "));
      return { status: 0 };
    case "sleep":
      return number === undefined || Number.isNaN(number) ? refuse(line, process) : { sleep: number * 1000 };
    case "exit":
      return Number.isNaN(number) ? refuse(line, process) : { exit: number === undefined ? undefined : number % 256 };
    default:
      return refuse(line, process);
  }
}

function refuse(line: string, process: Process): Outcome {
  process.complain(`sh: ${line.split(/\s+/)[0]}: not found: this machine is modelled, it has no programs of its own`);
  return { status: 127 };
}

/** Plain and quoted words; undefined for whatever would need a real shell. */
function wordsOf(line: string): string[] | undefined {
  const word = /'([^']*)'|"([^"$`\\]*)"|([^\s'"|&;<>()$`\\*?~{}[\]]+)/g;
  if (line.replace(word, "").trim() !== "") return undefined;
  return [...line.matchAll(word)].map(([, single, double, plain]) => single ?? double ?? plain ?? "");
}
