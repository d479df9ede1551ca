/** From whatever was thrown to the problem that a person can mend. Loaded only when something failed. */
import { Problem, status } from "./errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export function problemOf(error: unknown, env: Environment): Problem {
  if (error instanceof Problem) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === "NoDeployment") return noDeployment(message, env);
  if (name === "NotAws") return notAws(env);
  const causes = causesOf(error);
  const codes = causes.flatMap((cause) => [textAt(cause, "code"), textAt(cause, "name")]);
  const texts = causes.map((cause) => textAt(cause, "message")).join("\n");

  if (codes.some((code) => networkCodes.has(code))) return noAnswer(codes, env);
  if (codes.some((code) => code === "CredentialsProviderError") || /Could not load credentials/.test(texts)) {
    return new Problem(
      status.unreachable,
      "There are no AWS credentials that can be used",
      "sign in (for example with `aws sso login`), choose a profile with --profile, or set AWS_ENDPOINT_URL for a local fleet",
    );
  }
  if (/Region is missing/.test(texts)) {
    return new Problem(status.usage, "No Region is set", "name it with --region, or set AWS_REGION");
  }
  if (name === "Fault") return fault(error, message, codes);
  return new Problem(
    status.unreachable,
    `Warden itself failed (${firstLine(message)})`,
    "set WARDEN_DEBUG=1 to see where, and report it",
  );
}

function fault(error: unknown, message: string, codes: readonly string[]): Problem {
  const action = textAt(error, "action");
  switch (textAt(error, "kind")) {
    case "denied":
      return new Problem(
        status.unreachable,
        `AWS denies ${action} to you (${textAt(error, "code")})`,
        "ask for that permission, or choose another identity with --profile",
      );
    case "retry":
      return new Problem(status.unreachable, firstLine(message), "it may pass, so try again in a minute");
    default:
      if (codes.includes("ZodError") || codes.includes("$ZodError") || codes.includes("SyntaxError")) {
        return new Problem(
          status.unreachable,
          "What is stored of this deployment cannot be read by this version of Warden",
          "use the version that deployed it, or deploy the stage again",
        );
      }
      return new Problem(status.unreachable, firstLine(message), "`warden doctor` looks for the cause");
  }
}

function noAnswer(codes: readonly string[], env: Environment): Problem {
  const endpoint = env["AWS_ENDPOINT_URL"];
  if (endpoint) {
    return new Problem(
      status.unreachable,
      `Nothing answers at ${endpoint}`,
      "start a local one with `npm start`, or unset AWS_ENDPOINT_URL",
    );
  }
  const code = codes.find((each) => networkCodes.has(each)) ?? "";
  return new Problem(
    status.unreachable,
    `AWS does not answer (${code})`,
    "check the network and --region, or set AWS_ENDPOINT_URL for a local fleet",
  );
}

function notAws(env: Environment): Problem {
  const endpoint = env["AWS_ENDPOINT_URL"];
  return endpoint
    ? new Problem(
        status.unreachable,
        `What answers at ${endpoint} is not AWS`,
        "set AWS_ENDPOINT_URL to the address that `npm start` names, or unset it",
      )
    : new Problem(status.unreachable, "What answers in place of AWS is not AWS", "look for a proxy on the way");
}

function noDeployment(message: string, env: Environment): Problem {
  const what = message.replace(/^there/, "There");
  return env["AWS_ENDPOINT_URL"]
    ? new Problem(
        status.unreachable,
        `${what} at ${env["AWS_ENDPOINT_URL"]}`,
        "name the stage with --stage, or wait until `npm start` says that it is ready",
      )
    : new Problem(
        status.unreachable,
        what,
        "name the stage with --stage and its Region with --region, or deploy it with `npx sst deploy`",
      );
}

const networkCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "TimeoutError",
]);

/** The error, what caused it, and what caused that. */
function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at: unknown = error; at !== undefined && causes.length < 5; ) {
    causes.push(at);
    at = typeof at === "object" && at !== null && "cause" in at ? at.cause : undefined;
  }
  return causes;
}

function textAt(error: unknown, member: string): string {
  if (typeof error !== "object" || error === null) return "";
  const value: unknown = Reflect.get(error, member);
  return typeof value === "string" ? value : "";
}

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").replace(/[.:]+$/, "");
