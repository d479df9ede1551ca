/**
 * CloudFront before a load balancer, where a stage asks for it. It keeps near the visitors what is the same for all of them until
 * its address changes, passes on everything else as it came, and alone may ask the load balancer.
 */
import { atCloudFront } from "./firewall.ts";
import { named, namedOf, titled } from "./named.ts";
import type { Firewall, Site } from "./stage.ts";

interface Before {
  /** Of the sites that share the load balancer. */
  readonly others: readonly Site[];
  readonly firewall: Firewall;
  /** The load balancer's own name, which its certificate has. */
  readonly origin: string;
  /** Seconds after which the load balancer gives a silent connection up. */
  readonly idleTimeout: number;
  readonly password: $util.Input<string>;
}

export function cloudFront(site: Site, { others, firewall, origin, idleTimeout, password }: Before): void {
  const kept = keptByAddress(site);
  new sst.aws.Cdn(titled(site, "CloudFront"), {
    comment: named(site.name),
    domain: { name: site.host, aliases: others.map(({ host }) => host), dns: sst.aws.dns() },
    origins: [
      {
        ...{ originId, domainName: origin, customHeaders: [{ name: passwordHeader, value: password }] },
        customOriginConfig: {
          ...{ httpPort: 80, httpsPort: 443, originProtocolPolicy: "https-only", originSslProtocols: ["TLSv1.2"] },
          // The load balancer gives up first, and its 504 is passed on. After a time-out of its own CloudFront would ask again, three
          // times in all, and a slow report would run as often (CloudFront API, `ConnectionAttempts` of an `Origin`).
          originReadTimeout: idleTimeout + 15,
          // What the load balancer has just closed is not used again.
          originKeepaliveTimeout: idleTimeout - 5,
        },
      },
    ],
    defaultCacheBehavior: passedOn,
    orderedCacheBehaviors: versioned.map((script) => ({ pathPattern: `${script}/*`, ...kept })),
    // Otherwise it keeps each of them for ten seconds, whatever the node says of it: that one visitor may not see a course would
    // be the answer for others, too (CloudFront guide, "Control how long CloudFront caches errors").
    customErrorResponses: errors.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
    ...(firewall !== "none" && { webAclArn: atCloudFront(site, firewall) }),
    transform: { distribution: { httpVersion: "http2and3", isIpv6Enabled: true } },
  });
}

/** The header by which the load balancer knows that it is our CloudFront that asks, not that of anybody else. */
export const passwordHeader = "X-Warden-CloudFront";

const originId = "balancer";

/** Of all that can be kept (CloudFront guide, "HTTP 4xx and 5xx status codes that CloudFront caches"). */
const errors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** With all of its headers, its cookies and its query; the answer is kept for nobody. */
const passedOn = {
  ...{ targetOriginId: originId, viewerProtocolPolicy: "redirect-to-https" },
  ...{ allowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"], cachedMethods: ["GET", "HEAD"] },
  // CachingDisabled and AllViewer (CloudFront guide, "Use managed cache policies" and "Use managed origin request policies").
  cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
  originRequestPolicyId: "216adef6-5c7f-47e4-b989-5492eafa07d3",
};

/**
 * Moodle's scripts for what its pages look like: each has a revision in its path that grows when its answer changes, opens no
 * session, and says `Cache-Control: public` of what may be kept and of nothing else (their code in Moodle 4.5 and 5.1). Not
 * `theme/yui_combo.php`, of whose answers some have no revision, and nothing that sends files of courses or users.
 */
const versioned = [
  ...["/theme/styles.php", "/theme/image.php", "/theme/font.php", "/theme/javascript.php"],
  ...["/lib/javascript.php", "/lib/requirejs.php"],
];

/**
 * By host and path alone. No cookie goes to the node, and none comes from it: a path that only looks like one of these, such as
 * `/theme/styles.php/..%2f..%2fmy/`, which nginx takes for `/my/`, gets what a stranger gets, and there is nothing private to keep.
 */
function keptByAddress(site: Site) {
  const policy = new aws.cloudfront.CachePolicy(titled(site, "VersionedFiles"), {
    name: namedOf(site, "versioned-files"),
    // As the node says, but a day at most: what a node says wrong while a release comes is not kept for Moodle's three months.
    ...{ minTtl: 0, defaultTtl: 0, maxTtl: 86_400 },
    parametersInCacheKeyAndForwardedToOrigin: {
      cookiesConfig: { cookieBehavior: "none" },
      headersConfig: { headerBehavior: "whitelist", headers: { items: ["Host"] } },
      queryStringsConfig: { queryStringBehavior: "none" },
      ...{ enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true },
    },
  });
  return {
    ...{ targetOriginId: originId, viewerProtocolPolicy: "redirect-to-https", compress: true },
    ...{ allowedMethods: ["GET", "HEAD"], cachedMethods: ["GET", "HEAD"], cachePolicyId: policy.id },
  };
}
