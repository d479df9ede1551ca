import { Fault } from "@warden/control";
import { expect, it } from "vitest";
import { fakeWorld, runWarden } from "./fake-world.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:4566"), { code: "ECONNREFUSED" });

class NoDeployment extends Error {
  override readonly name = "NoDeployment";
}

class NotAws extends Error {
  override readonly name = "NotAws";
}

it.each([
  [
    new Fault("retry", "ssm:GetParameter", "ECONNREFUSED", "connect ECONNREFUSED", refused),
    "Nothing answers at http://127.0.0.1:4566: start a local one with `npm start`, or unset AWS_ENDPOINT_URL.",
  ],
  [refused, "Nothing answers at http://127.0.0.1:4566: start a local one with `npm start`, or unset AWS_ENDPOINT_URL."],
  [
    new NoDeployment("there is no deployment of stage x"),
    "There is no deployment of stage x at http://127.0.0.1:4566: name the stage with --stage, or wait until `npm start` says that it is ready.",
  ],
  [
    new NotAws(),
    "What answers at http://127.0.0.1:4566 is not AWS: set AWS_ENDPOINT_URL to the address that `npm start` names, or unset it.",
  ],
  [
    new Fault("denied", "ssm:GetParameter", "AccessDeniedException", "no", undefined),
    "AWS denies ssm:GetParameter to you (AccessDeniedException): ask for that permission, or choose another identity with --profile.",
  ],
  [
    new Fault("retry", "ssm:GetParameter", "ThrottlingException", "Rate exceeded", undefined),
    "ssm:GetParameter: ThrottlingException: Rate exceeded: it may pass, so try again in a minute.",
  ],
  [
    new Fault("ours", "ssm:GetParameter", "$ZodError", "[\n]", undefined),
    "What is stored of this deployment cannot be read by this version of Warden: use the version that deployed it, or deploy the stage again.",
  ],
  [new Error("boom"), "Warden itself failed (boom): set WARDEN_DEBUG=1 to see where, and report it."],
])("%s exits 3 and names the mend", async (error, sentence) => {
  const { status, out, err } = await runWarden({ ...fakeWorld(), unreachable: error }, "nodes");
  expect({ status, out, err }).toEqual({ status: 3, out: "", err: `${sentence}\n` });
});

it("tells what to do without credentials on AWS", async () => {
  const cause = Object.assign(new Error("Could not load credentials from any providers"), {
    name: "CredentialsProviderError",
  });
  const error = new Fault("ours", "ssm:GetParameter", "CredentialsProviderError", cause.message, cause);
  const { status, err } = await runWarden({ ...fakeWorld(), env: {}, unreachable: error }, "nodes", "--json");
  expect(status).toBe(3);
  expect(JSON.parse(err)).toMatchObject({
    error: { message: "There are no AWS credentials that can be used", status: 3 },
  });
});
