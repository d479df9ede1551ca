/**
 * Where moto 5.2 differs from what AWS documents. Each hides, in both answers, what cannot be compared; everything
 * else has to agree.
 */
import type { Request } from "./corpus.ts";

export type Answer = Readonly<Record<string, unknown>>;

interface Deviation {
  readonly name: string;
  applies(request: Request, ours: Answer, theirs: Answer): boolean;
  readonly hide: (answer: Answer) => Answer;
}

const without =
  (...names: readonly string[]) =>
  (answer: Answer): Answer =>
    Object.fromEntries(Object.entries(answer).filter(([name]) => !names.includes(name)));

const parameter = ({ input }: Request, name: string): unknown => Reflect.get(input, name);

const deviations: readonly Deviation[] = [
  {
    name: "returns ConsumedCapacity and ItemCollectionMetrics to those who did not ask",
    applies: () => true,
    hide: without("ConsumedCapacity", "ItemCollectionMetrics"),
  },
  {
    name: "returns the items with Select COUNT",
    applies: (request) => parameter(request, "Select") === "COUNT",
    hide: without("Items"),
  },
  {
    name: "looks ahead: no LastEvaluatedKey where Limit ends exactly at the last item",
    applies: (request, ours) => parameter(request, "Limit") === ours["ScannedCount"],
    hide: without("LastEvaluatedKey"),
  },
  {
    name: "UPDATED_OLD and UPDATED_NEW compare values, instead of naming what the expression touches",
    applies: (request) => String(parameter(request, "ReturnValues")).startsWith("UPDATED"),
    hide: without("Attributes"),
  },
  {
    name: "returns empty Attributes where there was no item",
    applies: (_, ours, theirs) => ours["Attributes"] === undefined && isEmpty(theirs["Attributes"]),
    hide: without("Attributes"),
  },
  {
    name: "crashes on an operand of an update that is missing or of a wrong type",
    applies: (_, ours, theirs) => ours["error"] !== undefined && theirs["error"] === "SyntaxError",
    hide: () => ({ error: "refused" }),
  },
  {
    name: "crashes where a filter compares values of two types",
    applies: ({ kind }, _, theirs) => ["query", "scan"].includes(kind) && theirs["error"] === "SyntaxError",
    hide: () => ({}),
  },
  {
    name: "answers ValidationException for a whole transaction in which one update cannot be applied",
    applies: ({ kind }, ours, theirs) =>
      kind === "transaction" &&
      ours["error"] === "TransactionCanceledException" &&
      theirs["error"] === "ValidationException",
    hide: () => ({ error: "refused" }),
  },
];

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

export function comparison(request: Request, ours: Answer, theirs: Answer): { ours: Answer; theirs: Answer } {
  const applying = deviations.filter((deviation) => deviation.applies(request, ours, theirs));
  const hidden = (answer: Answer): Answer => applying.reduce((shown, deviation) => deviation.hide(shown), answer);
  return { ours: hidden(ours), theirs: hidden(theirs) };
}
