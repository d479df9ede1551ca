/** One embedded service as the wire sees it. What is dear to build is built when first asked for. */
import type { EmbeddedService } from "../service.ts";
import { type Constraints, loadConstraints } from "./constraints.ts";
import { type RestRoutes, restRoutes } from "./protocols/rest-routes.ts";
import { type ServiceModel, serviceModel } from "./schema.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

export interface Endpoint {
  /** The IAM prefix: `autoscaling`. */
  readonly service: string;
  readonly operations: EmbeddedService["operations"];
  readonly model: ServiceModel;
  readonly vocabulary: Vocabulary;
  readonly constraints: () => Constraints;
  readonly routes: () => RestRoutes;
}

export function endpointOf({ sdk, iamPrefix, operations }: EmbeddedService): Endpoint {
  const model = serviceModel(sdk);
  return {
    service: iamPrefix,
    operations,
    model,
    vocabulary: vocabularyOf(iamPrefix, model.protocol),
    constraints: once(() => loadConstraints(iamPrefix)),
    routes: once(() => restRoutes(model)),
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
