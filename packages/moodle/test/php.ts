/** Real PHP, as WebAssembly: what a generated file means is what PHP makes of it. */
import { getPHPLoaderModule } from "@php-wasm/node-8-3";
import { loadPHPRuntime, PHP } from "@php-wasm/universal";

export interface RealPhp {
  write(path: string, source: string): void;
  /** What the code prints, read as JSON. */
  evaluate(code: string): Promise<unknown>;
  /** `php -l`: its words when the file is wrong, else undefined. */
  lint(path: string): Promise<string | undefined>;
}

export async function realPhp(): Promise<RealPhp> {
  const php = new PHP(await loadPHPRuntime(await getPHPLoaderModule(), {}));
  return {
    write(path, source) {
      php.mkdir(path.slice(0, path.lastIndexOf("/")) || "/");
      php.writeFile(path, source);
    },
    async evaluate(code) {
      const { text, errors } = await php.run({ code: `<?php ${code}` });
      if (errors !== "") throw new Error(errors);
      return JSON.parse(text);
    },
    async lint(path) {
      // `cli` ends its runtime: it gets one of its own, with the one file.
      const other = new PHP(await loadPHPRuntime(await getPHPLoaderModule(), {}));
      other.writeFile("/file.php", php.readFileAsBuffer(path));
      const answer = await other.cli(["php", "-l", "/file.php"]);
      return (await answer.exitCode) === 0 ? undefined : await answer.stdoutText;
    },
  };
}
