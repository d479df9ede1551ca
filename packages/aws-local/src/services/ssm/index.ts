/** Systems Manager: managed nodes, documents, Run Command and Parameter Store. */
import * as ssm from "@aws-sdk/client-ssm";
import type { AgentRegistry, EventIntake, Hosts, Instances, Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService, type Validated } from "../../service.ts";
import { type AgentPace, awsAgentPace, createManagedNodes, quickAgentPace } from "./agents.ts";
import { commandReads, describeCommand } from "./command-reads.ts";
import { createCommands } from "./commands.ts";
import { createDocuments } from "./documents.ts";
import { createParameters } from "./parameters.ts";
import { commandRequest } from "./send-command.ts";
import { createTags } from "./tags.ts";

export interface SsmNeighbours {
  readonly hosts: Hosts;
  readonly instances: Instances;
  readonly events: EventIntake;
}

export interface Ssm {
  readonly service: EmbeddedService;
  readonly agents: AgentRegistry;
}

export function createSsm(
  surroundings: Surroundings,
  { hosts, instances, events }: SsmNeighbours,
  pace: AgentPace = awsAgentPace,
): Ssm {
  const tags = createTags();
  const nodes = createManagedNodes(surroundings, instances, pace);
  const documents = createDocuments(surroundings, tags);
  const commands = createCommands(surroundings, { hosts, instances, events, nodes });
  const parameters = createParameters(surroundings, events, tags);
  const service = embeddedService(ssm, "ssm", {
    ...tags.operations,
    ...nodes.operations,
    ...documents.operations,
    ...parameters.operations,
    ...commandReads(surroundings, commands),
    SendCommand(input: Validated<ssm.SendCommandRequest>) {
      const command = commands.send(commandRequest(input, { documents, nodes, instances }));
      return { Command: describeCommand(command, surroundings.clock.now()) };
    },
  });
  return { service, agents: nodes.registry };
}

export { type AgentPace, quickAgentPace };
