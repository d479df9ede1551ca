/** What a node's web server answers: `/warden/ready` to the load balancer, pages to visitors. */
import type { HostAnswer } from "@warden/aws-local/region";
import { type ReadinessBody, type SharedPart, sharedParts } from "@warden/moodle";
import { isReady, isVerified, type NodeState } from "./node-state.ts";
import { siteFor } from "./schema.ts";
import type { SharedParts } from "./shared-parts.ts";
import { bringsPage } from "./verify.ts";

export function webAnswer(state: NodeState, shared: Readonly<SharedParts>, port: number, path: string): HostAnswer {
  if (port !== 80) return "refused";
  if (path.split("?")[0] === "/warden/ready") return readiness(state, shared);
  return page(state, shared);
}

/** The status speaks of this node; the body tells about shared parts, too. Site maintenance changes nothing. */
function readiness(state: NodeState, shared: Readonly<SharedParts>): HostAnswer {
  const { disk, memory, faults } = state;
  const trouble = (is: boolean, what: string): string | null => (is ? what : null);
  const answers = (part: SharedPart): string => (shared[part] === "up" ? "ok" : "does not answer");
  const body: ReadinessBody = {
    v: 1,
    // Files that all nodes share still hang in each node's own mount: who waits for them answers nobody.
    ready: isReady(state) && shared.files === "up",
    release: disk.release ?? null,
    digest: disk.digest ?? null,
    node: {
      draining: trouble(memory.draining, "this node is leaving"),
      verified: trouble(!isVerified(state), "this node was not verified yet"),
      files: trouble(
        !memory.mounted || faults.has("mount") || faults.has("hang") || shared.files === "down",
        "the shared files do not answer",
      ),
      disk: trouble(faults.has("disk"), "the disk is full"),
      workers: trouble(!memory.servicesRun || faults.has("workers"), "no worker of the site is there"),
    },
    shared: { database: answers("database"), sessions: answers("sessions"), cache: answers("cache") },
    maintenance: shared.maintenance,
  };
  return { status: body.ready ? 200 : 503, body: JSON.stringify(body) };
}

function page(state: NodeState, shared: Readonly<SharedParts>): HostAnswer {
  const { memory, faults } = state;
  if (faults.has("workers")) return "timeout";
  if (!memory.servicesRun) return { status: 503, body: "no site here yet" };
  const down = sharedParts.find((part) => shared[part] === "down");
  if (down !== undefined) return { status: 503, body: `${down} does not answer` };
  if (shared.maintenance) return { status: 503, body: "This site is undergoing maintenance" };
  if (!bringsPage(state, shared)) return { status: 500, body: "" };
  const site = siteFor(state.disk.release, shared.schema);
  if (site !== "installed") return { status: 503, body: `the site is ${site}` };
  return { status: 200, body: "<!doctype html><title>Moodle</title>" };
}
