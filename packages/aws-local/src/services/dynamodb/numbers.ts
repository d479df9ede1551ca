/**
 * DynamoDB's numbers: decimals of up to 38 significant digits, from 1E-130 to just under 1E+126. They are kept as
 * canonical strings, so that no digit is lost in a double and equal numbers are equal strings.
 */
import { validationException } from "./errors.ts";

const SIGNIFICANT_DIGITS = 38;
/** Positions of the first significant digit: 9.99…E+125 and 1E-130 (Developer Guide, "Supported data types: Number"). */
const LARGEST_MAGNITUDE = 125;
const SMALLEST_MAGNITUDE = -130;

/** The one spelling DynamoDB gives a number back in: no exponent, no plus sign, no needless zero. */
export function canonicalNumber(text: string): string {
  if (isShortInteger(text)) return text;
  return print(checked(parse(text)));
}

/** Negative, zero or positive, as `left` is less than, equal to or greater than `right`; both canonical. */
export function compareNumbers(left: string, right: string): number {
  if (left === right) return 0;
  if (isShortInteger(left) && isShortInteger(right)) return Number(left) - Number(right);
  const [a, b] = aligned(parse(left), parse(right));
  return a.coefficient < b.coefficient ? -1 : 1;
}

export function addNumbers(left: string, right: string): string {
  const [a, b] = aligned(parse(left), parse(right));
  return print(checked(stripped({ coefficient: a.coefficient + b.coefficient, exponent: a.exponent })));
}

export const subtractNumbers = (left: string, right: string): string => addNumbers(left, negated(right));

/** DynamoDB counts about a byte for two significant digits, one for the exponent and one for a sign. */
export function numberSize(text: string): number {
  const digits = text.replace(/^-?0*\.?0*|\.|-/g, "").replace(/0+$/, "");
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}

/** `coefficient` × 10^`exponent`; without trailing zeros once `stripped`. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** Exact in a double and already canonical: nearly every number that is ever stored. */
const isShortInteger = (text: string): boolean => /^(?:0|-?[1-9]\d{0,14})$/.test(text);

const negated = (text: string): string => (text.startsWith("-") ? text.slice(1) : `-${text}`);

function parse(text: string): Decimal {
  const parts = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?\s*$/.exec(text);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = parts ?? [];
  if (parts === null || whole + fraction === "")
    throw validationException(`The parameter cannot be converted to a numeric value: ${text}`);
  const magnitude = BigInt(whole + fraction);
  return stripped({
    coefficient: sign === "-" ? -magnitude : magnitude,
    exponent: Number(exponent) - fraction.length,
  });
}

function stripped({ coefficient, exponent }: Decimal): Decimal {
  if (coefficient === 0n) return { coefficient, exponent: 0 };
  const digits = coefficient.toString();
  const zeros = digits.length - digits.replace(/0+$/, "").length;
  return { coefficient: coefficient / 10n ** BigInt(zeros), exponent: exponent + zeros };
}

function checked(number: Decimal): Decimal {
  if (number.coefficient === 0n) return number;
  const digits = digitsOf(number).length;
  const magnitude = digits - 1 + number.exponent;
  if (digits > SIGNIFICANT_DIGITS)
    throw validationException("Attempting to store more than 38 significant digits in a Number");
  if (magnitude > LARGEST_MAGNITUDE)
    throw validationException(
      "Number overflow. Attempting to store a number with magnitude larger than supported range",
    );
  if (magnitude < SMALLEST_MAGNITUDE)
    throw validationException(
      "Number underflow. Attempting to store a number with magnitude smaller than supported range",
    );
  return number;
}

const digitsOf = ({ coefficient }: Decimal): string => coefficient.toString().replace("-", "");

function print(number: Decimal): string {
  const sign = number.coefficient < 0n ? "-" : "";
  const digits = digitsOf(number);
  if (number.exponent >= 0) return sign + digits + "0".repeat(number.coefficient === 0n ? 0 : number.exponent);
  const padded = digits.padStart(1 - number.exponent, "0");
  return `${sign}${padded.slice(0, number.exponent)}.${padded.slice(number.exponent)}`;
}

function aligned(left: Decimal, right: Decimal): [Decimal, Decimal] {
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = (number: Decimal): Decimal => ({
    coefficient: number.coefficient * 10n ** BigInt(number.exponent - exponent),
    exponent,
  });
  return [scaled(left), scaled(right)];
}
