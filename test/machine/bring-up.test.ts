/** A new node, from its first command to its first request; what it says of each fault; and a batch that comes again. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { version } from "@warden/lab/application/programs";
import { bootstrapOutput, verifyOutput } from "@warden/moodle";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signatureOf } from "./judge.ts";
import { type Answer, eventually, type Node, node, release } from "./node.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
});
afterAll(() => own?.end());
// Also after a test that failed: the next one has a fault of its own.
afterEach(async () => {
  for (const part of ["database", "sessions", "cache"]) own.links.mend(part);
  await own.shared.set({ hangs: false });
});

const sh = (script: string): Promise<string> => own.machine.sh(script);

describe("a new node", () => {
  it("names the step and the reason when its release is not there", async () => {
    const { line, status } = await own.document("Warden-Bootstrap", { Release: "two", Digest: own.bundle.digest });
    expect(status).toBe(1);
    expect(bootstrapOutput.parse(line)).toMatchObject({ ok: false, step: "release" });
    expect(line.message).toContain("/srv/moodle/releases/two");
  });

  it("takes no archive with another checksum", async () => {
    const digest = "0".repeat(64);
    await own.region.put(digest, own.bundle.archive);
    const { line } = await own.document("Warden-Bootstrap", { Release: release, Digest: digest });
    expect(line).toMatchObject({ ok: false, step: "bundle", message: expect.stringContaining("another checksum") });
  });

  it("says which shared part keeps it", async () => {
    own.links.cut("database");
    const { line } = await own.bootstrap();
    expect(bootstrapOutput.parse(line)).toMatchObject({ ok: false, step: "warm", part: "database" });
    own.links.mend("database");
  });

  it("bootstraps, is verified, and only then takes requests", async () => {
    const { line, status } = await own.bootstrap();
    expect(bootstrapOutput.parse(line)).toEqual({ v: 1, ok: true, release, digest: own.bundle.digest });
    expect(status).toBe(0);
    expect(await own.ready()).toBe(503);
    const verified = await own.verify();
    expect(verifyOutput.parse(verified.line)).toMatchObject({ verdict: "ok", release, digest: own.bundle.digest });
    expect(verified.status).toBe(0);
    expect(await own.ready()).toBe(200);
  });

  it("trusts whom the system trusts and nobody else, each found by its name as OpenSSL looks for it", async () => {
    await sh(`cat >/root/server.pem <<'END'\n${readFileSync(own.data.certificate, "utf8")}END`);
    await sh("openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=stranger -out /root/stranger.pem");
    const trusts = (certificate: string): Promise<string> =>
      sh(`openssl verify -no-CAfile -no-CAstore -CApath /etc/warden/authorities ${certificate} 2>&1 || true`);
    expect(await trusts("/root/server.pem")).toContain("/root/server.pem: OK");
    expect(await trusts("/root/stranger.pem")).toContain("verification failed");
    const count = async (script: string): Promise<number> => Number(await sh(script));
    const all = await count("grep -c 'BEGIN CERTIFICATE' /etc/ssl/certs/ca-certificates.crt");
    expect(all).toBeGreaterThan(100);
    expect(await count("ls /etc/warden/authorities/*.[0-9] | wc -l")).toBe(all);
    // What PHP has to read whole, for each connection.
    expect(await count("grep -c 'BEGIN CERTIFICATE' /etc/warden/authorities/any.pem")).toBe(1);
  });

  it("measures itself and tells audits what it is for as long as it runs, and writes down what it does", async () => {
    const units = own.bundle.manifest.units.join(" ");
    expect(units).toContain("warden-measure.timer");
    expect(await sh(`systemctl is-active ${units} | sort -u`)).toBe("active");
    expect(await sh("grep -c 'bootstrap: has' /var/log/warden/warden.log")).toBe("1");
  });

  it("mounted moodledata once, as amazon-efs-utils wants it, and will again after a reboot", async () => {
    const options = "_netdev,noresvport,tls,accesspoint=fsap-0123456789abcdef0";
    const mounts = (await sh("cat /root/mounts")).split("\n");
    // mount(8) puts its own option last.
    const given = "rw,noresvport,tls,accesspoint=fsap-0123456789abcdef0,_netdev";
    expect(mounts).toEqual([`fs-0123456789abcdef0:/ /srv/moodledata -o ${given}`]);
    expect(await sh("grep -c /srv/moodledata /etc/fstab")).toBe("1");
    expect(await sh("cat /etc/fstab")).toContain(`fs-0123456789abcdef0:/ /srv/moodledata efs ${options} 0 0`);
  });

  it("lets PHP write neither code nor configuration", async () => {
    expect((await own.ask("/sneak.php")).body).toBe("refused");
    const closed = ["/srv/moodle/current/config.php", "/etc/warden/secrets.php", "/opt/warden/ready/settings.php"];
    expect(await sh(`stat -c '%U:%G %a' ${closed.join(" ")}`)).toBe(Array(3).fill("root:www-data 640").join("\n"));
    expect(await sh("find /srv/moodle/ ! -user root")).toBe("");
  });

  it("goes over to whom the system trusts later, in one step", async () => {
    await sh("cat /root/stranger.pem >>/etc/ssl/certs/ca-certificates.crt");
    const before = await sh("readlink /etc/warden/authorities");
    expect((await own.bootstrap()).status).toBe(0);
    expect(await sh("readlink /etc/warden/authorities")).not.toBe(before);
    expect(await sh("ls -d /etc/warden/authorities-*")).toBe(
      `/etc/warden/${await sh("readlink /etc/warden/authorities")}`,
    );
    expect(
      await sh("openssl verify -no-CAfile -no-CAstore -CApath /etc/warden/authorities /root/stranger.pem"),
    ).toContain("OK");
  });

  it("stops nothing when it bootstraps while it serves", async () => {
    const workers = "systemctl show --value --property MainPID 'warden-php@*.service' nginx.service";
    const before = await sh(workers);
    expect((await own.bootstrap()).line.ok).toBe(true);
    expect(await sh(workers)).toBe(before);
    expect(await own.ready()).toBe(200);
  });
});

describe("a call of AWS", () => {
  it("is signed as AWS will check it, with the token of the node's role", async () => {
    const { secretAccessKey, sessionToken } = own.region.credentials;
    await sh(`export AWS_ENDPOINT_URL=http://127.0.0.1:${own.judge.port}
      exec /bin/bash -c '. /opt/warden/lib/all.sh; make_work; instance=i-0123456789abcdef0; . /opt/warden/lib/watching.sh
        s3_get bundles/x.tar "$work/x" && aws_json ssm AmazonSSM.GetParameter "$work/y" Name="/a b/ö\\"" && tell "Node Started" &&
        complete_launch'`);
    const { requests } = own.judge;
    expect(requests.map(({ headers }) => /eu-west-1\/(\w+)\//.exec(headers.authorization ?? "")?.[1])).toEqual([
      ...["s3", "ssm", "sqs", "autoscaling"],
    ]);
    for (const request of requests) {
      const { authorization, "x-amz-security-token": token } = request.headers;
      expect(authorization).toMatch(/SignedHeaders=[^,]*x-amz-security-token/);
      expect(authorization).toContain(`Signature=${signatureOf(request, secretAccessKey)}`);
      expect(token).toBe(sessionToken);
    }
    expect(JSON.parse(requests[1]?.body ?? "")).toEqual({ Name: '/a b/ö"' });
  });
});

describe("a batch", () => {
  const purges = (): number =>
    existsSync(join(own.files, "purges"))
      ? readFileSync(join(own.files, "purges"), "utf8").trim().split("\n").length
      : 0;
  beforeEach(() => {
    rmSync(join(own.files, "purges"), { force: true });
    rmSync(join(own.files, "purge-takes"), { force: true });
  });
  const takes = (seconds: number): void => own.share("purge-takes", String(seconds));
  const purge = (BatchId: string, Cause: string, seconds?: number) =>
    own.document("Warden-PurgeCache", { BatchId, Cause }, seconds);

  it("runs once, and a repeat gets the first result, also while the first still runs", async () => {
    takes(2);
    const [first, second] = await Promise.all([purge("same", "one"), purge("same", "one")]);
    const third = await purge("same", "one");
    const kept = { equal: ["core/config"], versioned: [] };
    expect(first.line).toEqual({ v: 2, ok: true, outcome: "purged", ...kept, purged: ["core/judge"] });
    expect([second.stdout, third.stdout]).toEqual([first.stdout, first.stdout]);
    expect(purges()).toBe(1);
  });

  it("runs again when the first died without a result", async () => {
    takes(30);
    expect((await purge("died", "two", 3)).status).toBe(null);
    takes(0);
    await eventually(() => sh("pgrep -f [m]oodle.php || true").then((pids) => pids === ""), "the first is gone");
    expect((await purge("died", "two")).line).toMatchObject({ ok: true, outcome: "purged" });
    expect(purges()).toBe(2);
  });

  it("of another node holds the lease", async () => {
    takes(30);
    const first = purge("holder", "three");
    await eventually(() => purges() === 1, "the first purges");
    expect((await purge("other", "three")).line).toMatchObject({ ok: true, outcome: "held", purged: [] });
    expect((await first).line.outcome).toBe("purged");
    expect((await purge("third", "three")).line.outcome).toBe("already");
    expect(readFileSync(join(own.files, "purges"), "utf8")).toMatch(/^as 33\n$/);
  });
});

describe("verification", () => {
  const wrong = ({ line }: Answer): string[] =>
    verifyOutput
      .parse(line)
      .probes.filter(({ ok }) => !ok)
      .map(({ name }) => name);
  const seen = (answer: Answer): unknown[] => [answer.line.verdict, wrong(answer)[0], answer.status];

  it.each(["database", "sessions", "cache"])("blames the %s, not the node, and leaves it in rotation", async (part) => {
    own.links.cut(part);
    expect(seen(await own.verify())).toEqual(["dependency-bad", part, 1]);
    expect(await own.ready()).toBe(200);
    own.links.mend(part);
    expect(seen(await own.verify())).toEqual(["ok", undefined, 0]);
  });

  it("answers in time while the shared files hang", async () => {
    await own.shared.set({ hangs: true });
    const began = Date.now();
    const answer = await own.verify();
    expect(seen(answer)).toEqual(["dependency-bad", "files", 1]);
    expect(Date.now() - began).toBeLessThan(50_000);
    await own.shared.set({ hangs: false });
    await eventually(async () => (await own.verify()).line.verdict === "ok", "the files answer again");
  });

  it("bootstraps no further than the shared files that hang", async () => {
    await own.shared.set({ hangs: true });
    expect((await own.bootstrap()).line).toMatchObject({ ok: false, step: "mount", part: "files" });
    await own.shared.set({ hangs: false });
  });

  it("misses its mount, below which nobody can write", async () => {
    await sh("systemctl stop 'warden-php@*' nginx; umount --lazy /srv/moodledata");
    expect(seen(await own.verify())).toEqual(["node-bad", "mount", 1]);
    const write = await own.machine.run("runuser -u www-data -- touch /srv/moodledata/x; touch /srv/moodledata/x");
    expect(write.stderr.match(/cannot touch/g)).toHaveLength(2);
    expect((await own.bootstrap()).line.ok).toBe(true);
    expect((await own.verify()).line.verdict).toBe("ok");
  });

  it("misses its workers, takes the node out, and finds them again after a restart", async () => {
    await sh("systemctl stop 'warden-php@*.service'");
    expect(seen(await own.verify())).toEqual(["node-bad", "workers", 1]);
    expect(await own.machine.run("test -e /run/warden/verified.json")).toMatchObject({ status: 1 });
    expect((await own.document("Warden-RestartPhp")).line).toEqual({ v: 1, ok: true });
    expect(await own.ready()).toBe(503);
    expect((await own.verify()).line.verdict).toBe("ok");
    expect(await own.ready()).toBe(200);
  });

  it("finds the disk full", async () => {
    await sh("mount -t tmpfs -o size=64k,mode=777 tmpfs /var/cache/moodle/localcache");
    await own.machine.run("head -c 64k /dev/zero >/var/cache/moodle/localcache/x");
    expect(seen(await own.verify())).toEqual(["node-bad", "disk", 1]);
    await sh("umount /var/cache/moodle/localcache");
  });

  it("names a file that was changed on the node, and a bootstrap takes the change back", async () => {
    expect((await own.verify()).line.verdict).toBe("ok");
    await sh("echo '# mine' >>/etc/nginx/conf.d/moodle.conf");
    const answer = await own.verify();
    expect(seen(answer)).toEqual(["node-bad", "digest", 1]);
    expect(JSON.stringify(answer.line)).toContain("/etc/nginx/conf.d/moodle.conf");
    // Pages come up with it: whoever heals the node need not take it out of service first.
    expect(await own.ready()).toBe(200);
    expect((await own.bootstrap()).line.ok).toBe(true);
    expect((await own.verify()).line.verdict).toBe("ok");
  });

  it("takes what Moodle's cache configuration says, not how it is written, and never runs it as root", async () => {
    const muc = "/var/lib/moodle/muc/config.php";
    await sh(`sed -i 's/<[?]php/<?php \\n@touch("\\/var\\/lib\\/moodle\\/" . posix_geteuid());/' ${muc}`);
    expect((await own.verify()).line.verdict).toBe("ok");
    expect(await sh("ls /var/lib/moodle")).toBe("33\nmuc");
    await sh(`sed -i s/localhost/elsewhere/ ${muc}`);
    expect(JSON.stringify((await own.verify()).line)).toContain(muc);
    await own.bootstrap();
    expect((await own.verify()).line.verdict).toBe("ok");
  });

  it("compares release and digest with what it is told", async () => {
    expect(seen(await own.verify({ Release: "two" }))).toEqual(["node-bad", "release", 1]);
    expect(seen(await own.verify({ Digest: "ab".repeat(32) }))).toEqual(["node-bad", "digest", 1]);
    expect((await own.verify()).line.verdict).toBe("ok");
  });

  it("expects maintenance or not, and readiness does not care", async () => {
    own.share("climaintenance.html");
    expect(seen(await own.verify())).toEqual(["dependency-bad", "maintenance", 1]);
    expect(seen(await own.verify({ Maintenance: "maintenance" }))).toEqual(["ok", undefined, 0]);
    expect((await own.ask("/login/index.php")).status).toBe(503);
    expect(await own.ready()).toBe(200);
    rmSync(join(own.files, "climaintenance.html"));
  });

  it("tells a site that waits for its upgrade, and one that is not installed", async () => {
    own.data.sql("UPDATE mdl_config SET value = '1'");
    expect(seen(await own.verify())).toEqual(["upgrade-pending", "site", 1]);
    own.data.sql("RENAME TABLE mdl_config TO aside");
    expect(seen(await own.verify())).toEqual(["site-not-installed", "site", 1]);
    own.data.sql(`RENAME TABLE aside TO mdl_config; UPDATE mdl_config SET value = '${version}'`);
    expect((await own.verify()).line.verdict).toBe("ok");
  });
});

it("nothing of all that left anything in moodledata that the web user does not own", () => {
  expect(own.foreign()).toBe("");
});
