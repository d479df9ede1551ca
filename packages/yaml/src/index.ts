export { choice, mapping, oneOf } from "./mappings.ts";
export {
  duration,
  limit,
  readDuration,
  type Span,
  share,
  size,
  span,
  text,
  whole,
  writeDuration,
  writeShare,
  writeSpan,
} from "./quantities.ts";
export { type Nonsense, type Problem, problemInWords, type ReadText, readText } from "./read.ts";
export { didYouMean, inWords } from "./words.ts";
