/** WebAssembly from text. For tests. */
import wabt from 'wabt';

type Features = NonNullable<Parameters<Awaited<ReturnType<typeof wabt>>['parseWat']>[2]>;

/** Made once: it takes longer than what it assembles. */
let assembler: ReturnType<typeof wabt> | undefined;

/**
 * The bytes of a module that compiles.
 * @param features Those beyond the ordinary ones.
 * @param isPadded Lengths and counts are as long as a linker writes them, five bytes each.
 */
export async function assemble(wat: string, features: Features = {}, isPadded = false): Promise<Uint8Array> {
  const module = (await (assembler ??= wabt())).parseWat('module.wat', wat, features);
  module.resolveNames();
  // Its types know of no argument.
  const validate: (features: Features) => void = module.validate.bind(module);
  validate(features);
  return module.toBinary({ canonicalize_lebs: !isPadded }).buffer;
}

/** The exports of an instance that imports nothing. */
export const exportsOf = (bytes: Uint8Array): WebAssembly.Exports => new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports;

/** A memory of its own. @param pages Of 64 KiB. */
export const memoryOf = async (pages: number): Promise<WebAssembly.Memory> =>
  exportsOf(await assemble(`(module (memory (export "memory") ${pages}))`))['memory'] as WebAssembly.Memory;
