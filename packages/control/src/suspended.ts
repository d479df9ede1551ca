/** What a process of Auto Scaling that is suspended does to a site. */
export const harmOfSuspended: Readonly<Record<string, string>> = {
  Launch: "no node can start",
  Terminate: "no node can end",
  AddToLoadBalancer: "new nodes get no traffic",
  HealthCheck: "dead nodes go unnoticed",
  ReplaceUnhealthy: "dead nodes are not replaced",
};
