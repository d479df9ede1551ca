/** Which deployment a command is about, from its flags and the environment. */
import { Problem, status } from "./errors.ts";

export interface Target {
  readonly stage: string;
  /** Undefined: AWS itself. */
  readonly endpoint: string | undefined;
  /** The endpoint is this machine: no credential of the machine may be read for it. */
  readonly local: boolean;
  /** Undefined: as the SDK finds it. */
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

export interface TargetFlags {
  readonly region?: string;
  readonly profile?: string;
  readonly stage?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function targetOf(flags: TargetFlags, env: Environment): Target {
  const endpoint = endpointOf(env);
  const local = endpoint !== undefined && isLoopback(endpoint);
  return {
    stage: flags.stage ?? (env["WARDEN_STAGE"] || (local ? "local" : "production")),
    endpoint,
    local,
    region: flags.region ?? (local ? "eu-west-1" : undefined),
    profile: local ? undefined : flags.profile,
  };
}

function endpointOf(env: Environment): string | undefined {
  const endpoint = env["AWS_ENDPOINT_URL"];
  if (endpoint === undefined || endpoint === "") return undefined;
  if (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)) return endpoint;
  throw new Problem(
    status.usage,
    `AWS_ENDPOINT_URL is ${JSON.stringify(endpoint)}, which is no address`,
    "set it to one like http://127.0.0.1:4566, or unset it",
  );
}

function isLoopback(endpoint: string): boolean {
  const { hostname } = new URL(endpoint);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}
