/** CloudFront, where a stage asks for it: it is the only way to the load balancer, and keeps nothing that is somebody's own. */
import { priceBook, siteCost } from "@warden/cost";
import { describe, expect, it } from "vitest";
import type { Graph, Inputs } from "../graph.ts";
import { all, type Graphs, made, one, stages } from "../stages.ts";
import { behindCloudFront } from "../three-sites.ts";

export function cloudFront(named: Graphs): void {
  it.each(stages)("%s has no CloudFront, for it did not ask", (stage) => {
    expect(named(stage).resources.filter(({ type }) => type.startsWith("aws:cloudfront/"))).toEqual([]);
  });

  describe("sites behind CloudFront, beside one that is not", () => {
    const graph = made("front", behindCloudFront);

    it("everybody reaches CloudFront, only CloudFront the load balancer, and only that the nodes", () => {
      const ofCloudFront = "pl-of-com.amazonaws.global.cloudfront.origin-facing";
      expect(groupOf(graph(), "CloudFrontTraffic")["ingress"]).toEqual([
        { protocol: "tcp", fromPort: 443, toPort: 443, prefixListIds: [ofCloudFront] },
      ]);
      expect(balancerOf(graph(), "School")["securityGroups"]).toEqual(["CloudFrontTraffic-id"]);
      expect(balancerOf(graph(), "NightSchool")["securityGroups"]).toEqual(["BalancerTraffic-id"]);
      const from = ["School", "Academy", "NightSchool"].map(
        (title) => groupOf(graph(), `${title}NodeTraffic`)["ingress"][0].securityGroups,
      );
      expect(from).toEqual([["CloudFrontTraffic-id"], ["CloudFrontTraffic-id"], ["BalancerTraffic-id"]]);
    });

    it("the load balancer answers only who says what this CloudFront says, and nothing without TLS", () => {
      const [header] = originOf(graph())["customHeaders"];
      expect(header.value.length).toBeGreaterThanOrEqual(32);
      const asked = { httpHeader: { httpHeaderName: header.name, values: [header.value] } };
      expect(conditionsOf(graph(), "School")).toEqual([{ hostHeader: { values: ["school.example.org"] } }, asked]);
      expect(conditionsOf(graph(), "Academy")).toEqual([{ hostHeader: { values: ["academy.example.org"] } }, asked]);
      expect(conditionsOf(graph(), "NightSchool")).toEqual([{ hostHeader: { values: ["night.example.org"] } }]);
      const listeners = all(graph(), "aws:lb/listener:Listener").filter(({ name }) => name.startsWith("SchoolB"));
      expect(listeners.map(({ inputs }) => [inputs["port"], inputs["defaultActions"][0].fixedResponse])).toMatchObject([
        [443, { statusCode: "403" }],
      ]);
    });

    it("the names of the sites lead to CloudFront, and a name of its own to the load balancer", () => {
      const records = all(graph(), "aws:route53/record:Record").map(({ inputs }) => inputs);
      const to = (host: string) => [
        ...new Set(
          records.flatMap(({ name, aliases }) => (name === host ? aliases.map(({ name }: Inputs) => name) : [])),
        ),
      ];
      const balancer = (site: string) => `warden-front-${site}-0123456789.eu-west-1.elb.amazonaws.com`;
      expect(to("school.example.org")).toEqual(["d111111abcdef8.cloudfront.net"]);
      expect(to("academy.example.org")).toEqual(["d111111abcdef8.cloudfront.net"]);
      expect(to("origin.school.example.org")).toEqual([balancer("school")]);
      expect(to("night.example.org")).toEqual([balancer("night-school")]);
      expect(distributionOf(graph())["aliases"]).toEqual(["school.example.org", "academy.example.org"]);
    });

    it("has TLS on both ways, with a certificate where CloudFront looks for it", () => {
      const { viewerCertificate, defaultCacheBehavior, orderedCacheBehaviors } = distributionOf(graph());
      expect(viewerCertificate).toMatchObject({ minimumProtocolVersion: "TLSv1.2_2021", sslSupportMethod: "sni-only" });
      const certificate = (name: string) => one(graph(), "aws:acm/certificate:Certificate", name);
      const visitors = certificate("SchoolCloudFrontSslCertificate");
      expect(visitors.provider).toContain("us-east-1");
      expect([visitors.inputs["domainName"], ...visitors.inputs["subjectAlternativeNames"]]).toEqual([
        ...["school.example.org", "academy.example.org"],
      ]);
      for (const { viewerProtocolPolicy } of [defaultCacheBehavior, ...orderedCacheBehaviors])
        expect(viewerProtocolPolicy).toBe("redirect-to-https");
      // One of the certificate's names must be the origin's or that of the Host header (CloudFront guide, "HTTP 502").
      const behind = certificate("SchoolBalancerSslCertificate");
      expect(behind.provider).not.toContain("us-east-1");
      expect(behind.inputs["domainName"]).toBe(originOf(graph())["domainName"]);
      expect(originOf(graph())["customOriginConfig"]).toMatchObject({
        ...{ originProtocolPolicy: "https-only", originSslProtocols: ["TLSv1.2"] },
      });
    });

    it("speaks HTTP/3 and IPv6", () => {
      expect(distributionOf(graph())).toMatchObject({ httpVersion: "http2and3", isIpv6Enabled: true, enabled: true });
    });

    it.each(kept)("keeps %s", (path) => expect(isKept(graph(), path)).toBe(true));
    it.each(passedOn)("passes %s on", (path) => expect(isKept(graph(), path)).toBe(false));

    it("passes on whole what it does not keep, and takes every method for it", () => {
      const { cachePolicyId, originRequestPolicyId, allowedMethods } = distributionOf(graph())["defaultCacheBehavior"];
      expect({ cachePolicyId, originRequestPolicyId }).toEqual({
        cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        originRequestPolicyId: "216adef6-5c7f-47e4-b989-5492eafa07d3",
      });
      expect(allowedMethods).toHaveLength(7);
    });

    it("keeps what a stranger gets, for each host of its own, a day at most, and only when the node says that it may", () => {
      const [policy] = all(graph(), "aws:cloudfront/cachePolicy:CachePolicy");
      expect(policy?.inputs).toMatchObject({ minTtl: 0, defaultTtl: 0, maxTtl: 86_400 });
      expect(policy?.inputs["parametersInCacheKeyAndForwardedToOrigin"]).toMatchObject({
        cookiesConfig: { cookieBehavior: "none" },
        headersConfig: { headerBehavior: "whitelist", headers: { items: ["Host"] } },
        ...{ enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true },
      });
      for (const behavior of distributionOf(graph())["orderedCacheBehaviors"]) {
        expect(behavior).toMatchObject({ cachePolicyId: "SchoolVersionedFiles-id", compress: true });
        // It would bring cookies that the key has not.
        expect(behavior.originRequestPolicyId).toBeUndefined();
        expect(behavior.allowedMethods).toEqual(["GET", "HEAD"]);
      }
    });

    it("keeps no failure", () => {
      const failures: Inputs[] = distributionOf(graph())["customErrorResponses"];
      expect(failures.map(({ errorCode }) => errorCode)).toEqual(
        expect.arrayContaining([403, 404, 500, 502, 503, 504]),
      );
      for (const { errorCachingMinTtl } of failures) expect(errorCachingMinTtl).toBe(0);
    });

    it("waits longer than the load balancer, whose idle connections it does not use again", () => {
      const { originReadTimeout, originKeepaliveTimeout } = originOf(graph())["customOriginConfig"];
      const { idleTimeout } = balancerOf(graph(), "School");
      expect(originReadTimeout).toBeGreaterThan(idleTimeout);
      // The most that CloudFront takes (CloudFront guide, "Quotas").
      expect(originReadTimeout).toBeLessThanOrEqual(120);
      expect(originKeepaliveTimeout).toBeLessThan(idleTimeout);
    });

    it("lets Moodle see the visitor's address last, as it does without CloudFront", () => {
      expect(balancerOf(graph(), "School")["xffHeaderProcessingMode"]).toBe("preserve");
      expect(balancerOf(graph(), "NightSchool")["xffHeaderProcessingMode"]).toBe("append");
      const known = one(graph(), "aws:ssm/parameter:Parameter", "SchoolConfiguration").inputs["value"];
      expect(JSON.parse(known).loadBalancer).not.toHaveProperty("cloudFront");
    });

    it("has the firewall where visitors come first", () => {
      const firewall = one(graph(), "aws:wafv2/webAcl:WebAcl", "SchoolFirewall").inputs;
      expect(firewall).toMatchObject({ scope: "CLOUDFRONT", region: "us-east-1" });
      expect(distributionOf(graph())["webAclId"]).toBe(
        "arn:aws:wafv2:us-east-1:123456789012:global/webacl/warden-front-school/0123456789ab",
      );
      expect(one(graph(), "aws:wafv2/webAcl:WebAcl", "NightSchoolFirewall").inputs["scope"]).toBe("REGIONAL");
      const before = all(graph(), "aws:wafv2/webAclAssociation:WebAclAssociation").map(({ name }) => name);
      expect(before).toEqual(["NightSchoolFirewallBefore"]);
    });

    it("has a bill without a hole, which names what CloudFront is billed for", () => {
      const { unknown, byUse } = siteCost(graph().resources, priceBook("us-east-1"));
      expect(unknown).toEqual([]);
      expect(byUse).toContain("what CloudFront brings to visitors");
    });
  });
}

/** As Moodle 4.5 and 5.1 ask for them. */
const kept = [
  "/theme/styles.php/boost/1764000000_1/all",
  "/theme/image.php/boost/core/1764000000/t/edit",
  "/theme/font.php/boost/core/1764000000/fa-solid-900.woff2",
  "/theme/javascript.php/boost/1764000000/head",
  "/lib/javascript.php/1764000000/lib/javascript-static.js",
  "/lib/requirejs.php/1764000000/core/first.js",
];

const passedOn = [
  ...["/", "/my/", "/login/index.php", "/course/view.php", "/lib/ajax/service.php", "/webservice/rest/server.php"],
  ...["/pluginfile.php/12/mod_resource/content/1/exam.pdf", "/webservice/pluginfile.php/12/user/icon/f1"],
  ...["/tokenpluginfile.php/0123456789abcdef/5/user/icon/f1", "/draftfile.php/5/user/draft/1/essay.txt"],
  ...["/user/pix.php/5/f1.jpg", "/file.php/1/logo.png", "/brokenfile.php", "/rss/file.php/5/token/mod_forum/1/rss.xml"],
  // Without a revision in the path.
  ...["/theme/styles.php", "/theme/image.php", "/lib/javascript.php", "/theme/styles_debug.php/boost/all"],
  ...["/theme/yui_combo.php", "/lib/editor/tiny/loader.php/1764000000/tinymce.js"],
];

/** In whichever path pattern `*` stands for any characters. */
function isKept(graph: Graph, path: string): boolean {
  const patterns: Inputs[] = distributionOf(graph)["orderedCacheBehaviors"];
  return patterns.some(({ pathPattern }) =>
    new RegExp(`^${pathPattern.replace(/[.]/g, "\\.").replaceAll("*", ".*")}$`).test(path),
  );
}

const distributionOf = (graph: Graph): Inputs =>
  one(graph, "aws:cloudfront/distribution:Distribution", "SchoolCloudFrontDistribution").inputs;
const originOf = (graph: Graph): Inputs => distributionOf(graph)["origins"][0];
const groupOf = (graph: Graph, name: string): Inputs => one(graph, "aws:ec2/securityGroup:SecurityGroup", name).inputs;
const balancerOf = (graph: Graph, title: string): Inputs =>
  one(graph, "aws:lb/loadBalancer:LoadBalancer", `${title}BalancerLoadBalancer`).inputs;
const conditionsOf = (graph: Graph, title: string): Inputs =>
  one(graph, "aws:lb/listenerRule:ListenerRule", `${title}ToNodes`).inputs["conditions"];
