/** What the tests use of PHP in WebAssembly: its packages' own types do not resolve under Node's rules. */
declare module "@php-wasm/node-8-3" {
  export function getPHPLoaderModule(): Promise<unknown>;
}

declare module "@php-wasm/universal" {
  export function loadPHPRuntime(loader: unknown, options: object): Promise<number>;
  export class PHP {
    constructor(runtime: number);
    mkdir(path: string): void;
    writeFile(path: string, data: string | Uint8Array): void;
    readFileAsBuffer(path: string): Uint8Array;
    run(request: { readonly code: string }): Promise<{ readonly text: string; readonly errors: string }>;
    cli(arguments_: readonly string[]): Promise<{
      readonly exitCode: Promise<number>;
      readonly stdoutText: Promise<string>;
    }>;
  }
}
