/**
 * What a descriptor must drop of the caches, and no more: hardware may drop more, software may not count on it.
 *
 * Each cache goes by its own descriptor: a context-cache invalidation leaves PASID table entries, and neither of the two takes
 * translations. Requests that were let through before are drained by every invalidation of translations, whatever DR and DW say: so it is
 * from version 2 of the architecture on.
 */
import { pageOf } from '#hw-models/core/address';
import type { Bus } from '#hw-models/core/hardware';
import type { Destination, Invalidation, Requester } from '#hw-models/core/reach/facts';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { DeviceMessages, type Endpoints } from '#hw-models/vtd/device-messages';
import type { DeviceTlbs } from '#hw-models/vtd/device-tlb';
import type {
  InvalidateContexts,
  InvalidateIotlb,
  InvalidatePasidIotlb,
  InvalidatePasids,
  Order,
} from '#hw-models/vtd/invalidation-orders';
import type { Executor } from '#hw-models/vtd/invalidation-queue';
import type { NegativeCache } from '#hw-models/vtd/negative';
import type { StageTag } from '#hw-models/vtd/ways';

/** What descriptors work with. */
export interface InvalidatorParts {
  readonly bus: Bus;
  /** The tags that stages have had so far: nothing else can be in the caches. */
  readonly tags: ReadonlyMap<string, StageTag>;
  /** What is not present, where that is kept. */
  readonly negative: NegativeCache;
  readonly devices: DeviceTlbs;
  readonly part: Capabilities;
  readonly endpoints: Endpoints;
  /** Configuration is about to be dropped. */
  reconfiguring(this: void): void;
  /** Whether context entries are the last that are read. */
  isLegacy(this: void): boolean;
  requesters(this: void): Iterable<Requester>;
  /** The PASID of its requests: that of the context entry for those without one. */
  pasidOf(this: void, requester: Requester): number;
  /** Where memory alone sends it. */
  current(this: void, requester: Requester): Destination;
}

type Translations = Invalidation & { readonly of: 'translations' };

/** @spec VT-D "Invalidation of Translation Caches" */
export class Invalidator implements Executor {
  readonly #parts: InvalidatorParts;
  readonly #messages: DeviceMessages;

  constructor(parts: InvalidatorParts) {
    this.#parts = parts;
    this.#messages = new DeviceMessages(parts.devices, parts.endpoints);
  }

  execute(order: Order): void {
    this.#forget(order);
    switch (order.kind) {
      case 'cc_inv':
        return this.#contexts(order);
      case 'pc_inv':
        return this.#pasids(order);
      case 'iotlb_inv':
        return this.#iotlb(order);
      case 'p_iotlb_inv':
        return this.#pasidIotlb(order);
      case 'dev_tlb_inv':
      case 'p_dev_tlb_inv':
        return this.#messages.send(order);
      case 'page_grp_resp':
        return this.#messages.respond(order);
    }
  }

  /** Behind a device that does not answer nothing is known to be complete; the next wait completes it. */
  complete(): { readonly timedOut: number } | undefined {
    const timedOut = this.#messages.takeSilent();
    if (timedOut !== undefined) return { timedOut };
    this.#parts.bus.complete();
    this.#messages.complete();
    return undefined;
  }

  /** Everything, as GCMD.SRTP does where CAP.ESRTPS is 1. */
  all(): void {
    const { bus, negative } = this.#parts;
    negative.clear();
    this.#configuration({ of: 'configuration', requesters: undefined, leafOnly: false });
    bus.invalidate({ of: 'translations', space: undefined, leafOnly: false });
    bus.complete();
  }

  /** In legacy mode a context entry is a leaf, and root entries go only with all. In scalable mode both lead to PASID entries. */
  #contexts(order: InvalidateContexts): void {
    const { isLegacy } = this.#parts;
    const requesters = this.#ofContexts(order);
    if (isLegacy()) {
      this.#configuration({ of: 'configuration', requesters, leafOnly: requesters !== undefined });
      return;
    }
    const directories = (requester: Requester): boolean => requesters?.has(requester) ?? true;
    this.#configuration({ of: 'configuration', requesters: NOBODY, leafOnly: false, directories });
  }

  /**
   * Undefined: all. In scalable mode hardware ignores the domain-id: by device it does not matter, and what an invalidation by domain does
   * is not known, so that nothing can be counted on.
   * @spec LINUX-VTD "intel_context_flush_present"
   */
  #ofContexts(order: InvalidateContexts): ReadonlySet<Requester> | undefined {
    const { bus, isLegacy } = this.#parts;
    switch (order.scope) {
      case 'global':
        return undefined;
      case 'domain':
        return isLegacy() ? this.#those((requester) => this.#isOf(requester, order.did)) : NOBODY;
      case 'device': {
        const { did } = order;
        return this.#those((requester) => isOf(order, bus.idOf(requester).id) && (!isLegacy() || this.#isOf(requester, did)));
      }
    }
  }

  /** Entries of the PASID directory are not dropped: they lead to the same tables for every domain. */
  #pasids(order: InvalidatePasids): void {
    this.#configuration({ of: 'configuration', requesters: this.#ofPasids(order), leafOnly: true });
  }

  #ofPasids(order: InvalidatePasids): ReadonlySet<Requester> | undefined {
    switch (order.scope) {
      case 'global':
        return undefined;
      case 'domain':
        return this.#those((requester) => this.#isOf(requester, order.did));
      case 'pasid':
        return this.#those((requester) => this.#parts.pasidOf(requester) === order.pasid && this.#isOf(requester, order.did));
    }
  }

  #those(isMeant: (requester: Requester) => boolean): ReadonlySet<Requester> {
    return new Set([...this.#parts.requesters()].filter(isMeant));
  }

  /**
   * Whether a cache may have an entry of the requester's under a domain-id. What only caches still give decides, where there is such;
   * an entry that is not present, or leads nowhere, is found by every domain-id.
   */
  #isOf(requester: Requester, did: number): boolean {
    const { bus, current } = this.#parts;
    const now = current(requester);
    const stale = bus.reach.destinations(requester).filter(({ key }) => key !== now.key);
    return (stale.length === 0 ? [now] : stale).some((destination) => {
      const known = domainOf(destination);
      return known === undefined || known === did;
    });
  }

  /** Of pages only the second stage knows: what first stages of the domain gave goes whole. */
  #iotlb(order: InvalidateIotlb): void {
    if (order.scope === 'global') {
      this.#translations({ of: 'translations', space: undefined, leafOnly: false });
      return;
    }
    const pages = order.scope === 'page' ? order : undefined;
    for (const [space, tag] of this.#parts.tags) {
      if (tag.did !== order.did) continue;
      const { leafOnly, range } = extent(tag, pages);
      this.#translations({ of: 'translations', space, leafOnly, ...(tag.stage === 2 && range !== undefined && { range }) });
    }
  }

  #pasidIotlb(order: InvalidatePasidIotlb): void {
    for (const [space, tag] of this.#parts.tags)
      if (tag.stage === 1 && tag.did === order.did && tag.pasid === order.pasid)
        this.#translations({ of: 'translations', space, ...extent(tag, order.scope === 'page' ? order : undefined) });
  }

  #translations(invalidation: Translations): void {
    const { bus, devices, negative, part } = this.#parts;
    negative.dropTranslations(invalidation);
    if (part.CM) devices.invalidateSpace(invalidation.space as string | undefined);
    this.#messages.dropped(invalidation);
    bus.invalidate(invalidation);
  }

  #configuration(invalidation: Invalidation): void {
    const { bus, reconfiguring } = this.#parts;
    reconfiguring();
    bus.invalidate(invalidation);
  }

  /** Entries that are not present: by domain only those that have none. With CAP.RWBF alone, stores were late, and are late no more. */
  #forget(order: Order): void {
    const { negative, part } = this.#parts;
    if (part.RWBF && !part.CM) negative.clear();
    if (order.kind === 'cc_inv') {
      if (order.scope === 'device') negative.dropContexts((id) => isOf(order, id));
      else if (order.scope === 'global' || order.did === NO_DOMAIN) negative.dropContexts();
    } else if (order.kind === 'pc_inv') {
      if (order.scope === 'pasid') negative.dropPasids((_id, pasid) => pasid === order.pasid);
      else if (order.scope === 'global' || order.did === NO_DOMAIN) negative.dropPasids();
    }
  }
}

/** The domain-id of entries that are not present. @spec VT-D "Caching Mode" */
const NO_DOMAIN = 0;

const NOBODY: ReadonlySet<Requester> = new Set();

const FUNCTIONS = 8;

/** Whether the two source-ids are the same but for upper bits of their functions: none of them, one, two or all three. */
function isOf({ sid, fm }: { readonly sid: number; readonly fm: number }, id: number): boolean {
  const counted = (one: number): number => one - (one % FUNCTIONS) + (one % (FUNCTIONS / 2 ** fm));
  return counted(sid) === counted(id);
}

/** Keys of destinations begin with the domain that their entries name. */
function domainOf({ key }: Destination): number | undefined {
  const named = /^DID (\d+)/.exec(key);
  return named === null ? undefined : Number(named[1]);
}

/** With an address: pages, and with IH leaves alone. */
function extent(
  { inputBits }: StageTag,
  pages: { readonly address: bigint; readonly am: number; readonly ih?: true } | undefined,
): Pick<Translations, 'leafOnly' | 'range'> {
  if (pages === undefined) return { leafOnly: false };
  const first = pageOf(BigInt.asUintN(inputBits, pages.address));
  return { leafOnly: pages.ih === true, range: { first, frames: 2 ** pages.am } };
}
