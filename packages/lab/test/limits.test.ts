/** What is written to a control group, in version 1 and version 2, into folders that stand for one. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freezeGroup, thawGroup } from "@warden/lab/control-groups";
import { sizeOf } from "@warden/lab/instance-types";
import { limitGroup, limitsOf } from "@warden/lab/limits";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "test-limits-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A tree with a group in it. @returns the group's folder */
function tree(name: string, above: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): string {
  const group = join(folder, name, "group");
  mkdirSync(group, { recursive: true });
  for (const [file, text] of Object.entries(above)) writeFileSync(join(folder, name, file), text);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(group, file), text);
  return group;
}
const filesOf = (path: string) =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), "utf8")]));

const limits = { processors: 1.5, memory: 2 ** 31 };
const unlimited = "9223372036854771712\n";
const one = () => [
  tree("memory", {}, { "memory.limit_in_bytes": unlimited, "memory.memsw.limit_in_bytes": unlimited }),
  tree("cpu", {}, { "cpu.cfs_period_us": "100000\n", "cpu.cfs_quota_us": "-1\n" }),
  tree("freezer", {}, { "freezer.state": "THAWED\n" }),
];
const above = { "cgroup.controllers": "cpuset cpu io memory\n", "cgroup.subtree_control": "cpu\n" };
const two = () =>
  tree("unified", above, {
    ...{ "memory.max": "max\n", "memory.swap.max": "max\n", "cpu.max": "max 100000\n", "cgroup.freeze": "0\n" },
  });

describe("limits", () => {
  it("in version 1 are each in the tree of its controller", () => {
    const group = one();
    expect(limitsOf(group)).toEqual({});
    limitGroup(group, limits);
    expect(group.map(filesOf)).toEqual([
      { "memory.limit_in_bytes": "2147483648", "memory.memsw.limit_in_bytes": "2147483648" },
      { "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "150000" },
      { "freezer.state": "THAWED\n" },
    ]);
    expect(limitsOf(group)).toEqual(limits);
  });

  it("in version 2 need what the group above hands on, and leave no swap", () => {
    const group = two();
    expect(limitsOf([group])).toEqual({});
    limitGroup([group], limits);
    expect(filesOf(group)).toMatchObject({
      ...{ "memory.max": "2147483648", "memory.swap.max": "0", "cpu.max": "150000 100000" },
    });
    expect(readFileSync(join(group, "../cgroup.subtree_control"), "utf8")).toBe("+memory");
    expect(limitsOf([group])).toEqual(limits);
  });

  it("are none where there is no controller, and nothing is made up", () => {
    const group = tree("unified", { "cgroup.controllers": "hugetlb\n", "cgroup.subtree_control": "\n" }, {});
    limitGroup([group], limits);
    expect(filesOf(group)).toEqual({});
    expect(readFileSync(join(group, "../cgroup.subtree_control"), "utf8")).toBe("\n");
    expect(limitsOf([group])).toEqual({});
  });

  it("are none where the group above can hand nothing on", () => {
    const group = tree("unified", { "cgroup.controllers": "memory\n" }, {});
    // Read as if it were not there, and nobody can write to it.
    symlinkSync("/dev/null/nowhere", join(group, "../cgroup.subtree_control"));
    limitGroup([group], limits);
    expect(limitsOf([group])).toEqual({});
  });
});

describe("a group is frozen", () => {
  it("by version 2 alone where both are there: what is frozen twice has to be thawed twice", () => {
    const [freezer = "", unified] = [one()[2], two()];
    freezeGroup([freezer, unified]);
    expect([filesOf(freezer)["freezer.state"], filesOf(unified)["cgroup.freeze"]]).toEqual(["THAWED\n", "1"]);
    thawGroup([freezer, unified]);
    expect(filesOf(unified)["cgroup.freeze"]).toBe("0");
  });

  it("by version 1 where there is no other", () => {
    const group = one();
    freezeGroup(group);
    expect(filesOf(group[2] ?? "")).toEqual({ "freezer.state": "FROZEN" });
    thawGroup(group);
    expect(filesOf(group[2] ?? "")).toEqual({ "freezer.state": "THAWED" });
  });
});

describe("the size of a machine", () => {
  it.each([
    ["t4g.nano", 2, 0.5],
    ["t3.small", 2, 2],
    ["t4g.medium", 2, 4],
    ["t3a.2xlarge", 8, 32],
  ])("of %s is EC2's", (type, processors, memory) => {
    expect(sizeOf(type).limits).toEqual({ processors, memory: memory * 2 ** 30 });
  });

  it("of another type is refused, with what to do", () => {
    expect(() => sizeOf("m7g.large")).toThrow("give the launch template one of t3, t3a or t4g");
    expect(() => sizeOf("t4g.toString")).toThrow("t4g.toString");
  });
});
