/** The image of a node, made of this system's own root: by its recipe, and by user data on a machine that is already up. */
import { readdirSync } from "node:fs";
import { run } from "@warden/lab/processes";
import { imageOf, nodeConf, recipeOf, userData } from "@warden/moodle/image";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Node, node } from "./node.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
});
afterAll(() => own?.end());

const sh = (script: string): Promise<string> => own.machine.sh(script);
const lines = (text: string): string[] => text.split("\n").filter(Boolean);

/** All that is not as in this system's own root, but for what a machine writes while it runs. */
function state(): string {
  const find = ["-mindepth", "1", "(", "-path", "./var/log", "-o", "-path", "./run", "-o", "-path", "./var/tmp", ")"];
  const about = ["-prune", "-o", "-printf", "%p %y %U:%G %m %l\\n"];
  const sums = ["-prune", "-o", "-type", "f", "-exec", "sha256sum", "{}", "+"];
  const inChanged = (rest: string[]) => run("env", ["-C", own.machine.changed, "find", ".", ...find, ...rest]);
  return lines(`${inChanged(about)}${inChanged(sums)}`)
    .sort()
    .join("\n");
}

describe("the image that a machine was made of", () => {
  it("has PHP with all that this site's verification asks for, in both of its programs", async () => {
    const { needs, platform } = own.bundle.manifest;
    const loaded = async (program: string) => lines((await sh(`${program} -m`)).toLowerCase());
    const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
    expect(await loaded(platform.php)).toEqual(
      expect.arrayContaining(lower([...needs.extensions, ...needs.commandLine])),
    );
    expect(await loaded(platform.fpm)).toEqual(expect.arrayContaining(lower(needs.extensions)));
  });

  it("never runs the distribution's own PHP-FPM, nor changes packages by itself", async () => {
    const units = ["php*-fpm.service", "apt-daily.timer", "apt-daily-upgrade.timer", "phpsessionclean.timer"];
    const found = await sh(`systemctl list-unit-files --no-legend ${units.map((unit) => `'${unit}'`).join(" ")}`);
    expect(lines(found).map((line) => line.split(/\s+/)[1])).toEqual(Array(4).fill("masked"));
  });

  it("starts Warden's own units with the machine", async () => {
    expect(await sh("systemctl is-enabled warden-retire.service")).toBe("enabled");
    expect(await sh("stat -c '%U %a' /opt/warden/bin/warden-watcher /opt/warden/lib/all.sh /opt/warden/image")).toBe(
      "root 755\nroot 644\nroot 644",
    );
  });

  it("is the same after a second time", async () => {
    // Which `node()` took away.
    await sh("systemctl enable --quiet warden-watcher.service");
    const before = state();
    expect(before).toContain("./opt/warden/bin/warden-node f 0:0 755");
    await sh("sh /root/image/prepare.sh");
    expect(state()).toBe(before);
    expect(await sh("systemctl is-system-running")).toBe("running");
  });

  it("is none when PHP lacks an extension", async () => {
    await sh("phpdismod -v ALL intl");
    const { status, stderr } = await own.machine.run("sh /root/image/prepare.sh");
    await sh("phpenmod -v ALL intl");
    expect(stderr).toMatch(/^prepare: \S+ has no extension intl$/m);
    expect(status).toBe(1);
  });
});

describe("the packages of Debian", () => {
  const databases = ["mariadb", "aurora-mysql", "postgresql"] as const;
  it.each(databases)("hold each extension that a site with %s needs", (kind) => {
    const site = { ...own.site(), database: { ...own.site().database, kind } };
    const { packages, php } = recipeOf(site);
    const built = lines(run("php", ["-n", "-m"])).map((name) => name.toLowerCase());
    const others = [...php.extensions, ...php.commandLine]
      .map((name) => (name === "Zend OPcache" ? "opcache" : name.toLowerCase()))
      .filter((name) => !built.includes(name));
    expect(others).toContain("redis");
    const folder = run("php", ["-r", "echo PHP_EXTENSION_DIR;"]);
    const there = readdirSync(folder).filter((name) => others.includes(name.replace(/\.so$/, "")));
    const owners = lines(run("dpkg", ["-S", ...there.map((name) => `${folder}/${name}`)]));
    expect(owners.length).toBeGreaterThan(10);
    for (const owner of owners) expect(packages, owner).toContain(owner.split(":")[0]);
    // Of one that is not installed here, the package's own name is the judge.
    for (const name of others.filter((each) => !there.includes(`${each}.so`)))
      expect(packages).toContain(`php${site.php.version}-${name}`);
  });

  const lists = readdirSync("/var/lib/apt/lists").some((name) => name.includes("_Packages"));
  it.skipIf(!lists)("are all known to it, where its lists are at hand", () => {
    const site = own.site();
    const sites = [site, { ...site, database: { ...site.database, kind: "postgresql" as const } }];
    const names = [...new Set(sites.flatMap((each) => recipeOf(each).packages))];
    const known = run("apt-cache", ["show", "--no-all-versions", ...names]).match(/(?<=^Package: ).*/gm);
    expect(names.filter((name) => !known?.includes(name))).toEqual([]);
  });
});

describe("user data", () => {
  const image = () => imageOf(recipeOf(own.site(), "lab"));
  const script = () => userData(own.site(), own.region.belongs, image());
  const start = (text: string) => {
    const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${own.region.port}` };
    return own.machine.run(`cat >/root/user-data.sh <<'THE-END'\n${text}THE-END\nsh /root/user-data.sh`, {
      env,
      seconds: 60,
    });
  };
  const watcher = () => sh("systemctl show --value --property MainPID warden-watcher.service");
  const conf = () => nodeConf(own.site(), own.region.belongs).join("\n");

  it("on a stock image fetches the archive, makes the image of it, and starts the watcher", async () => {
    await sh(
      "rm -rf /opt/warden /etc/warden/node.conf /root/image /etc/systemd/system/warden-* && systemctl daemon-reload",
    );
    await own.region.put(image().digest, image().archive);
    const { status, stderr } = await start(script());
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(await sh("cat /opt/warden/image")).toBe(image().name);
    expect(await sh("cat /etc/warden/node.conf")).toBe(conf());
    expect(await sh("stat -c '%U %a' /etc/warden/node.conf")).toBe("root 644");
    expect(await sh("systemctl is-active warden-watcher.service; systemctl is-enabled warden-watcher.service")).toBe(
      "active\nenabled",
    );
    expect(await sh("ls /var/tmp")).not.toContain("warden-image");
  });

  it("on an image that is prepared fetches nothing, and leaves a watcher alone that knows where it belongs", async () => {
    const [pid, calls] = [await watcher(), own.region.calls.filter((call) => call === "s3:GetObject").length];
    expect((await start(script())).status).toBe(0);
    expect(await watcher()).toBe(pid);
    expect(own.region.calls.filter((call) => call === "s3:GetObject")).toHaveLength(calls);
  });

  it("has the watcher begin again when the node belongs elsewhere than it thought", async () => {
    const pid = await watcher();
    await sh("sed -i 's/^GROUP=.*/GROUP=other/' /etc/warden/node.conf");
    expect((await start(script())).status).toBe(0);
    expect(await sh("cat /etc/warden/node.conf")).toBe(conf());
    await eventually(async () => (await watcher()) !== pid, "another watcher");
  });

  it("runs nothing of an archive with another checksum", async () => {
    const other = imageOf({ ...recipeOf(own.site(), "lab"), packages: [] });
    await own.region.put(other.digest, image().archive);
    const { status, stderr } = await start(userData(own.site(), own.region.belongs, other));
    expect({ status, stderr }).toEqual({ status: 1, stderr: "user data: the archive has another checksum\n" });
    expect(await sh("cat /opt/warden/image")).toBe(image().name);
  });
});
