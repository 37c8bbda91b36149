/** The verbs of `IommuDriver`. */
import { NO_PASID, type Gather, type IommuDriver, type Protection, type Unmapped } from '#drivers/contract/iommu';
import { PAGE_SIZE } from '#hw-models/core/address';
import type { PageResponse } from '#drivers/contract/upcalls';
import { hex } from '#hw-models/core/hex';
import { done } from '#hw-models/core/result';
import type { Bench, Gathered } from './bench';
import { nothingHeldFor } from './held';
import { arrayOf, systemOf } from './systems/systems';
import type { Rows } from './systems/system';
import { placed, type GuestArray, type PlainData } from './user-data';
import { NotApplicable } from './outcomes';
import { bitsOf, frame, showRange as range, verb, type Range, type Sender } from './verb';

const iommu = (bench: Bench): IommuDriver => {
  if (bench.iommu === undefined) throw new NotApplicable(`${bench.module.manifest.name} does not implement IommuDriver`);
  return bench.iommu;
};

/** Handle of a domain by its name; one that no driver gave out when the name is unknown. */
const handle = (bench: Bench, name: string): number => bench.handles.get(name) ?? 0xdead;

type AllocatedType = 'paging' | 'nested' | 'identity' | 'blocked';

/** What an allocation may have besides its flags: the parent by name, and bytes of the user. */
export interface AllocatedMore {
  readonly parent?: string;
  readonly data?: PlainData;
  /** Instead of the bytes: what a guest's context has besides the GPA of its tables. */
  readonly context?: { readonly tables: bigint; readonly rows: Rows };
}

const dataOf = (bench: Bench, { data, context }: AllocatedMore): PlainData | undefined =>
  context === undefined ? data : systemOf(bench).nestedData(context.tables, context.rows);

/** What a call is about besides its device: a PASID, where there is one. */
const withPasid = (device: number, pasid: number | undefined): string =>
  pasid === undefined ? `d${device}` : `d${device} with PASID ${pasid}`;

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
    call: (bench, name, device, type, flags = 0, more = {}) => {
      const { parent } = more;
      const data = dataOf(bench, more);
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
  attach: verb<[device: number, name: string, pasid?: number]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, name, pasid) => `attach(${withPasid(device, pasid)}, ${name})`,
    call: (bench, device, name, pasid = NO_PASID) => iommu(bench).attach(device, handle(bench, name), pasid),
    grants: (bench, device, name, pasid) => bench.grants.attach(bench.machine.requestersWith(device, pasid), name),
  }),
  detach: verb<[device: number, name: string, pasid?: number]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, name, pasid) => `detach(${withPasid(device, pasid)}, ${name})`,
    call: (bench, device, name, pasid = NO_PASID) => iommu(bench).detach(device, handle(bench, name), pasid),
    grants: (bench, device, _name, pasid) => bench.grants.detach(bench.machine.requestersWith(device, pasid)),
  }),
  replace: verb<[device: number, name: string, pasid?: number]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, name, pasid) => `replace(${withPasid(device, pasid)}, ${name})`,
    call: (bench, device, name, pasid = NO_PASID) => iommu(bench).replace(device, handle(bench, name), pasid),
    grants: (bench, device, name, pasid) =>
      bench.grants.replace(bench.machine.requestersWith(device, pasid), name, bench.module.manifest.supports.hitless),
  }),
  /** Of a replacement that has to be hitless whatever else the driver says of itself. */
  replaceHitless: verb<[device: number, name: string, pasid?: number]>({
    answers: 'nothing',
    device: (device) => device,
    say: (device, name, pasid) => `replace(${withPasid(device, pasid)}, ${name}), without an interval`,
    call: (bench, device, name, pasid = NO_PASID) => iommu(bench).replace(device, handle(bench, name), pasid),
    grants: (bench, device, name, pasid) => bench.grants.replace(bench.machine.requestersWith(device, pasid), name, true),
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
  invalidate: verb<[name: string, array: GuestArray | Rows]>({
    answers: 'invalidated',
    say: (name, array) => `cacheInvalidate(${name}, ${'data' in array ? array.entries : array.length} entries)`,
    call: (bench, name, given) => {
      const { data, length: entryLength, entries } = 'data' in given ? given : arrayOf(systemOf(bench), given);
      const { type, address } = placed(bench, data);
      return iommu(bench).cacheInvalidate({ kind: 'domain', handle: handle(bench, name) }, { type, address, entryLength, entries });
    },
  }),
  trackDirty: verb<[name: string, enable: boolean]>({
    answers: 'nothing',
    say: (name, enable) => `setDirtyTracking(${name}, ${enable ? 'on' : 'off'})`,
    call: (bench, name, enable) => iommu(bench).setDirtyTracking(handle(bench, name), enable),
  }),
  readDirty: verb<[name: string, where: Range, clear: boolean]>({
    answers: 'bytes',
    say: (name, where, clear) => `readAndClearDirty(${name}, ${range(where)}${clear ? '' : ', without clearing'})`,
    call: (bench, name, { iova, size }, clear) =>
      iommu(bench).readAndClearDirty(handle(bench, name), { iova, size, pageSize: PAGE_SIZE, clear }),
  }),
  enforceCoherency: verb<[name: string]>({
    answers: 'yes or no',
    say: (name) => `enforceCoherency(${name})`,
    call: (bench, name) => iommu(bench).enforceCoherency(handle(bench, name)),
  }),
  reserved: verb<[device: number]>({
    answers: 'regions',
    device: (device) => device,
    say: (device) => `reservedRegions(d${device})`,
    call: (bench, device) => iommu(bench).reservedRegions(device),
  }),
  respond: verb<[sender: Sender, group: number, code: PageResponse['code']]>({
    answers: 'nothing',
    say: ({ device, pasid }, group, code) => `pageResponse(${withPasid(device, pasid)}, group ${group}, ${code})`,
    call: (bench, { device, pasid = NO_PASID }, group, code) => iommu(bench).pageResponse({ device, pasid, group, code }),
  }),
  /** Only if the interrupt was raised: nobody would call the driver else. */
  serve: verb<[index: number, line: string]>({
    answers: 'nothing',
    say: (index, line) => `irq(IOMMU ${index}, ${line})`,
    call: (bench, index, line) => {
      const { interrupts } = bench.machine;
      const at = interrupts.findIndex((raised) => raised.iommu === index && raised.line === line);
      if (at === -1) return done;
      interrupts.splice(at, 1);
      return iommu(bench).irq(index, line);
    },
  }),
  irq: verb<[index: number, line: string]>({
    answers: 'nothing',
    say: (index, line) => `irq(IOMMU ${index}, ${line})`,
    call: (bench, index, line) => iommu(bench).irq(index, line),
  }),
} as const;
