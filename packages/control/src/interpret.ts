/** From what SSM says about an invocation to what the node said: its last line of JSON, and nothing else. */
import { type Answer, type CommandView, type Step, sharedThings } from "@warden/fleet";
import {
  bootstrapOutput,
  type DocumentName,
  type DrainStatusOutput,
  drainOutput,
  drainStatusOutput,
  evidenceOutput,
  maintenanceOutput,
  preflightOutput,
  purgeCacheOutput,
  pushConfigOutput,
  rehearseOutput,
  schemaOutput,
  type VerifyOutput,
  verifyOutput,
} from "@warden/moodle";
import type { Invocation } from "./ports.ts";

export const documentOf: Readonly<Record<Step, DocumentName>> = {
  bootstrap: "Warden-Bootstrap",
  verify: "Warden-Verify",
  "push-config": "Warden-PushConfig",
  "purge-cache": "Warden-PurgeCache",
  install: "Warden-Install",
  preflight: "Warden-Preflight",
  maintenance: "Warden-Maintenance",
  upgrade: "Warden-Upgrade",
  rehearse: "Warden-Rehearse",
  drain: "Warden-Drain",
  "drain-status": "Warden-DrainStatus",
  evidence: "Warden-Evidence",
};

export function interpret(step: Step, invocation: Invocation): CommandView {
  if (invocation.status === "under-way") return { status: "under-way" };
  const answer = answerOf(step, lastLine(invocation.output));
  return answer === undefined ? { status: "silent", detail: silence(invocation) } : { status: "answered", answer };
}

function silence(ended: Extract<Invocation, { status: "ended" }>): string {
  return ended.detail === "Success" ? "it ended well but printed no line that can be read" : ended.detail;
}

/** Lists append what was written to stderr below a marker of their own; the answer is the last object above it. */
function lastLine(output: string): unknown {
  const lines = (output.split(/^-+ERROR-+$/m)[0] ?? "").trimEnd().split("\n");
  try {
    return JSON.parse(lines.at(-1) ?? "");
  } catch {
    return undefined;
  }
}

function answerOf(step: Step, line: unknown): Answer | undefined {
  switch (step) {
    case "bootstrap": {
      const said = bootstrapOutput.safeParse(line).data;
      if (said === undefined) return undefined;
      if (said.ok) return { step, ok: true, release: said.release, digest: said.digest };
      return { step, ok: false, message: `${said.step}: ${said.message}`, sharedPart: said.part };
    }
    case "verify": {
      const said = verifyOutput.safeParse(line).data;
      return said && { step, verdict: said.verdict, release: said.release, digest: said.digest, ...faults(said) };
    }
    case "push-config": {
      const said = pushConfigOutput.safeParse(line).data;
      if (said === undefined) return undefined;
      const { release, digest } = said;
      if (said.ok) return { step, ok: true, release, digest };
      return { step, ok: false, message: `${said.step}: ${said.message}`, sharedPart: said.part, release, digest };
    }
    case "purge-cache": {
      const said = purgeCacheOutput.safeParse(line).data;
      if (said === undefined) return undefined;
      if (!said.ok) return { step, ok: false, message: said.message };
      return { step, ok: true, purged: said.purged, held: said.outcome === "held" };
    }
    case "preflight": {
      const said = preflightOutput.safeParse(line).data;
      if (said === undefined) return undefined;
      if (!said.ok) return { step, ok: false, message: said.message, sharedPart: said.part };
      return { step, ok: true, wants: said.upgrade, problems: said.problems };
    }
    case "maintenance": {
      const said = maintenanceOutput.safeParse(line).data;
      if (said === undefined) return undefined;
      if (!said.ok) return { step, ok: false, message: said.message };
      return { step, ok: true, closed: said.maintenance, tasks: said.tasks, oldest: said.oldest * 1000 };
    }
    case "install":
    case "upgrade": {
      const said = schemaOutput.safeParse(line).data;
      return said && { step, state: said.state, moved: said.moved, message: said.message };
    }
    case "rehearse": {
      const said = rehearseOutput.safeParse(line).data;
      if (said === undefined) return undefined;
      return said.ok ? { step, ok: true, took: said.took * 1000 } : { step, ok: false, message: said.message };
    }
    case "drain":
      return drainOutput.safeParse(line).success ? { step } : undefined;
    case "drain-status": {
      const said = drainStatusOutput.safeParse(line).data;
      return said && { step, ...load(said) };
    }
    case "evidence": {
      const said = evidenceOutput.safeParse(line).data;
      return said && { step, summary: said.summary };
    }
  }
}

function faults(said: VerifyOutput): Pick<Extract<Answer, { step: "verify" }>, "message" | "drifted" | "blames"> {
  const wrong = said.probes.filter((probe) => !probe.ok);
  const told = wrong.map(({ name, message }) => `${name}${message === undefined ? "" : ` (${message})`}`);
  const explained = new Set(wrong.flatMap(({ name }) => follows[name] ?? []));
  const drifted = said.verdict === "node-bad" && explained.size > 0 && wrong.every(({ name }) => explained.has(name));
  const blames =
    said.verdict === "dependency-bad" ? sharedThings.filter((part) => wrong.some(({ name }) => name === part)) : [];
  return { message: told.length === 0 ? said.verdict : told.join(", "), drifted, blames };
}

/**
 * What the same configuration, pushed again, puts right, and what cannot be right before. Where a shared part fails for any
 * other reason than the node's outdated secret, the verdict is not `node-bad`.
 */
const follows: Readonly<Record<string, readonly string[]>> = {
  digest: ["digest", "page"],
  secrets: ["secrets", "database", "sessions", "cache", "site", "page"],
};

/** The status page itself takes one connection that writes: idle is nothing beyond it. */
function load(said: DrainStatusOutput): { idle: boolean; busyWith: string; tasks: readonly string[] } {
  const writing = Math.max(0, said.writing - 1);
  const busy = [
    said.reading + writing > 0 ? `${said.reading + writing} requests` : "",
    said.active > 0 ? `${said.active} PHP workers` : "",
    said.tasks.length > 0 ? `tasks ${said.tasks.join(", ")}` : "",
  ].filter((part) => part !== "");
  return { idle: busy.length === 0, busyWith: busy.join(", "), tasks: said.tasks };
}
