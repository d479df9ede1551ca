/**
 * A web application firewall where visitors come first: before a load balancer, or at CloudFront. Behind CloudFront it would take
 * CloudFront's addresses for those of visitors, and count the logins of many as those of one. Let it count for some weeks, look at
 * what it would have refused, and only then let it block: its rules for bodies take a teacher's HTML, an essay with a link and every
 * upload for attacks, so those count also then (AWS WAF guide, "Core rule set (CRS) managed rule group").
 */
import { named, titled } from "./named.ts";
import type { Firewall, Site } from "./stage.ts";

type Mode = Exclude<Firewall, "none">;

export function beforeBalancer(site: Site, mode: Mode, alb: sst.aws.Alb): void {
  new aws.wafv2.WebAclAssociation(titled(site, "FirewallBefore"), {
    webAclArn: accessControl(site, mode, { scope: "REGIONAL" }).arn,
    resourceArn: alb.nodes.loadBalancer.arn,
  });
}

/** One for CloudFront is always in us-east-1 (AWS WAF API, CreateWebACL). @returns its ARN, of which the distribution has to know */
export const atCloudFront = (site: Site, mode: Mode): $util.Output<string> =>
  accessControl(site, mode, { scope: "CLOUDFRONT", region: "us-east-1" }).arn;

const accessControl = (site: Site, mode: Mode, where: { readonly scope: string; readonly region?: string }) =>
  new aws.wafv2.WebAcl(titled(site, "Firewall"), {
    ...{ ...where, name: named(site.name), defaultAction: { allow: {} }, visibilityConfig: seen("all") },
    rules: [
      managed("AWSManagedRulesKnownBadInputsRuleSet", 1, mode, []),
      managed("AWSManagedRulesCommonRuleSet", 2, mode, whatMoodleDoes),
      {
        ...{ name: "logins", priority: 3, visibilityConfig: seen("logins") },
        action: mode === "count" ? { count: {} } : { block: {} },
        statement: {
          rateBasedStatement: {
            ...{ limit: loginsOfAnAddress, evaluationWindowSec: 300, aggregateKeyType: "IP" },
            scopeDownStatement: {
              byteMatchStatement: {
                ...{ searchString: "/login/index.php", positionalConstraint: "STARTS_WITH" },
                fieldToMatch: { uriPath: {} },
                textTransformations: [{ priority: 0, type: "NORMALIZE_PATH" }],
              },
            },
          },
        },
      },
    ],
  });

/** In five minutes: a whole school that begins an exam has one address, and asks twice for each login. */
const loginsOfAnAddress = 3_000;

/** Rules of the core rule set that ordinary work in Moodle breaks. */
const whatMoodleDoes = [
  // Uploads, long essays, quiz pages with many answers.
  "SizeRestrictions_BODY",
  // Scripts and styles that Moodle puts together by long addresses.
  "SizeRestrictions_QUERYSTRING",
  // The editor sends HTML; an essay on computing has paths, addresses and links in it.
  "CrossSiteScripting_BODY",
  "GenericLFI_BODY",
  "GenericRFI_BODY",
  "EC2MetaDataSSRF_BODY",
  // `return` and `wantsurl` carry an address.
  "GenericRFI_QUERYARGUMENTS",
  // Students upload .log, .ini and .conf files, and download them by their names.
  "RestrictedExtensions_URIPATH",
];

const managed = (name: string, priority: number, mode: "count" | "block", counted: readonly string[]) => ({
  ...{ name, priority, visibilityConfig: seen(name) },
  overrideAction: mode === "count" ? { count: {} } : { none: {} },
  statement: {
    managedRuleGroupStatement: {
      ...{ vendorName: "AWS", name },
      ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
    },
  },
});

const seen = (metricName: string) => ({
  ...{ cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName },
});
