/**
 * What a command must drop of the IOATC, and no more: hardware may drop more, software may not count on it.
 */
import { pageOf } from '#hw-models/core/address';
import type { Bus } from '#hw-models/core/hardware';
import type { Invalidation } from '#hw-models/core/reach/facts';
import type { LeafEntry } from '#hw-models/core/walk';
import type {
  Fence,
  InvalidateAtc,
  InvalidateDevice,
  InvalidateFirstStage,
  InvalidateProcess,
  InvalidateSecondStage,
  Order,
  RespondToGroup,
} from '#hw-models/riscv-iommu/commands';
import type { Executor } from '#hw-models/riscv-iommu/command-queue';
import { GLOBAL } from '#hw-models/riscv-iommu/pte';
import type { StageTag } from '#hw-models/riscv-iommu/ways';

/** The devices behind the IOMMU, as PCIe messages reach them. */
export interface Endpoints {
  /** An "Invalidation Request" is sent; its completion may never come. */
  invalidate(message: InvalidateAtc): 'done' | 'timeout';
  respond(message: RespondToGroup): void;
}

/** What commands work with. */
export interface InvalidatorParts {
  readonly bus: Bus;
  /** The tags that stages have had so far: nothing else can be in the caches. */
  readonly tags: ReadonlyMap<string, StageTag>;
  readonly endpoints: Endpoints;
  /** Cached configuration is about to go. */
  reconfiguring(this: void): void;
}

/**
 * Hands invalidations to the caches. Each is complete when an IOFENCE.C behind it is, and until then may have done nothing.
 * @spec RISCV-IOMMU "IOMMU Page-Table cache invalidation commands" and "IOMMU directory cache invalidation commands"
 */
export class Invalidator implements Executor {
  readonly #parts: InvalidatorParts;
  /** Since the last fence an ATC has not answered. */
  #timedOut = false;
  /** Something was invalidated that devices may have used just before. */
  #withdrawn = false;
  readonly #inFlight = new Set<'read' | 'write'>();

  constructor(parts: InvalidatorParts) {
    this.#parts = parts;
  }

  /**
   * Requests that were processed before the last invalidation need not have reached memory: no fence since then waited for such.
   * @spec RISCV-IOMMU "IOMMU Command-queue Fence commands"
   */
  isInFlight(how: 'read' | 'write'): boolean {
    return this.#inFlight.has(how);
  }

  execute(order: Order): void {
    switch (order.kind) {
      case 'IOTINVAL.VMA':
        return this.#firstStage(order);
      case 'IOTINVAL.GVMA':
        return this.#secondStage(order);
      case 'IODIR.INVAL_DDT':
        return this.#device(order);
      case 'IODIR.INVAL_PDT':
        return this.#process(order);
      case 'ATS.INVAL':
        this.#timedOut = this.#parts.endpoints.invalidate(order) === 'timeout' || this.#timedOut;
        return;
      case 'ATS.PRGR':
        return this.#parts.endpoints.respond(order);
    }
  }

  complete({ pr, pw }: Fence): 'done' | 'timeout' {
    this.#parts.bus.complete();
    for (const [how, waits] of [['read', pr] as const, ['write', pw] as const]) {
      if (waits) this.#inFlight.delete(how);
      else if (this.#withdrawn) this.#inFlight.add(how);
    }
    this.#withdrawn = false;
    const timedOut = this.#timedOut;
    this.#timedOut = false;
    return timedOut ? 'timeout' : 'done';
  }

  /** Entries of global mappings stay where a PSCID is named, and tables above leaves where an address is. */
  #firstStage({ gscid, pscid, address }: InvalidateFirstStage): void {
    for (const [space, tag] of this.#parts.tags) {
      if (tag.stage !== 1 || tag.gscid !== gscid || (pscid !== undefined && tag.pscid !== pscid)) continue;
      const spares = pscid === undefined ? {} : { spares: isGlobal };
      this.#translations({ of: 'translations', space, ...extent(tag, address), ...spares });
    }
  }

  #secondStage({ gscid, address }: InvalidateSecondStage): void {
    for (const [space, tag] of this.#parts.tags)
      if (tag.stage === 2 && (gscid === undefined || tag.gscid === gscid))
        this.#translations({ of: 'translations', space, ...extent(tag, address) });
  }

  #translations(invalidation: Invalidation): void {
    this.#withdrawn = true;
    this.#parts.bus.invalidate(invalidation);
  }

  /** A device context goes with the process contexts of its device; what leads to it goes only with all. */
  #device({ deviceId }: InvalidateDevice): void {
    const { bus } = this.#parts;
    const requesters = deviceId === undefined ? undefined : new Set(bus.requestersOf(deviceId));
    this.#configuration({ of: 'configuration', requesters, leafOnly: deviceId !== undefined });
  }

  #process({ deviceId, processId }: InvalidateProcess): void {
    const { bus } = this.#parts;
    const requesters = new Set([...bus.requestersOf(deviceId)].filter((requester) => bus.idOf(requester).pasid === processId));
    this.#configuration({ of: 'configuration', requesters, leafOnly: true });
  }

  #configuration(invalidation: Invalidation): void {
    this.#withdrawn = true;
    this.#parts.reconfiguring();
    this.#parts.bus.invalidate(invalidation);
  }
}

const isGlobal = ({ attributes = 0 }: LeafEntry): boolean => (attributes & GLOBAL) !== 0;

/** With an address: leaves alone, and those for one page. */
function extent({ inputBits }: StageTag, address: bigint | undefined): Pick<Invalidation & { of: 'translations' }, 'leafOnly' | 'range'> {
  if (address === undefined) return { leafOnly: false };
  return { leafOnly: true, range: { first: pageOf(BigInt.asUintN(inputBits, address)), frames: 1 } };
}
