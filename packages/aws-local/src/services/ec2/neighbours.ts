/** EC2 as its neighbours see it: Auto Scaling launches and ends instances, the load balancer and SSM look them up. */

import type { Instance, Instances, LaunchRequest, Surroundings } from "../../region.ts";
import { invalidParameterValue } from "./errors.ts";
import type { InstanceStore } from "./instances.ts";
import { type LaunchSettings, settingsOf } from "./launch-data.ts";
import type { LaunchTemplateStore } from "./launch-templates.ts";
import type { Network } from "./network.ts";
import { requireKnownImage } from "./network-operations.ts";
import { USER_INITIATED } from "./transitions.ts";

export function createNeighbours(
  store: InstanceStore,
  templates: LaunchTemplateStore,
  network: Network,
  { random }: Surroundings,
): Instances {
  function launch(request: LaunchRequest): Instance {
    requireKnownImage(network, request.imageId);
    const { zone } = network.subnet(request.subnetId);
    if (zone !== request.availabilityZone) {
      throw invalidParameterValue(
        `The subnet ${request.subnetId} is not in ${request.availabilityZone}, but in ${zone}.`,
      );
    }
    const { template, settings } = settingsFrom(request);
    const reservation = { id: `r-${random.hex(17)}`, clientToken: undefined, launchIndex: 0 };
    const tags = { ...request.tags, ...templateTags(template) };
    return store.launch({ request: { ...request, launchTemplate: template, tags }, settings, reservation }).instance;
  }

  /** What the request leaves unsaid, its launch template says. */
  function settingsFrom(request: LaunchRequest): {
    template: LaunchRequest["launchTemplate"];
    settings: LaunchSettings;
  } {
    const { launchTemplate } = request;
    if (launchTemplate === undefined) return { template: undefined, settings: settingsOf({}) };
    const template = templates.find({ LaunchTemplateId: launchTemplate.id });
    const { number, data } = templates.version(template, launchTemplate.version);
    return { template: { id: template.id, version: String(number) }, settings: settingsOf(data) };
  }

  return {
    launch,
    terminate: (instanceId, reason) => store.terminate(store.existing(instanceId), reason),
    stop: (instanceId) => store.stop(store.existing(instanceId), USER_INITIATED, "shutdown"),
    start: (instanceId) => store.start(store.existing(instanceId)),
    find: (instanceId) => store.get(instanceId)?.instance,
    findByIp: (privateIp) => store.getByIp(privateIp)?.instance,
    setStatusChecks: (instanceId, status) => store.setImpaired(store.existing(instanceId), status === "impaired"),
    statusChecks(instanceId) {
      const status = store.status(store.existing(instanceId));
      return status === "not-applicable" ? "initializing" : status;
    },
    onStateChange: store.onStateChange,
  };
}

/** EC2 marks what came from a template (EC2 User Guide, "Launch templates", system tags). */
export const templateTags = (template: LaunchRequest["launchTemplate"]): Readonly<Record<string, string>> =>
  template === undefined
    ? {}
    : { "aws:ec2launchtemplate:id": template.id, "aws:ec2launchtemplate:version": template.version };
