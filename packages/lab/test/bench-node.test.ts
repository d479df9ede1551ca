/** How the benchmark's programs come to a node and back. */
import { execFileSync } from "node:child_process";
import { answerOf, labNode, phpOnNode } from "@warden/lab/bench/node";
import { describe, expect, it } from "vitest";
import * as z from "zod";

const shell = async (script: string): Promise<string> => execFileSync("sh", ["-euc", script], { encoding: "utf8" });
const lab = labNode(shell, "<?php");

describe("a program on a node", () => {
  it("comes as it is, with options as they are", async () => {
    const source = "<?php // $HOME `date` \\ 'one' \"two\"\nEOF\n";
    const options = ["it's", "two words", '$HOME "', "", "--verb"];
    // Stands for PHP: says what it reads, and its options.
    const node = { ...lab, code: "/srv/code", php: `sh -c 'cat; printf "<%s>" "$@"' sh` };
    expect(await phpOnNode(node, source, options)).toBe(
      `${source}\n<-->${["/srv/code", ...options].map((option) => `<${option}>`).join("")}`,
    );
  });

  it("answers in its last line, whatever Moodle said before", () => {
    const answer = z.object({ one: z.number() });
    expect(answerOf('PHP Notice: x\n{"one":2}\n{"one":1}\n', answer)).toEqual({ one: 1 });
    expect(() => answerOf('{"one":1}\nException - gone\n', answer)).toThrow("printed no answer: ");
    expect(() => answerOf('{"one":"1"}\n', answer)).toThrow("printed no answer: ");
    expect(() => answerOf("", answer)).toThrow("printed no answer: ");
  });
});

describe("a node of the lab", () => {
  it("starts again what it had stopped, and no other timer", async () => {
    expect(lab.resume("warden-cron@1.timer\nwarden-cron@2.timer\n")).toBe(
      "systemctl start warden-cron@1.timer warden-cron@2.timer",
    );
    expect(await shell(lab.resume("\n"))).toBe("");
  });

  it("has scripts that a plain shell reads", () => {
    for (const script of [lab.calm, lab.restart])
      expect(execFileSync("sh", ["-nc", script], { encoding: "utf8" })).toBe("");
  });
});
