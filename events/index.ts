export { type Rule, rules } from "./catalogue.ts";
export type { Lane, Notice, Pointer } from "./event.ts";
export { type Parsed, parse } from "./parse.ts";
export type { EventPattern } from "./pattern.ts";
export { wakeBody } from "./wake.ts";
