/**
 * Stands in for DynamoDB's endpoint discovery in Lambda bundles, 10 kB with its cache: the client sets it up, and none of
 * its operations asks for it.
 */

/** Where the SDK would look for the setting. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

/** The client's settings as they are. */
export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config;
