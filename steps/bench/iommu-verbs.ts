/** The verbs of `IommuDriver`. */
import { NO_PASID, type Gather, type IommuDriver, type Protection, type Unmapped } from '#drivers/contract/iommu';
import { hex } from '#hw-models/core/hex';
import type { Bench, Gathered } from './bench';
import { NOTHING_TO_SETTLE } from './grants';
import { nothingHeldFor } from './held';
import { placed, type PlainData } from './user-data';
import { NotApplicable } from './outcomes';
import { bitsOf, frame, showRange as range, verb, type Range } from './verb';

const iommu = (bench: Bench): IommuDriver => {
  if (bench.started.iommu === undefined) throw new NotApplicable(`${bench.module.manifest.name} does not implement IommuDriver`);
  return bench.started.iommu;
};

/** Handle of a domain by its name; one that no driver gave out when the name is unknown. */
const handle = (bench: Bench, name: string): number => bench.handles.get(name) ?? 0xdead;

type AllocatedType = 'paging' | 'nested' | 'identity' | 'blocked';

/** What an allocation may have besides its flags: the parent by name, and bytes of the user. */
export interface AllocatedMore {
  readonly parent?: string;
  readonly data?: PlainData;
}

/** An array of raw entries. */
export interface GuestArray {
  readonly data: PlainData & { readonly entries: number };
  /** What the caller says that an entry has, in bytes. */
  readonly length: number;
}

/** What was unmapped in a domain and waits for its `iotlbSync`, oldest first. */
const gathersOf = (bench: Bench, name: string): readonly Gathered[] => bench.gathers.get(name) ?? [];
const NOTHING_GATHERED: Gather = { start: 0n, last: 0n, handle: 0 };

export const IOMMU_VERBS = {
  probe: verb<[device: number]>({
    answers: 'nothing',
    say: (device) => `probeDevice(d${device})`,
    call: (bench, device) => iommu(bench).probeDevice(bench.describe(device)),
    took: (bench, _value, device) => void bench.probed.add(device),
  }),
  release: verb<[device: number]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device) => `releaseDevice(d${device})`,
    call: (bench, device) => iommu(bench).releaseDevice(device),
    grants: (bench, device) => bench.grants.detach(bench.machine.requestersOf(device)),
    took: (bench, _value, device) => {
      nothingHeldFor(bench, { kind: 'device', handle: device }, `releaseDevice(d${device})`);
      bench.probed.delete(device);
    },
  }),
  alloc: verb<[name: string, device: number, type: AllocatedType, flags?: number, more?: AllocatedMore]>({
    answers: 'handle',
    device: (_name, device) => device,
    say: (name, device, type, flags = 0, { parent } = {}) =>
      `domainAlloc(${name}: ${type}${flags === 0 ? '' : ` with flags ${hex(flags)}`}${parent === undefined ? '' : ` on ${parent}`}, for d${device})`,
    call: (bench, name, device, type, flags = 0, { parent, data } = {}) => {
      const user = data && placed(bench, data);
      if (user !== undefined) bench.madeFrom.set(name, user);
      return iommu(bench).domainAlloc({
        type,
        device,
        flags,
        ...(parent !== undefined && { parent: { kind: 'domain', handle: handle(bench, parent) } }),
        ...(user !== undefined && { data: user }),
      });
    },
    took: (bench, value, name, _device, type, _flags, { parent } = {}) => {
      bench.handles.set(name, value as number);
      bench.grants.create(name, { identity: type === 'identity', parent: type === 'nested' ? parent : undefined });
    },
  }),
  free: verb<[name: string]>({
    answers: 'nothing',
    say: (name) => `domainFree(${name})`,
    call: (bench, name) => iommu(bench).domainFree(handle(bench, name)),
    took: (bench, _value, name) => {
      bench.grants.destroy(name);
      nothingHeldFor(bench, { kind: 'domain', handle: handle(bench, name) }, `domainFree(${name})`);
      bench.handles.delete(name);
      bench.gathers.delete(name);
    },
  }),
  attach: verb<[device: number, name: string]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, name) => `attach(d${device}, ${name})`,
    call: (bench, device, name) => iommu(bench).attach(device, handle(bench, name), NO_PASID),
    grants: (bench, device, name) => bench.grants.attach(bench.machine.requestersOf(device), name),
  }),
  detach: verb<[device: number, name: string]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, name) => `detach(d${device}, ${name})`,
    call: (bench, device, name) => iommu(bench).detach(device, handle(bench, name), NO_PASID),
    grants: (bench, device) => bench.grants.detach(bench.machine.requestersOf(device)),
  }),
  replace: verb<[device: number, name: string]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, name) => `replace(d${device}, ${name})`,
    call: (bench, device, name) => iommu(bench).replace(device, handle(bench, name), NO_PASID),
    grants: (bench, device, name) => bench.grants.replace(bench.machine.requestersOf(device), name, bench.module.manifest.supports.hitless),
  }),
  /** Of a replacement that has to be hitless whatever else the driver says of itself. */
  replaceHitless: verb<[device: number, name: string]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, name) => `replace(d${device}, ${name}), without an interval`,
    call: (bench, device, name) => iommu(bench).replace(device, handle(bench, name), NO_PASID),
    grants: (bench, device, name) => bench.grants.replace(bench.machine.requestersOf(device), name, true),
  }),
  map: verb<[name: string, where: Range, pa: bigint, prot: Protection]>({
    answers: 'nothing',
    say: (name, where, pa) => `map(${name}, ${range(where)} to 0x${pa.toString(16)})`,
    call: (bench, name, { iova, size }, pa, prot) => iommu(bench).map(handle(bench, name), { iova, pa, size, prot }),
    grants: (bench, name, { iova, size }, pa, prot) => bench.grants.map(name, frame(iova), frame(size), frame(pa), bitsOf(prot)),
  }),
  unmap: verb<[name: string, where: Range]>({
    answers: 'bigint',
    say: (name, where) => `unmap(${name}, ${range(where)})`,
    call: (bench, name, { iova, size }) => iommu(bench).unmap(handle(bench, name), iova, size),
    took: (bench, value, name, { iova, size }) => bench.grants.unmapped(name, frame(iova), frame(size), value as bigint),
  }),
  unmapPages: verb<[name: string, where: Range]>({
    answers: 'unmapped',
    say: (name, where) => `unmapPages(${name}, ${range(where)})`,
    call: (bench, name, { iova, size }) => iommu(bench).unmapPages(handle(bench, name), iova, size),
    took: (bench, value, name, where) => bench.gathers.set(name, [...gathersOf(bench, name), { ...(value as Unmapped), where }]),
  }),
  sync: verb<[name: string]>({
    answers: 'nothing',
    say: (name) => `iotlbSync(${name})`,
    call: (bench, name) => iommu(bench).iotlbSync(handle(bench, name), gathersOf(bench, name)[0]?.gather ?? NOTHING_GATHERED),
    took: (bench, _value, name) => {
      const [synced, ...others] = gathersOf(bench, name);
      bench.gathers.set(name, others);
      if (synced !== undefined) bench.grants.unmapped(name, frame(synced.where.iova), frame(synced.where.size), synced.size);
    },
  }),
  phys: verb<[name: string, iova: bigint]>({
    answers: 'bigint',
    say: (name, iova) => `iovaToPhys(${name}, 0x${iova.toString(16)})`,
    call: (bench, name, iova) => iommu(bench).iovaToPhys(handle(bench, name), iova),
  }),
  hwInfo: verb<[device: number, type: number]>({
    answers: 'hardware info',
    device: (device) => device,
    say: (device, type) => `hwInfo(d${device}, type ${type})`,
    call: (bench, device, type) => iommu(bench).hwInfo(device, type),
  }),
  info: verb<[name: string]>({
    answers: 'domain info',
    say: (name) => `domainInfo(${name})`,
    call: (bench, name) => iommu(bench).domainInfo(handle(bench, name)),
  }),
  invalidate: verb<[name: string, array: GuestArray]>({
    answers: 'invalidated',
    say: (name, { data: { entries } }) => `cacheInvalidate(${name}, ${entries} entries)`,
    call: (bench, name, { data, length }) => {
      const { type, address } = placed(bench, data);
      const array = { type, address, entryLength: length, entries: data.entries };
      return iommu(bench).cacheInvalidate({ kind: 'domain', handle: handle(bench, name) }, array);
    },
  }),
  trackDirty: verb<[name: string, enable: boolean]>({
    answers: 'nothing',
    say: (name, enable) => `setDirtyTracking(${name}, ${enable ? 'on' : 'off'})`,
    call: (bench, name, enable) => iommu(bench).setDirtyTracking(handle(bench, name), enable),
  }),
  attachPasid: verb<[device: number, pasid: number, name: string]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, pasid, name) => `attach(d${device} with PASID ${pasid}, ${name})`,
    call: (bench, device, pasid, name) => iommu(bench).attach(device, handle(bench, name), pasid),
    grants: () => NOTHING_TO_SETTLE,
  }),
} as const;
