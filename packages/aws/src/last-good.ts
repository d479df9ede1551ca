/** What a node makes of itself when nobody commands it: one parameter a group, which the nodes' own role may read. */
import { GetParameterCommand, PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { isFault, type LastGoodPort } from "@warden/control";
import * as z from "zod/mini";
import { calling } from "./classify.ts";
import { lastGoodParameter } from "./names.ts";

export const lastGoodSchema = z.object({ v: z.literal(1), release: z.string(), digest: z.string() });

export function lastGoodPort(client: SSMClient): LastGoodPort {
  return {
    async read(of) {
      try {
        const command = new GetParameterCommand({ Name: lastGoodParameter(of) });
        const { Parameter } = await calling("ssm:GetParameter", () => client.send(command));
        const { release, digest } = lastGoodSchema.parse(JSON.parse(Parameter?.Value ?? ""));
        return { release, digest };
      } catch (error) {
        if (isFault(error, "gone")) return undefined;
        throw error;
      }
    },
    async publish(of, { release, digest }) {
      const Value = JSON.stringify({ v: 1, release, digest });
      const command = new PutParameterCommand({ Name: lastGoodParameter(of), Type: "String", Value, Overwrite: true });
      await calling("ssm:PutParameter", () => client.send(command));
    },
  };
}
