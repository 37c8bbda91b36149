/** What a module imports and exports, with the types of its functions, held against the contract. */
import { decode } from '@webassemblyjs/wasm-parser';
import { INTERFACES } from '#drivers/contract/manifest';
import type { Interface } from '#drivers/contract/manifest';
import type { Method } from '#drivers/contract/shape';
import { UsageError } from '#drivers/usage';
import { signatureOf } from '../abi/layout';
import { EXPORTS, IMPORT_MODULE, IMPORTS, isPartial, MANIFEST_EXPORT } from '../abi/names';

/** `(i32, i64) -> i32`. */
type Type = string;

export interface Surface {
  readonly imports: readonly { readonly module: string; readonly name: string; readonly type: Type | undefined }[];
  /** Undefined for what is no function. */
  readonly exports: ReadonlyMap<string, Type | undefined>;
}

const show = (params: readonly string[], results: readonly string[]): Type =>
  `(${params.join(', ')}) -> ${results.length === 0 ? 'nothing' : results.join(', ')}`;

const LOWERED = { u32: 'i32', u64: 'i64', text: 'i32', struct: 'i32', items: 'i32' } as const;
const RETURNED = { errno: ['i32'], u32: ['i32'], u64: ['i64'], void: [] } as const;

/** The type that a method has in WebAssembly. */
export function typeOf(method: Method): Type {
  const { params, returns } = signatureOf(method);
  return show(
    params.map(({ pass, slot }) => (pass === 'value' ? LOWERED[slot.kind] : 'i32')),
    RETURNED[returns],
  );
}

interface Signature {
  readonly params: readonly { readonly valtype: string }[];
  readonly results: readonly string[];
}
interface Field {
  readonly type: string;
  readonly module?: string;
  readonly name?: string;
  readonly signature?: Signature;
  readonly descr?: {
    readonly type: string;
    readonly exportType?: string;
    readonly id?: { readonly value: number };
    readonly signature?: Signature;
  };
}

const typeText = ({ params, results }: Signature): Type =>
  show(
    params.map(({ valtype }) => valtype),
    results,
  );

interface Program {
  readonly body: readonly [{ readonly fields: readonly Field[] }];
}

function decoded(file: string, bytes: Uint8Array): Program {
  try {
    return decode(bytes, { ignoreCodeSection: true, ignoreDataSection: true, ignoreCustomNameSection: true }) as Program;
  } catch (error) {
    throw new UsageError(`${file}: it is more than WebAssembly 1.0 with a C compiler's additions: ${(error as Error).message}`);
  }
}

/** @param bytes Of a module that compiles. Throws `UsageError` for one that has what no driver needs. */
export function surfaceOf(file: string, bytes: Uint8Array): Surface {
  const program = decoded(file, bytes);
  const { fields } = program.body[0];
  const imported = fields.filter(({ type }) => type === 'ModuleImport');
  const own = fields.filter(({ type }) => type === 'Func');
  const isFunction = ({ descr }: Field): boolean => descr?.type === 'FuncImportDescr';
  const functions = [...imported.filter(isFunction).map(({ descr }) => descr!.signature!), ...own.map(({ signature }) => signature!)];
  return {
    imports: imported.map(({ module = '', name = '', descr }) => ({
      module,
      name,
      type: descr?.signature && typeText(descr.signature),
    })),
    exports: new Map(
      fields
        .filter(({ type }) => type === 'ModuleExport')
        .map(({ name = '', descr }) => {
          const signature = descr?.exportType === 'Func' ? functions[descr.id!.value] : undefined;
          return [name, signature && typeText(signature)];
        }),
    ),
  };
}

/** Whatever a module imports, the suite must offer; nothing else may be reached from it. Throws `UsageError`. */
export function checkImports(file: string, { imports }: Surface): void {
  for (const { module, name, type } of imports) {
    const offered = IMPORTS.find((one) => one.name === name);
    if (module !== IMPORT_MODULE)
      throw new UsageError(`${file}: it imports ${name} from "${module}"; a driver has ${IMPORT_MODULE} and nothing else`);
    if (offered === undefined)
      throw new UsageError(`${file}: it imports ${name}, which ${IMPORT_MODULE} does not have; see include/iommu_tck.h`);
    const wanted = typeOf(offered.method);
    if (type !== wanted) throw new UsageError(`${file}: it imports ${name} as ${type ?? 'no function'}, which is ${wanted}`);
  }
}

/** The memory and the manifest, which everything else is read from. Throws `UsageError`. */
export function checkGround(file: string, { exports }: Surface): void {
  if (!exports.has('memory')) throw new UsageError(`${file}: it exports no memory; link it with its memory exported`);
  checkExport(file, exports, MANIFEST_EXPORT, '() -> i32', 'every driver has');
}

/** Everything that the manifest promises. Throws `UsageError`. */
export function checkExports(file: string, { exports }: Surface, interfaces: readonly Interface[]): void {
  for (const { name, of, method } of EXPORTS) {
    const isNeeded = of === 'driver' || interfaces.includes(of as Interface);
    if (!isNeeded || (isPartial(of) && !exports.has(name))) continue;
    checkExport(file, exports, name, typeOf(method), of === 'driver' ? 'every driver has' : `a driver that implements ${of} has`);
  }
  for (const name of interfaces.filter(isPartial))
    if (!EXPORTS.some((one) => one.of === name && exports.has(one.name)))
      throw new UsageError(`${file}: its manifest implements ${name}, and it exports no method of it`);
  const known = new Set(EXPORTS.map(({ name }) => name));
  const prefixes = INTERFACES.map((name) => `${name}_`);
  const stray = [...exports.keys()].find((name) => !known.has(name) && prefixes.some((prefix) => name.startsWith(prefix)));
  if (stray !== undefined)
    throw new UsageError(`${file}: it exports ${stray}, which is no method of the contract; see include/iommu_tck.h`);
}

function checkExport(file: string, exports: Surface['exports'], name: string, wanted: Type, why: string): void {
  if (!exports.has(name)) throw new UsageError(`${file}: it does not export ${name}, which ${why}`);
  const type = exports.get(name);
  if (type !== wanted) throw new UsageError(`${file}: it exports ${name} as ${type ?? 'no function'}, which is ${wanted}`);
}
