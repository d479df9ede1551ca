/** What was wrong with the words of the command line, in one sentence that names the right ones. */
import {
  AliasNotFoundError,
  type ApplicationText,
  ArgumentParseError,
  EnumValidationError,
  FlagNotFoundError,
  text_en,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { Problem, status } from "./errors.ts";

/** Stricli's texts, with every failure handed to `fail`. */
export function textsThatHandTo(fail: (failure: unknown) => void): ApplicationText {
  const handed = (failure: unknown): string => {
    fail(failure);
    return "";
  };
  return {
    ...text_en,
    noCommandRegisteredForInput: ({ input, corrections }) => handed(noCommand(input, corrections)),
    exceptionWhileParsingArguments: (error) => handed(usageProblem(error)),
    exceptionWhileLoadingCommandFunction: (error) => handed(error),
    exceptionWhileLoadingCommandContext: (error) => handed(error),
    exceptionWhileRunningCommand: (error) => handed(error),
    commandErrorResult: (error) => handed(error),
    exceptionWhileRunningIntegrationHook: ({ exception }) => handed(exception),
    exceptionWhileRunningIntegrationFlag: ({ exception }) => handed(exception),
  };
}

function noCommand(input: string, corrections: readonly string[]): Problem {
  const [nearest] = corrections;
  return usage(
    `There is no command ${input}`,
    nearest === undefined ? "`warden --help` lists those there are" : `the nearest is ${nearest.replaceAll("`", "")}`,
  );
}

function usageProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof FlagNotFoundError) {
    const [nearest] = error.corrections;
    return usage(
      `There is no flag --${error.input}`,
      nearest === undefined ? "--help lists those there are" : `the nearest is --${nearest}`,
    );
  }
  if (error instanceof AliasNotFoundError)
    return usage(`There is no flag -${error.input}`, "--help lists those there are");
  if (error instanceof EnumValidationError) {
    return usage(
      `--${kebab(error.externalFlagName)} cannot be ${JSON.stringify(error.input)}`,
      `give it ${error.values.join(" or ")}`,
    );
  }
  if (error instanceof ArgumentParseError) {
    const { externalFlagNameOrPlaceholder: name, input, exception } = error;
    const where = name === name.toUpperCase() ? name : `--${kebab(name)}`;
    return usage(
      `${where} cannot be ${JSON.stringify(input)}`,
      exception instanceof Error ? exception.message : String(exception),
    );
  }
  if (error instanceof UnsatisfiedFlagError) {
    const name = kebab(error.externalFlagName);
    return usage(`--${name} has no value`, `write one after it, as in --${name} VALUE`);
  }
  if (error instanceof UnsatisfiedPositionalError) {
    const mend =
      error.placeholder === "ID"
        ? "write an instance id; `warden nodes` lists them"
        : "--help shows what there is to write";
    return usage(`The ${error.placeholder} is missing`, mend);
  }
  if (error instanceof UnexpectedPositionalError) {
    const takes = ["no argument", "one argument"][error.expectedCount] ?? `${error.expectedCount} arguments`;
    return usage(`This command takes ${takes}, and ${JSON.stringify(error.input)} is one too many`, "leave it out");
  }
  return usage(error instanceof Error ? error.message : String(error), "--help shows how it is used");
}

const usage = (message: string, mend: string): Problem => new Problem(status.usage, message, mend);

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
