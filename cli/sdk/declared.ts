/** The structures and sets of names of the contract, each once and after what it is made of. */
import { EXPORTS, IMPORTS } from '#drivers/adapters/abi/names';
import type { CFunction } from '#drivers/adapters/abi/names';
import { isStruct, structOf } from '#drivers/adapters/abi/layout';
import type { Method, OneOf, RecordShape, Shape, Union } from '#drivers/contract/shape';
import { SURROUNDINGS } from '#drivers/contract/shapes';
import type { Comments } from './comments';

export interface Declared {
  readonly names: readonly OneOf[];
  readonly structs: readonly (RecordShape | Union)[];
}

export function declared(): Declared {
  const names = new Map<string, OneOf>();
  const structs = new Map<string, RecordShape | Union>();
  const visit = (shape: Shape): void => {
    if (shape.kind === 'oneOf') names.set(shape.name, shape);
    else if (shape.kind === 'list') visit(shape.of);
    else if (isStruct(shape)) {
      for (const { shape: member } of structOf(shape).members) visit(member);
      structs.set(shape.name, shape);
    }
  };
  const methods: readonly Method[] = [...IMPORTS, ...EXPORTS].map(({ method }) => method);
  for (const { params, gives } of methods) for (const shape of [...Object.values(params), gives]) visit(shape);
  visit(SURROUNDINGS);
  return { names: [...names.values()], structs: [...structs.values()] };
}

/** `page_request` as the contract writes it: `PageRequest`. */
export const typeName = (name: string): string => name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** In which interface of the contract a method stands, for its comment. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  platform: ['MemoryPort', 'MmioPort', 'ResourcePort', 'CpuPort', 'UserPort', 'HypPort'],
  upcalls: ['DriverUpcalls'],
  backEnd: ['KvmIommuOps'],
  driver: ['DriverModule', 'Started'],
  iommu: ['IommuDriver'],
  iommufd: ['Iommufd'],
  hyp: ['HypIommuDriver'],
  'cache-invalidate': ['CacheInvalidate'],
};

/** What TypeScript says in other words, since there a driver is made anew by each start. */
const OTHERWISE: Readonly<Record<string, string>> = {
  driver_start:
    'Brings the hardware up. From its answer on the sanitizer holds the driver to its grants. `ENOMEM`, `ENODEV`.\n\nCalled for each scenario, on another machine each time: it sets everything that the driver keeps.',
};

/** The words about a function. */
export const wordsOf = ({ name, of, member }: CFunction, comments: Comments): string | undefined =>
  OTHERWISE[name] ?? (OWNERS[of] ?? []).map((owner) => comments.get(`${owner}.${member}`)).find((found) => found !== undefined);
