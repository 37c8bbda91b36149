/** What the adapter uses of WebAssembly: Node's own types have it only together with a browser's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): readonly { readonly name: string }[];
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Exports;
  }
  type Exports = Readonly<Record<string, unknown>>;
  class Memory {
    readonly buffer: ArrayBuffer;
    /** @returns Pages before. */
    grow(pages: number): number;
  }
  function validate(bytes: Uint8Array): boolean;
  class RuntimeError extends Error {}
  class Global {
    value: unknown;
  }
}

declare module '@webassemblyjs/wasm-parser' {
  function decode(bytes: Uint8Array, options: Readonly<Record<string, boolean>>): unknown;
}
