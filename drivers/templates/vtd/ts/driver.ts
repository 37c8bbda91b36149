/**
 * A driver of Intel VT-d, to be filled in: it enables IOMMU 0 in scalable mode, with every device blocked, and has one second stage, for
 * the first 16 MiB of one paging domain and devices 0 to 15 of bus 0. To everything else it says yes without doing it. What each method
 * promises stands in the contract, iommu.ts; registers, tables and commands are laid out in docs/registers/vtd.md.
 */
import type { DriverModule, Errno, Result } from '#drivers/contract/driver';
import { ALLOC_FAULT_ID_VALID, NO_PASID, type IommuDriver } from '#drivers/contract/iommu';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const refuse = (errno: Errno) => ({ ok: false, errno }) as const;
const done = ok(null);
const unsupported = () => refuse('EOPNOTSUPP');

/** Registers, in bytes from the start of the register file. */
const [CAP, ECAP, GCMD, GSTS, RTADDR, IQT, IQA, ICS] = [0x08, 0x10, 0x18, 0x1c, 0x20, 0x88, 0x90, 0x9c] as const;
/** CAP.SAGAW, 39 bits; ECAP.SMTS and SLTS; ECAP.ADMS. */
const [CAP_39, ECAP_SCALABLE, ECAP_ADMS] = [0x200n, 0x4800_0000_0000n, 0x10_0000_0000_0000n] as const;
/** GCMD, and GSTS once it is carried out. */
const [TE, SRTP, QIE] = [0x8000_0000, 0x4000_0000, 0x0400_0000] as const;
/** RTADDR.TTM; IQA.DW, descriptors of 256 bits; ICS.IWC. */
const [SCALABLE, ABORT, DW, IWC] = [0x400n, 0xc00n, 0x800n, 1] as const;
const TIMEOUT_US = 1000;

/** Where the driver's pages are, from the root table on. Leaves are those of the first 16 MiB. */
const [ROOT, CONTEXTS, DIRECTORY, PASIDS] = [0n, 0x1000n, 0x2000n, 0x3000n] as const;
const [LEVEL_2, LEVEL_1, QUEUE, LEAVES] = [0x4000n, 0x5000n, 0x6000n, 0x8000n] as const;
const [ORDER, PAGES_END, PAGE, WORD] = [4, 0x1_0000n, 4096n, 8n] as const;
const [CONTEXT_BYTES, DESCRIPTOR_BYTES, LAST_ID, IOVA_END] = [32n, 32n, 127, 0x100_0000n] as const;
/** In entries. That of the PASID table has P, AW (39 bits) and PGTT (second stage). */
const [P, R, W, SECOND_STAGE, DID] = [1n, 1n, 2n, 0x85n, 1n] as const;
/** Descriptors that empty caches, in the order in which caches fill one another: cc_inv, pc_inv, iotlb_inv; inv_wait that sets IWC. */
const [EVERYTHING, TRANSLATIONS, WAIT] = [[0x11n, 0x37n, 0xd2n], [0xd2n], 0x55n] as const;

export const driver: DriverModule = {
  manifest: {
    name: 'my-driver',
    implements: ['iommu'],
    profile: 'vtd-mainline',
    hardware: 'vtd',
    supports: {
      paging: true,
      identity: true,
      blocked: true,
      replace: true,
      hitless: false,
      pasid: true,
      nesting: true,
      'dirty-tracking': true,
      ats: false,
      'page-faults': false,
      viommu: false,
      gather: false,
      'two-cpus': true,
      'domain-table': false,
    },
    locks: {},
  },
  // Everything that the driver knows belongs in here: this is called for each scenario.
  start: (platform) => {
    const ecap = platform.mmioRead64(0, ECAP);
    if ((ecap & ECAP_SCALABLE) !== ECAP_SCALABLE || (platform.mmioRead64(0, CAP) & CAP_39) === 0n) return refuse('ENODEV');
    const pages = platform.pageAlloc({ order: ORDER, kind: 'device-table' });
    if (!pages.ok) return pages;
    const at = (offset: bigint) => pages.value + offset;
    const contextOf = new Map<number, bigint>();
    let [nextDomain, paging, tail] = [1, 0, 0n];

    // Hardware need not see what is only in the processors' caches.
    const store = (address: bigint, value: bigint) => {
      platform.write64(address, value);
      platform.clean(address, Number(WORD));
    };
    const order = (command: number, status: number) => {
      platform.mmioWrite32(0, GCMD, command);
      return platform.pollUntil(0, GSTS, status, (command & status) >>> 0, TIMEOUT_US);
    };
    // Each is complete before the next begins, and the last when this answers.
    const invalidate = (descriptors: readonly bigint[]): Result<unknown> => {
      let complete: Result<unknown> = done;
      platform.lock('queue');
      for (const descriptor of descriptors) {
        store(at(QUEUE + tail), descriptor);
        store(at(QUEUE + tail + DESCRIPTOR_BYTES), WAIT);
        tail = (tail + 2n * DESCRIPTOR_BYTES) % PAGE;
        platform.barrier();
        platform.mmioWrite64(0, IQT, tail);
        complete = platform.pollUntil(0, ICS, IWC, IWC, TIMEOUT_US);
        if (!complete.ok) break;
        platform.mmioWrite32(0, ICS, IWC);
      }
      platform.unlock('queue');
      return complete;
    };
    const setRoot = (mode: bigint, switches: number) => {
      platform.mmioWrite64(0, RTADDR, at(ROOT) | mode);
      const set = order(switches + SRTP, SRTP);
      return set.ok ? invalidate(EVERYTHING) : set;
    };
    const point = (device: number, pasid: number, context: bigint) => {
      const address = contextOf.get(device);
      if (address === undefined) return refuse('ENODEV');
      if (pasid !== NO_PASID) return done;
      store(address, context);
      platform.barrier();
      const complete = invalidate(EVERYTHING);
      return complete.ok ? done : complete;
    };
    const attach = (device: number, domain: number, pasid: number) => point(device, pasid, domain === paging ? at(DIRECTORY) | P : 0n);
    const leafOf = (iova: bigint) => at(LEAVES + (iova / PAGE) * WORD);
    const leavesOf = (iova: bigint, size: bigint) =>
      Array.from({ length: Number(size / PAGE) }, (_none, page) => leafOf(iova) + BigInt(page) * WORD);
    const isOutside = (iova: bigint, size: bigint) => (iova | size) % PAGE !== 0n || iova + size > IOVA_END;

    platform.write64(at(ROOT), at(CONTEXTS) | P);
    platform.write64(at(DIRECTORY), at(PASIDS) | P);
    platform.write64(at(PASIDS), at(LEVEL_2) | SECOND_STAGE);
    platform.write64(at(PASIDS + WORD), DID);
    platform.write64(at(LEVEL_2), at(LEVEL_1) | R | W);
    for (let table = LEAVES; table < PAGES_END; table += PAGE)
      platform.write64(at(LEVEL_1 + ((table - LEAVES) / PAGE) * WORD), at(table) | R | W);
    platform.clean(at(ROOT), Number(PAGES_END));
    platform.barrier();
    platform.mmioWrite64(0, IQA, at(QUEUE) | DW);
    for (const step of [() => order(QIE, QIE), () => setRoot(SCALABLE, QIE), () => order(QIE + TE, TE)]) {
      const enabled = step();
      if (!enabled.ok) return enabled;
    }

    const iommu: IommuDriver = {
      probeDevice: ({ device, iommu: index, ids: [id = 0] }) => {
        if (index !== 0 || id > LAST_ID) return refuse('ENODEV');
        contextOf.set(device, at(CONTEXTS + BigInt(id) * CONTEXT_BYTES));
        return done;
      },
      releaseDevice: (device) => point(device, NO_PASID, 0n),
      reservedRegions: () => ok([]),
      hwInfo: unsupported,
      capable: () => ok(false),
      domainAlloc: ({ type, flags }) => {
        if (type === 'sva' || (flags & ALLOC_FAULT_ID_VALID) !== 0) return refuse('EOPNOTSUPP');
        if (type === 'paging' && paging === 0) paging = nextDomain;
        return ok(nextDomain++);
      },
      domainInfo: unsupported,
      domainFree: (domain) => {
        if (domain !== paging) return done;
        platform.zero(at(LEAVES), Number(PAGES_END - LEAVES));
        platform.clean(at(LEAVES), Number(PAGES_END - LEAVES));
        platform.barrier();
        const complete = invalidate(TRANSLATIONS);
        if (complete.ok) paging = 0;
        return complete.ok ? done : complete;
      },
      attach,
      detach: (device, _domain, pasid) => point(device, pasid, 0n),
      replace: attach,
      map: (domain, { iova, pa, size, prot }) => {
        if (domain !== paging) return done;
        if (isOutside(iova, size) || pa % PAGE !== 0n) return refuse('EINVAL');
        const leaves = leavesOf(iova, size);
        if (leaves.some((leaf) => platform.read64(leaf) !== 0n)) return refuse('EEXIST');
        const access = (prot.read ? R : 0n) | (prot.write ? W : 0n);
        leaves.forEach((leaf, page) => store(leaf, (pa + BigInt(page) * PAGE) | access));
        platform.barrier();
        return done;
      },
      unmap: (domain, iova, size) => {
        if (domain !== paging) return ok(size);
        if (isOutside(iova, size)) return refuse('EINVAL');
        const mapped = leavesOf(iova, size).filter((leaf) => platform.read64(leaf) !== 0n);
        for (const leaf of mapped) store(leaf, 0n);
        platform.barrier();
        const complete = invalidate(TRANSLATIONS);
        return complete.ok ? ok(BigInt(mapped.length) * PAGE) : complete;
      },
      unmapPages: unsupported,
      iotlbSync: unsupported,
      iovaToPhys: (domain, iova) => {
        const leaf = domain === paging && iova < IOVA_END ? platform.read64(leafOf(iova)) : 0n;
        return leaf === 0n ? refuse('ENOENT') : ok((leaf / PAGE) * PAGE + (iova % PAGE));
      },
      cacheInvalidate: (_target, { entries }) => ok({ handled: entries }),
      viommuAlloc: unsupported,
      viommuFree: unsupported,
      vdeviceAlloc: unsupported,
      vdeviceFree: unsupported,
      enforceCoherency: unsupported,
      setDirtyTracking: () => done,
      readAndClearDirty: unsupported,
      pageResponse: unsupported,
      irq: unsupported,
    };
    // Without translation, accesses pass as they are: where it can, the hardware goes on refusing them.
    const stop = () => {
      const blocked = (ecap & ECAP_ADMS) === 0n ? order(QIE, TE) : setRoot(ABORT, QIE + TE);
      const disabled = blocked.ok ? order((ecap & ECAP_ADMS) === 0n ? 0 : TE, QIE) : blocked;
      if (!disabled.ok) return disabled;
      platform.pageFree(at(ROOT), ORDER);
      return done;
    };
    return ok({ iommu, stop });
  },
};
