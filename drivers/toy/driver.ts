/** The toy IOMMU's reference driver: the smallest driver that keeps every common rule. Copy it to begin your own. */
import { done, ok, refuse, type DriverModule, type Platform, type Result, type Started } from '#drivers/contract/driver';
import { NO_PASID, type DeviceDescription, type DomainInfo, type DomainSpec, type Mapping } from '#drivers/contract/iommu';
import {
  Command,
  Control,
  DEVICES,
  DEVICE_ENTRY_WORDS,
  DeviceEntry,
  DeviceRoot,
  INPUT_END,
  MAP,
  Status,
  TableEntry,
} from '#hw-models/toy/layouts';
import { unsupported } from '#drivers/contract/unsupported';

const PAGE = 4096n;
const SECTION = 1n << 21n;
const LAST_SPACE = 65_535;
const TIMEOUT_US = 1000;

interface Domain {
  readonly handle: number;
  readonly object: number;
  readonly space: number;
  readonly root: bigint;
  readonly devices: Set<number>;
}

class ToyDriver {
  readonly #platform: Platform;
  readonly #deviceTable: bigint;
  readonly #devices = new Map<number, number>();
  readonly #domains = new Map<number, Domain>();
  readonly #attached = new Map<number, number>();
  #next = 1;

  constructor(platform: Platform, deviceTable: bigint) {
    this.#platform = platform;
    this.#deviceTable = deviceTable;
    platform.barrier();
    platform.mmioWrite64(0, MAP.control.at, Control.encode({ table: deviceTable >> 12n, enable: true }));
  }

  stop(): Result<null> {
    this.#platform.mmioWrite64(0, MAP.control.at, Control.encode({ enable: false }));
    this.#platform.pageFree(this.#deviceTable, 0);
    return done;
  }

  probeDevice({ device, iommu, ids }: DeviceDescription): Result<null> {
    const [id] = ids;
    if (iommu !== 0 || ids.length !== 1 || id === undefined || id >= DEVICES) return refuse('ENODEV');
    this.#devices.set(device, id);
    return done;
  }

  releaseDevice(device: number): Result<null> {
    const domain = this.#attached.get(device);
    if (domain !== undefined) {
      const detached = this.detach(device, domain, NO_PASID);
      if (!detached.ok) return detached;
    }
    return this.#devices.delete(device) ? done : refuse('ENODEV');
  }

  domainAlloc({ type, flags, data, parent }: DomainSpec): Result<number> {
    if (type !== 'paging' || flags !== 0 || data !== undefined || parent !== undefined) return refuse('EOPNOTSUPP');
    const object = this.#platform.objectAlloc('domain');
    if (!object.ok) return object;
    const space = this.#platform.idAlloc('space', 1, LAST_SPACE);
    if (!space.ok) {
      this.#platform.objectFree(object.value);
      return space;
    }
    const handle = this.#next;
    const root = this.#table(handle);
    if (!root.ok) {
      this.#platform.idFree('space', space.value);
      this.#platform.objectFree(object.value);
      return root;
    }
    this.#domains.set(handle, { handle, object: object.value, space: space.value, root: root.value, devices: new Set() });
    this.#next++;
    return ok(handle);
  }

  domainInfo(domain: number): Result<DomainInfo> {
    if (!this.#domains.has(domain)) return refuse('ENOENT');
    return ok({
      type: 'paging',
      operations: ['map', 'unmap', 'iovaToPhys'],
      pageSizes: [PAGE],
      aperture: { start: 0n, last: INPUT_END - 1n },
    });
  }

  domainFree(handle: number): Result<null> {
    const domain = this.#domains.get(handle);
    if (domain === undefined) return refuse('ENOENT');
    if (domain.devices.size > 0) return refuse('EBUSY');
    this.#domains.delete(handle);
    this.#invalidate(Command.encode({ op: 'space', id: domain.space }));
    for (let iova = 0n; iova < INPUT_END; iova += SECTION) {
      const section = TableEntry.of(this.#platform.read64(this.#rootEntry(domain, iova)));
      if (section.V) this.#platform.pageFree(section.page << 12n, 0);
    }
    this.#platform.pageFree(domain.root, 0);
    this.#platform.idFree('space', domain.space);
    this.#platform.objectFree(domain.object);
    return done;
  }

  attach(device: number, handle: number, pasid: number): Result<null> {
    return this.#locked(() => {
      const domain = this.#domains.get(handle);
      const id = this.#devices.get(device);
      if (pasid !== NO_PASID) return refuse('EOPNOTSUPP');
      if (id === undefined) return refuse('ENODEV');
      if (domain === undefined) return refuse('ENOENT');
      if (this.#attached.has(device)) return refuse('EBUSY');
      this.#install(id, domain);
      this.#attached.set(device, handle);
      domain.devices.add(device);
      return done;
    });
  }

  replace(device: number, handle: number, pasid: number): Result<null> {
    return this.#locked(() => {
      const domain = this.#domains.get(handle);
      const id = this.#devices.get(device);
      const before = this.#domains.get(this.#attached.get(device) ?? 0);
      if (pasid !== NO_PASID) return refuse('EOPNOTSUPP');
      if (domain === undefined) return refuse('ENOENT');
      if (id === undefined || before === undefined) return refuse('EINVAL');
      this.#install(id, domain);
      before.devices.delete(device);
      this.#attached.set(device, handle);
      domain.devices.add(device);
      return done;
    });
  }

  detach(device: number, handle: number, pasid: number): Result<null> {
    return this.#locked(() => {
      const domain = this.#domains.get(handle);
      const id = this.#devices.get(device);
      if (domain === undefined || id === undefined || pasid !== NO_PASID || this.#attached.get(device) !== handle) return refuse('EINVAL');
      this.#platform.write64(this.#entry(id), 0n);
      this.#invalidate(Command.encode({ op: 'device', id }));
      this.#attached.delete(device);
      domain.devices.delete(device);
      return done;
    });
  }

  map(handle: number, { iova, pa, size, prot }: Mapping): Result<null> {
    const domain = this.#domains.get(handle);
    if (domain === undefined) return refuse('ENOENT');
    if (size === 0n || (iova | pa | size) % PAGE !== 0n || iova + size > INPUT_END) return refuse('EINVAL');
    for (let at = iova; at < iova + size; at += PAGE) if (this.#leaf(domain, at)?.V === true) return refuse('EEXIST');
    for (let at = iova; at < iova + size; at += PAGE) {
      const table = this.#tableFor(domain, at);
      if (!table.ok) {
        this.#clear(domain, iova, at - iova);
        return table;
      }
      this.#platform.write64(
        leafAt(table.value, at),
        TableEntry.encode({ V: true, R: prot.read, W: prot.write, page: (pa + at - iova) >> 12n }),
      );
    }
    this.#platform.barrier();
    return done;
  }

  unmap(handle: number, iova: bigint, size: bigint): Result<bigint> {
    const domain = this.#domains.get(handle);
    if (domain === undefined) return refuse('ENOENT');
    if (size === 0n || (iova | size) % PAGE !== 0n) return refuse('EINVAL');
    return ok(this.#clear(domain, iova, size));
  }

  iovaToPhys(handle: number, iova: bigint): Result<bigint> {
    const domain = this.#domains.get(handle);
    const leaf = domain && iova < INPUT_END ? this.#leaf(domain, iova) : undefined;
    return leaf?.V === true ? ok((leaf.page << 12n) | (iova % PAGE)) : refuse('ENOENT');
  }

  /** Clears the entries of a range, then invalidates them page by page. @returns Bytes that were mapped. */
  #clear(domain: Domain, iova: bigint, size: bigint): bigint {
    const cleared: bigint[] = [];
    for (let at = iova; at < iova + size && at < INPUT_END; at += PAGE) {
      const section = TableEntry.of(this.#platform.read64(this.#rootEntry(domain, at)));
      if (!section.V || !TableEntry.of(this.#platform.read64(leafAt(section.page << 12n, at))).V) continue;
      this.#platform.write64(leafAt(section.page << 12n, at), 0n);
      cleared.push(at);
    }
    for (const at of cleared) this.#invalidate(Command.encode({ op: 'page', id: domain.space, page: at >> 12n }));
    return BigInt(cleared.length) * PAGE;
  }

  #leaf(domain: Domain, iova: bigint): ReturnType<typeof TableEntry.of> | undefined {
    const section = TableEntry.of(this.#platform.read64(this.#rootEntry(domain, iova)));
    return section.V ? TableEntry.of(this.#platform.read64(leafAt(section.page << 12n, iova))) : undefined;
  }

  /** The second-level table for `iova`, built when it is missing; an empty one stays when a later step fails. */
  #tableFor(domain: Domain, iova: bigint): Result<bigint> {
    const at = this.#rootEntry(domain, iova);
    const section = TableEntry.of(this.#platform.read64(at));
    if (section.V) return ok(section.page << 12n);
    const table = this.#table(domain.handle);
    if (!table.ok) return table;
    const link = TableEntry.encode({ V: true, page: table.value >> 12n });
    // Another map may have built the table meanwhile: then that one counts.
    const built = TableEntry.of(this.#platform.cmpxchg64(at, section.raw, link));
    if (!built.V) return table;
    this.#platform.pageFree(table.value, 0);
    return ok(built.page << 12n);
  }

  #table(handle: number): Result<bigint> {
    return this.#platform.pageAlloc({ order: 0, owner: { kind: 'domain', handle }, kind: 'page-table' });
  }

  #rootEntry(domain: Domain, iova: bigint): bigint {
    return domain.root + (iova / SECTION) * 8n;
  }

  #entry(id: number): bigint {
    return this.#deviceTable + BigInt(id * DEVICE_ENTRY_WORDS * 8);
  }

  /** The device goes to `domain`, without an interval if it was elsewhere: the root that is not in use is set, and then put to use. */
  #install(id: number, domain: Domain): void {
    const entry = this.#entry(id);
    const second = !DeviceEntry.of(this.#platform.read64(entry)).second;
    // The hardware may hold every word of the entry: the new root has to be seen before it counts.
    this.#platform.write64(entry + (second ? 16n : 8n), DeviceRoot.encode({ root: domain.root >> 12n }));
    this.#invalidate(Command.encode({ op: 'device', id }));
    this.#platform.write64(entry, DeviceEntry.encode({ V: true, second, space: domain.space }));
    this.#invalidate(Command.encode({ op: 'device', id }));
  }

  /** Orders the stores before it, hands the command over and waits until the hardware has completed it. */
  #invalidate(command: bigint): void {
    this.#platform.barrier();
    this.#platform.mmioWrite64(0, MAP.command.at, command);
    const busy = Number(Status.mask('busy'));
    this.#platform.pollUntil(0, MAP.status.at, busy, 0, TIMEOUT_US);
  }

  #locked<T>(body: () => Result<T>): Result<T> {
    this.#platform.lock('devices');
    const result = body();
    this.#platform.unlock('devices');
    return result;
  }
}

const leafAt = (table: bigint, iova: bigint): bigint => table + ((iova % SECTION) / PAGE) * 8n;

function start(platform: Platform): Result<Started> {
  const deviceTable = platform.pageAlloc({ order: 0, kind: 'device-table' });
  if (!deviceTable.ok) return deviceTable;
  const driver = new ToyDriver(platform, deviceTable.value);
  return ok({ iommu: unsupported(driver), stop: () => driver.stop() });
}

export const driver: DriverModule = {
  manifest: {
    name: 'toy',
    implements: ['iommu'],
    profile: 'toy',
    hardware: 'toy',
    supports: {
      paging: true,
      identity: false,
      blocked: false,
      replace: true,
      hitless: true,
      pasid: false,
      nesting: false,
      'dirty-tracking': false,
      ats: false,
      'page-faults': false,
      viommu: false,
      gather: false,
      'two-cpus': true,
      'domain-table': false,
    },
    locks: { 'device-table': 'devices' },
  },
  start,
};
