/** The lane of one node: what Auto Scaling and the machine truly did, and within that what Warden said of it. */
import type { Fact } from "../facts/fact.ts";
import type { Lane, Segment, Stage } from "./timeline.ts";

/** What is known of a node at a moment. */
interface Known {
  readonly lifecycle: string;
  readonly phase: string;
  readonly why: string;
  readonly power: "on" | "off" | "lost";
  /** Somebody has taken it out of its group: what follows is no loss. */
  readonly taken: boolean;
  readonly over: boolean;
}

export function laneOf(node: string, facts: readonly Fact[], since: (at: number) => number, length: number): Lane {
  const segments: Segment[] = [];
  let known: Known = { lifecycle: "", phase: "", why: "", power: "on", taken: false, over: false };
  let from = 0;

  function close(at: number): void {
    const stage = stageOf(known);
    if (stage === undefined || at <= from) return;
    const last = segments.at(-1);
    if (last?.stage === stage && last.to === from)
      segments[segments.length - 1] = { ...last, to: at, why: known.why || last.why };
    else segments.push({ from, to: at, stage, why: known.why });
  }

  for (const fact of facts) {
    const next = after(known, fact);
    if (next === known) continue;
    const at = since(fact.at);
    close(at);
    known = next;
    from = at;
  }
  close(length);
  return { node, segments };
}

function after(known: Known, fact: Fact): Known {
  if (fact.kind === "lifecycle") {
    return { ...known, lifecycle: fact.state, over: fact.state === "Terminated" };
  }
  if (fact.kind === "phase") return { ...known, phase: fact.phase, why: fact.why };
  if (fact.kind === "power-off") return { ...known, power: expected(known, fact.announced) ? "off" : "lost" };
  if (fact.kind === "leaving" || fact.kind === "taken") return { ...known, taken: true };
  if (fact.kind === "action-ended") return fact.result === "ABANDON" ? { ...known, taken: true } : known;
  if (fact.kind !== "instance") return known;
  // Between power-off and `terminated` nothing new begins; a stopped instance of a warm pool may start again.
  if (fact.state === "terminated") return { ...known, over: true };
  if (fact.state === "pending") return { ...known, power: "on", over: false, lifecycle: known.lifecycle || "Pending" };
  return known;
}

const expected = ({ lifecycle, phase, taken }: Known, announced: boolean): boolean =>
  announced || taken || isPooled(lifecycle) || lifecycle.startsWith("Terminat") || phase === "refused";

const isPooled = (lifecycle: string): boolean => lifecycle.startsWith("Warmed");

/** Undefined: there is nothing to draw. */
function stageOf({ lifecycle, phase, power, over }: Known): Stage | undefined {
  if (over || phase === "gone" || (lifecycle === "" && phase === "")) return undefined;
  if (isPooled(lifecycle)) return "aside";
  if (power === "off") return undefined;
  if (power === "lost") return "lost";
  if (phase === "refused") return "refused";
  if (lifecycle.startsWith("Terminating") || phase === "leaving" || phase === "released") return "leaving";
  if (phase === "on-hold") return "on hold";
  if (lifecycle === "InService" || lifecycle === "") return served(phase);
  if (lifecycle.startsWith("Pending")) return launching(phase);
  return "aside";
}

/** A node that came in by another door is in service to Auto Scaling before it is proven. */
const served = (phase: string): Stage =>
  phase === "waiting-for-agent" || phase === "bootstrapping" || phase === "verifying" ? launching(phase) : "in service";

function launching(phase: string): Stage {
  if (phase === "bootstrapping") return "bootstrapping";
  return phase === "verifying" || phase === "joining" ? "verifying" : "starting";
}
