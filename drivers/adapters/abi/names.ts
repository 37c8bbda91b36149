/** The contract's names as C spells them. */
import { BACK_END, INTERFACE_SHAPES, LIFE, PLATFORM, UPCALLS } from '#drivers/contract/shapes';
import type { Interface } from '#drivers/contract/manifest';
import type { Method, OneOf } from '#drivers/contract/shape';

/** Version of the ABI: that of functions, structures and their meaning. It stands in the name of the module that everything is imported from. */
export const ABI_VERSION = 1;
export const IMPORT_MODULE = `iommu_tck_${ABI_VERSION}`;

/** `attachDev` and `shared-owned` are `attach_dev` and `shared_owned`. */
export const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('-', '_');

/** Names of members that C cannot have: `errno` is a macro. */
const RENAMED: Readonly<Record<string, string>> = { errno: 'error' };
/** A field or parameter as a member of C. */
export const memberName = (field: string): string => RENAMED[field] ?? snake(field);

const shout = (name: string): string => snake(name).toUpperCase();

/** `TCK_PAGE_KIND_QUEUE`. */
export const constantOf = ({ name }: OneOf, member: string): string => `TCK_${shout(name)}_${shout(member)}`;
export const numberOf = ({ names, numbers }: OneOf, member: string): number => {
  const index = names.indexOf(member);
  return numbers?.[index] ?? index;
};

/** A function of C, and the method that it is. */
export interface CFunction {
  readonly name: string;
  /** What the method belongs to: an interface, or `platform`, `upcalls`, `backEnd`, `driver`. */
  readonly of: string;
  readonly member: string;
  readonly method: Method;
}

const functions = (of: string, prefix: string, methods: Readonly<Record<string, Method>>): readonly CFunction[] =>
  Object.entries(methods).map(([member, method]) => ({ name: `${prefix}${snake(member)}`, of, member, method }));

/** What a driver calls. */
export const IMPORTS: readonly CFunction[] = [
  ...functions('platform', 'tck_', PLATFORM),
  ...functions('upcalls', 'tck_', UPCALLS),
  ...functions('backEnd', 'tck_backend_', BACK_END),
];

const PREFIXES: Readonly<Record<Interface, string>> = { iommu: 'iommu_', iommufd: 'iommufd_', hyp: 'hyp_', 'cache-invalidate': '' };

/** What a driver defines, besides `driver_manifest`. */
export const EXPORTS: readonly CFunction[] = [
  ...functions('driver', 'driver_', LIFE),
  ...Object.entries(INTERFACE_SHAPES).flatMap(([name, methods]) => functions(name, PREFIXES[name as Interface], methods)),
];

/** Answers the manifest as text, in JSON. */
export const MANIFEST_EXPORT = 'driver_manifest';

/** Interfaces of which a driver need not have every method: what is not there is refused with `EOPNOTSUPP`. */
export const isPartial = (of: string): boolean => of === 'iommu';
