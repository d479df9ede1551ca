/** What a node's web server answers: `/warden/ready` to the load balancer, pages to visitors. */
import type { HostAnswer } from "@warden/aws-local/region";
import { sharedParts } from "@warden/moodle";
import { isReady, isVerified, type NodeState } from "./node-state.ts";
import type { SharedParts } from "./shared-parts.ts";

export function webAnswer(state: NodeState, shared: Readonly<SharedParts>, port: number, path: string): HostAnswer {
  if (port !== 80) return "refused";
  if (path.split("?")[0] === "/warden/ready") return readiness(state, shared);
  return page(state, shared);
}

/** The status speaks of this node only; the body tells about shared parts. Site maintenance changes nothing. */
function readiness(state: NodeState, shared: Readonly<SharedParts>): HostAnswer {
  const { disk, memory, faults } = state;
  const body = {
    v: 1,
    node: {
      mounted: memory.mounted && !faults.has("mount"),
      workers: memory.servicesRun && !faults.has("workers"),
      disk: !faults.has("disk"),
      verified: isVerified(state),
      draining: memory.draining,
    },
    release: disk.release,
    digest: disk.digest,
    shared: Object.fromEntries(sharedParts.map((part) => [part, shared[part]])),
  };
  return { status: isReady(state) ? 200 : 503, body: JSON.stringify(body) };
}

function page({ memory, faults }: NodeState, shared: Readonly<SharedParts>): HostAnswer {
  if (faults.has("workers")) return "timeout";
  if (!memory.servicesRun) return { status: 503, body: "no site here yet" };
  const down = sharedParts.find((part) => shared[part] === "down");
  if (down !== undefined) return { status: 503, body: `${down} does not answer` };
  if (shared.maintenance) return { status: 503, body: "This site is undergoing maintenance" };
  if (faults.has("page")) return { status: 500, body: "" };
  if (shared.site !== "installed") return { status: 503, body: `the site is ${shared.site}` };
  return { status: 200, body: "<!doctype html><title>Moodle</title>" };
}
