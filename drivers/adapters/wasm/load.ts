/** `wasm:<file>`: a driver that is a WebAssembly module. It can reach the platform port and nothing else: no file, no network, no clock. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { ok } from '#hw-models/core/result';
import { OFFERED } from '#drivers/contract/driver';
import type { DriverModule, Started } from '#drivers/contract/driver';
import { checkModule, parseManifest } from '#drivers/module';
import { UsageError } from '#drivers/usage';
import { isPartial, MANIFEST_EXPORT } from '../abi/names';
import { Instance } from './instance';
import { limit } from './limits';
import { checkExports, checkGround, checkImports, surfaceOf } from './signatures';

// With it, baseline code looks whether it is to be ended only every ten thousands of turns of a loop: one that fills memory would go on
// for minutes after its lane was given up.
setFlagsFromString('--no-wasm-dynamic-tiering');

/** @param name As the person typed it, for messages. Throws `UsageError`. */
export function loadWasm(path: string, name: string): DriverModule {
  const bytes = readFileSync(path);
  if (!WebAssembly.validate(bytes)) compiled(bytes, name);
  const module = compiled(limit(bytes, name), name);
  const surface = surfaceOf(name, bytes);
  checkImports(name, surface);
  checkGround(name, surface);
  const { manifest } = checkModule(name, { driver: { manifest: manifestOf(module, name), start: () => undefined } });
  checkExports(name, surface, manifest.implements);
  return {
    manifest,
    start: (platform, surroundings) => {
      const machine = { platform, surroundings };
      const instance = new Instance(module, machine);
      const answer = instance.start(machine);
      if (!answer.ok) return answer;
      const interfaces = manifest.implements.map((of) => [OFFERED[of].field, instance.methodsOf(of, isPartial(of))]);
      return ok({ ...Object.fromEntries(interfaces), stop: () => instance.stop() } as Started);
    },
  };
}

function compiled(bytes: Uint8Array, name: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw new UsageError(`${name}: is no WebAssembly module: ${(error as Error).message}`);
  }
}

/** Asking runs code of the driver. */
function manifestOf(module: WebAssembly.Module, name: string): unknown {
  try {
    const instance = new Instance(module);
    const at = (instance.exports[MANIFEST_EXPORT] as () => number)() >>> 0;
    return parseManifest(instance.memory.manifest(at, `what ${MANIFEST_EXPORT} returned`), name);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${name}: cannot be asked for its manifest: ${(error as Error).message}`);
  }
}
