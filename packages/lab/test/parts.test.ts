/** What the lab decides without touching the system. */
import { gunzipSync } from "node:zlib";
import { application } from "@warden/lab/application/application";
import { missingPackages } from "@warden/lab/doctor";
import { scriptOf } from "@warden/lab/host";
import { hardwareAddress } from "@warden/lab/network";
import { isOurs, machineName } from "@warden/lab/places";
import { notMoodle, releaseOf } from "@warden/lab/release";
import { rootName } from "@warden/lab/root";
import { labSite } from "@warden/lab/site";
import { parseTar } from "nanotar";
import { describe, expect, it } from "vitest";

describe("names", () => {
  it("of machines are told from all others, and fit a link", () => {
    const name = machineName("i-0123456789abcdef0");
    expect(name).toBe("lab-6789abcdef0");
    expect(name).toHaveLength(15);
    expect([name, "warden-lab"].every(isOurs)).toBe(true);
    const others = [
      "lab",
      "lab-",
      "lab-mine",
      "warden-machine",
      "warden-lab2",
      "lab-789abcdef01x",
      "my-lab-6789abcdef0",
    ];
    expect(others.filter(isOurs)).toEqual([]);
  });

  it("of hardware are the address's own, and nobody's in the world", () => {
    expect(hardwareAddress("172.31.16.255")).toBe("02:57:ac:1f:10:ff");
  });

  it("of a root are the same for the same packages, whatever else Warden brings", () => {
    const { recipe } = labSite(notMoodle());
    expect(rootName(recipe)).toBe(rootName(structuredClone(recipe)));
    expect(rootName(recipe)).not.toBe(rootName({ ...recipe, packages: [...recipe.packages, "another"] }));
  });
});

describe("a document's script", () => {
  const content = {
    schemaVersion: "2.2",
    mainSteps: [
      {
        action: "aws:runShellScript",
        name: "run",
        inputs: { runCommand: ["set -e", "echo '{{ Release }}' {{Digest}} {{ Other }}"], timeoutSeconds: "60" },
      },
    ],
  };

  it("is its own text with the parameters in it", () => {
    expect(scriptOf({ content, parameters: { Release: ["one"], Digest: ["two"] } })).toBe(
      "set -e\necho 'one' two {{ Other }}",
    );
  });
});

describe("the doctor", () => {
  it("names the packages of the programs and files that are missing, each once", () => {
    expect(missingPackages(() => true)).toEqual([]);
    const missing = ["mariadbd", "mariadb-install-db", "debootstrap", "/usr/include/stdlib.h"];
    const packages = ["debootstrap", "mariadb-server-core", "libc6-dev"];
    expect(missingPackages((name) => !missing.includes(name))).toEqual(packages);
  });
});

describe("the release", () => {
  const release = releaseOf("not-moodle", { ...application, "release.json": "{}" });

  it("has the same bytes each time, and a name by which a node can check them", async () => {
    expect(notMoodle()).toEqual(release);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", release.archive)).toString("hex");
    expect(release.name).toBe(`not-moodle-${digest.slice(0, 32)}`);
    expect(releaseOf("not-moodle", { ...application, more: "" }).name).not.toBe(release.name);
  });

  it("says on every page that it is not Moodle", () => {
    const files = parseTar(gunzipSync(release.archive)).filter(({ name }) => /\.php$/.test(name));
    const pages = files.filter(({ name }) => /^(index|pluginfile|(login|course|mod)\/.*)\.php$/.test(name));
    expect(pages.map(({ name }) => name).sort()).toEqual([
      "course/view.php",
      "index.php",
      "login/index.php",
      "login/logout.php",
      "mod/assign/submit.php",
      "mod/resource/upload.php",
      "pluginfile.php",
    ]);
    for (const { text } of pages) expect(text).toMatch(/This is not Moodle|show_page\(/);
    expect(application["lib/visitor.php"]).toMatch(/function show_page\(.*This is not Moodle/s);
    expect(application["lib/setup.php"]).toMatch(/http_response_code\(503\);\n +exit\('This is not Moodle/);
  });
});
