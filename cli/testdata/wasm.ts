/** Drivers as WebAssembly, from text: one that blocks every device and says yes to everything, with something else in place of a part. */
import { typeOf } from '#drivers/adapters/wasm/signatures';
import { EXPORTS, IMPORT_MODULE } from '#drivers/adapters/abi/names';
import { driver as toy } from '#drivers/toy/driver';

export interface Parts {
  /** Of `iommu_attach`, after the device is found to be d2. */
  readonly attach?: string;
  /** Instead of the manifest of a toy driver. */
  readonly manifest?: string;
  /** Instead of `(memory (export "memory") 2)`. */
  readonly memory?: string;
  /** Beside what it imports. */
  readonly imports?: string;
  /** Exports that it does not have. */
  readonly without?: readonly string[];
  /** Exports in other types: name and definition. */
  readonly instead?: Readonly<Record<string, string>>;
}

const MANIFEST = JSON.stringify({ ...toy.manifest, name: 'wat' });

/** Where the manifest lies, the request for the device table, and scratch. */
const MANIFEST_AT = 1024;
const REQUEST_AT = 64;

const METHODS = ['probe_device', 'release_device', 'domain_alloc', 'domain_free', 'attach', 'detach', 'map', 'unmap'] as const;

const params = (name: string): string => {
  const { method } = EXPORTS.find((one) => one.name === name)!;
  const [, list = ''] = /^\((.*?)\)/.exec(typeOf(method)) ?? [];
  return list === '' ? '' : `(param ${list.replaceAll(',', '')})`;
};

const yes = (name: string, body = ''): string => `(func (export "${name}") ${params(name)} (result i32) ${body} i32.const 0)`;

function bodyOf(method: (typeof METHODS)[number], attach: string): string {
  if (method === 'domain_alloc') return '(i32.store (local.get 1) (i32.const 1))';
  if (method === 'unmap') return '(i64.store (local.get 3) (local.get 2))';
  return method === 'attach' ? `(if (i32.eq (local.get 0) (i32.const 2)) (then ${attach}))` : '';
}

export function watOf({ attach = '', manifest = MANIFEST, memory = '(memory (export "memory") 2)', imports = '', without = [], instead = {} }: Parts): string {
  const data = manifest.replaceAll('"', '\\"');
  const functions: readonly (readonly [string, string])[] = [
    ['driver_manifest', `(func (export "driver_manifest") (result i32) i32.const ${MANIFEST_AT})`],
    // CONTROL: the table's address and the enable bit. The kind of a device table is 1.
    [
      'driver_start',
      yes(
        'driver_start',
        `(i32.store (i32.const ${REQUEST_AT + 16}) (i32.const 1))
         (drop (call $page_alloc (i32.const ${REQUEST_AT}) (i32.const 8)))
         (call $mmio_write64 (i32.const 0) (i32.const 0) (i64.or (i64.load (i32.const 8)) (i64.const 1)))`,
      ),
    ],
    ['driver_stop', yes('driver_stop', '(call $mmio_write64 (i32.const 0) (i32.const 0) (i64.const 0)) (call $page_free (i64.load (i32.const 8)) (i32.const 0))')],
    ...METHODS.map((method) => [`iommu_${method}`, yes(`iommu_${method}`, bodyOf(method, attach))] as const),
  ];
  const bodies = functions.filter(([name]) => !without.includes(name)).map(([name, text]) => instead[name] ?? text);
  return `(module
    (import "${IMPORT_MODULE}" "tck_mmio_write64" (func $mmio_write64 (param i32 i32 i64)))
    (import "${IMPORT_MODULE}" "tck_page_alloc" (func $page_alloc (param i32 i32) (result i32)))
    (import "${IMPORT_MODULE}" "tck_page_free" (func $page_free (param i64 i32)))
    (import "${IMPORT_MODULE}" "tck_lock" (func $lock (param i32)))
    ${imports}
    ${memory}
    ${memory === '' ? '' : `(data (i32.const ${MANIFEST_AT}) "${data}\\00")`}
    ${bodies.join('\n')})`;
}
