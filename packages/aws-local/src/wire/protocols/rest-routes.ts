/** Which operation a REST request means: method, path, and what its query and headers carry. */
import type { WireRequest } from "../message.ts";
import type { OperationModel, ServiceModel, Shape } from "../schema.ts";
import { requiredMembers } from "../schema.ts";

export interface RestMatch {
  readonly operation: OperationModel;
  /** Path labels, decoded. */
  readonly labels: ReadonlyMap<string, string>;
}

interface Route {
  readonly operation: OperationModel;
  readonly method: string;
  readonly pattern: RegExp;
  readonly labelNames: readonly string[];
  /** Query parameters of the path itself: `?list-type=2`, `?acl`. */
  readonly literals: readonly (readonly [string, string])[];
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
}

export type RestRoutes = readonly Route[];

export function restRoutes(service: ServiceModel): RestRoutes {
  return service.operations().flatMap((operation) => routeOf(operation) ?? []);
}

/** Several operations of S3 share method and path; the one that finds most of what it needs is meant. */
export function matchRoute(routes: RestRoutes, request: WireRequest): RestMatch | undefined {
  let best: { route: Route; labels: ReadonlyMap<string, string>; score: number } | undefined;
  for (const route of routes) {
    const labels = labelsOf(route, request);
    if (labels === undefined) continue;
    const score = scoreOf(route, request);
    if (best === undefined || score > best.score) best = { route, labels, score };
  }
  return best && { operation: best.route.operation, labels: best.labels };
}

function routeOf(operation: OperationModel): Route | undefined {
  if (operation.http === undefined) return undefined;
  const [path = "", query = ""] = operation.http.uri.split("?");
  const { labels, requiredQuery, requiredHeaders } = bindingsOf(operation.input);
  // The JavaScript SDK leaves `/{Bucket}` out of S3's paths, for its endpoint rules put the bucket into the host name.
  const prefix = labels.filter((label) => !new RegExp(`\\{${label}\\+?\\}`).test(path)).map((label) => `/{${label}}`);
  const template = `${prefix.join("")}${path === "/" && prefix.length > 0 ? "" : path}`;
  return {
    operation,
    method: operation.http.method,
    ...compile(template),
    literals: [...new URLSearchParams(query)],
    requiredQuery,
    requiredHeaders,
  };
}

function bindingsOf(input: Shape): { labels: string[]; requiredQuery: string[]; requiredHeaders: string[] } {
  const labels: string[] = [];
  const requiredQuery: string[] = [];
  const requiredHeaders: string[] = [];
  if (!input.isStructSchema()) return { labels, requiredQuery, requiredHeaders };
  const required = requiredMembers(input);
  for (const [name, member] of input.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpLabel) labels.push(name);
    else if (traits.httpQuery !== undefined && required.includes(name)) requiredQuery.push(traits.httpQuery);
    else if (traits.httpHeader !== undefined && required.includes(name)) {
      requiredHeaders.push(traits.httpHeader.toLowerCase());
    }
  }
  return { labels, requiredQuery, requiredHeaders };
}

function compile(template: string): { pattern: RegExp; labelNames: string[] } {
  const labelNames: string[] = [];
  const source = template.replace(/\{(\w+)(\+?)\}|[.*+?^$()|[\]\\]/g, (found, label: string | undefined, greedy) => {
    if (label === undefined) return `\\${found}`;
    labelNames.push(label);
    return greedy ? "(.+)" : "([^/]+)";
  });
  return { pattern: new RegExp(`^${source}/?$`), labelNames };
}

function labelsOf(route: Route, request: WireRequest): ReadonlyMap<string, string> | undefined {
  if (route.method !== request.method) return undefined;
  if (!route.literals.every(([name, value]) => carries(request, name, value))) return undefined;
  const [, ...values] = route.pattern.exec(request.path) ?? [];
  if (values.length === 0 && !route.pattern.test(request.path)) return undefined;
  return new Map(route.labelNames.map((name, index) => [name, decoded(values[index] ?? "")]));
}

/** A lone percent sign stays what it is. */
function decoded(label: string): string {
  try {
    return decodeURIComponent(label);
  } catch {
    return label;
  }
}

function carries({ query }: WireRequest, name: string, value: string): boolean {
  // Only the JavaScript SDK sends `x-id`; where it does, it names the operation.
  if (name === "x-id") return !query.has(name) || query.get(name) === value;
  return value === "" ? query.has(name) : query.get(name) === value;
}

function scoreOf(route: Route, { query, headers }: WireRequest): number {
  const literals = route.literals.filter(([name]) => query.has(name)).length;
  const found =
    route.requiredQuery.filter((name) => query.has(name)).length +
    route.requiredHeaders.filter((name) => headers[name] !== undefined).length;
  const missing = route.requiredQuery.length + route.requiredHeaders.length - found;
  const greedy = route.pattern.source.includes("(.+)") ? 1 : 0;
  return 100 * (literals + found - missing) - 10 * greedy - route.labelNames.length;
}
