/** Types of the contract, checked by `tsc --noEmit`; never run. */
import type { CACHE_INVALIDATE_METHODS, CacheInvalidate } from './cache-invalidate';
import { done, ok, refuse, type Answer, type DriverModule, type Result, type Started, type Surroundings } from './driver';
import type { HYP_METHODS, HypIommuDriver, KVM_IOMMU_OPS, KvmIommuOps } from './hyp';
import { NO_PASID, type DomainOrViommu, type DomainSpec, type Invalidated, type IOMMU_METHODS, type IommuDriver } from './iommu';
import type { Iommufd, IOMMUFD_METHODS } from './iommufd';
import type { Manifest } from './manifest';
import type { Platform, PLATFORM_METHODS } from './platform';
import type { AnswerOf, GivenBy, Method, Shape, ValueOf } from './shape';
import type { BACK_END, INTERFACE_SHAPES, PLATFORM, SURROUNDINGS, UPCALLS } from './shapes';
import type { DriverUpcalls, FaultEvent, UPCALL_METHODS } from './upcalls';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_Claim extends true>(): void => {};
const is = <T>(_value: T): void => {};

// Only numbers, bigints, strings, bytes and plain records cross.

type Leaf = number | bigint | string | boolean | null | undefined | void | Uint8Array;
type NotPlain<T> = T extends Leaf
  ? never
  : T extends readonly (infer Item)[]
    ? NotPlain<Item>
    : T extends (...args: never[]) => unknown
      ? T
      : T extends object
        ? { [K in keyof T]-?: NotPlain<T[K]> }[keyof T]
        : T;

/** What of a set of methods is not plain; never when all of it is. */
type NotFlat<Methods> = {
  [M in keyof Methods]: Methods[M] extends (...args: infer Args) => infer Given ? NotPlain<Args[number]> | NotPlain<Awaited<Given>> : M;
}[keyof Methods];
/** Methods with an argument that may be left out: text has no such place in a list. */
type Gaps<Methods> = {
  [M in keyof Methods]: Methods[M] extends (...args: infer Args) => unknown ? (Args extends Required<Args> ? never : M) : never;
}[keyof Methods];
type Crosses<Methods> = [NotFlat<Methods> | Gaps<Methods>] extends [never] ? true : false;

holds<Crosses<IommuDriver>>();
holds<Crosses<Iommufd>>();
holds<Crosses<HypIommuDriver>>();
holds<Crosses<CacheInvalidate>>();
holds<Crosses<KvmIommuOps>>();
holds<Crosses<DriverUpcalls>>();
holds<Crosses<Platform>>();
holds<Crosses<Pick<Started, 'stop'>>>();
holds<Same<NotPlain<Manifest>, never>>();
holds<Same<NotPlain<Surroundings['iommus']>, never>>();

// @ts-expect-error a function cannot cross
holds<Crosses<{ watch(each: () => void): Answer<null> }>>();
// @ts-expect-error nor in a record
holds<Crosses<{ open(): Answer<{ readonly read: () => number }> }>>();
// @ts-expect-error nor an object with methods
holds<Crosses<{ all(): Answer<Map<number, number>> }>>();
// @ts-expect-error an argument is there or it is a key of a record
holds<Crosses<{ alloc(type: number, data?: bigint): Answer<null> }>>();

// The lists of methods are whole.

holds<Same<(typeof IOMMU_METHODS)[number], keyof IommuDriver>>();
holds<Same<(typeof IOMMUFD_METHODS)[number], keyof Iommufd>>();
holds<Same<(typeof HYP_METHODS)[number], keyof HypIommuDriver>>();
holds<Same<(typeof CACHE_INVALIDATE_METHODS)[number], keyof CacheInvalidate>>();
holds<Same<(typeof KVM_IOMMU_OPS)[number], keyof KvmIommuOps>>();
holds<Same<(typeof UPCALL_METHODS)[number], keyof DriverUpcalls>>();
holds<Same<(typeof PLATFORM_METHODS)[number], keyof Platform>>();

// The platform answers at once, a driver at once or later.

holds<Same<ReturnType<Platform['pageAlloc']>, Result<bigint>>>();
holds<Same<ReturnType<DriverUpcalls['reportEvent']>, Result<null>>>();
holds<Same<ReturnType<IommuDriver['domainAlloc']>, Answer<number>>>();
holds<Same<ReturnType<DriverModule['start']>, Answer<Started>>>();

// The shapes are those of the interfaces: the same methods, and of each the same arguments and answers.

type Arguments<T> = T extends (...args: infer Args) => unknown ? { [I in keyof Args]: Args[I] } : never;
type Values<P extends Readonly<Record<string, Shape>>> = { [K in keyof P]: ValueOf<P[K]> }[keyof P];
type Given<T> = T extends (...args: never[]) => infer Answered ? Answered : never;
/** What fits both ways; a plain comparison would tell intersections and the records that they make apart. */
type Fits<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Unlike<Shapes extends Readonly<Record<string, Method>>, Methods> =
  | Exclude<keyof Shapes, keyof Methods>
  | Exclude<keyof Methods, keyof Shapes>
  | {
      [M in keyof Shapes & keyof Methods]: Fits<
        Values<Shapes[M]['params']>,
        Arguments<Methods[M]>[number & keyof Arguments<Methods[M]>]
      > extends true
        ? Fits<Given<Methods[M]>, AnswerOf<Shapes[M]>> extends true
          ? never
          : Fits<Given<Methods[M]>, GivenBy<Shapes[M]>> extends true
            ? never
            : M
        : M;
    }[keyof Shapes & keyof Methods];

holds<Same<Unlike<typeof PLATFORM, Platform>, never>>();
holds<Same<Unlike<typeof UPCALLS, DriverUpcalls>, never>>();
holds<Same<Unlike<typeof BACK_END, KvmIommuOps>, never>>();
holds<Same<Unlike<(typeof INTERFACE_SHAPES)['iommu'], IommuDriver>, never>>();
holds<Same<Unlike<(typeof INTERFACE_SHAPES)['iommufd'], Iommufd>, never>>();
holds<Same<Unlike<(typeof INTERFACE_SHAPES)['hyp'], HypIommuDriver>, never>>();
holds<Same<Unlike<(typeof INTERFACE_SHAPES)['cache-invalidate'], CacheInvalidate>, never>>();
holds<Fits<ValueOf<typeof SURROUNDINGS>['iommus'], Surroundings['iommus']>>();
holds<Same<keyof ValueOf<typeof SURROUNDINGS>, 'iommus' | 'scripted'>>();

// What is written down wrong.

is<Answer<null>>(Promise.resolve(done));
is<Answer<bigint>>(refuse('EINVAL'));
// @ts-expect-error a count of bytes is a bigint
is<Answer<bigint>>(ok(4096));
// @ts-expect-error no refusal has that name
refuse('EWRONG');
is<Invalidated>({ handled: 1, errno: 'EIO' });
// @ts-expect-error no refusal has that name
is<Invalidated>({ handled: 1, errno: 'EI0' });
is<DomainOrViommu>({ kind: 'viommu', handle: 1 });
// @ts-expect-error which of the two it is has to be said
is<DomainOrViommu>({ handle: 1 });
is<DomainSpec>({ type: 'nested', device: 1, flags: 0, data: { type: 1, address: 0x1000n, length: 24 } });
// @ts-expect-error a key is left out, not undefined
is<DomainSpec>({ type: 'paging', device: 1, flags: 0, parent: undefined });
// @ts-expect-error an address is a bigint
is<FaultEvent>({ device: 1, pasid: NO_PASID, cause: 'translation', iova: 0x1000 });
// @ts-expect-error each capability has an answer
is<Manifest['supports']>({ paging: true });
