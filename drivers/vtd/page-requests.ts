/**
 * Requests of devices for pages. Those of a group are answered together: by whoever the driver tells of them, or by the driver itself.
 *
 * @spec LINUX-VTD "prq_event_thread" and "intel_iommu_drain_pasid_prq" of prq.c
 */
import { refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { PageResponse } from '#drivers/contract/upcalls';
import { locked } from '#drivers/parts/locked';
import { drained, pageGroupResponse } from './commands';
import type { Features } from './features';
import type { Invalidations } from './invalidations';
import type { PageRequest, PageRequestQueue } from './page-request-queue';

/** Tells somebody of a request. @returns Whether there is anybody who will answer. */
export type Report = (request: PageRequest & { readonly pasid: number }) => boolean;

const CODES = { success: 'success', invalid: 'invalid-request', failure: 'response-failure' } as const;

/** What nobody is asked about. */
const UNFIT: readonly ((request: PageRequest, features: Features) => boolean)[] = [
  ({ pasid }) => pasid === undefined,
  ({ iova }, { cap }) => !isCanonical(iova, cap.FL5LP ? 57 : 48),
  ({ privileged, read, write }) => privileged && (read || write),
  ({ execute, read }) => execute && read,
];

const isCanonical = (address: bigint, width: number): boolean => BigInt.asUintN(64, BigInt.asIntN(width, address)) === address;

/** The device will not ask any more. */
const isStopMarker = ({ last, read, write }: PageRequest): boolean => last && !read && !write;

const keyOf = ({ id, pasid, group }: Pick<PageRequest, 'id' | 'pasid' | 'group'>): string => `${id} ${pasid ?? '-'} ${group}`;

export class PageRequests {
  /** Until somebody listens, nobody answers. */
  report: Report = () => false;
  readonly #platform: Platform;
  readonly #queue: PageRequestQueue;
  readonly #invalidations: Invalidations;
  readonly #features: Features;
  readonly #lock: string;
  /** Groups with a request that nobody will answer, before their last request has come. */
  readonly #spoilt = new Set<string>();
  /** Groups that somebody is to answer. */
  readonly #unanswered = new Map<string, PageRequest>();

  /** @param iommu Index of the IOMMU instance. */
  constructor(platform: Platform, queue: PageRequestQueue, invalidations: Invalidations, features: Features, iommu: number) {
    this.#platform = platform;
    this.#queue = queue;
    this.#invalidations = invalidations;
    this.#features = features;
    this.#lock = `page requests of IOMMU ${iommu}`;
  }

  stop(): void {
    this.#queue.stop();
  }

  /** Everything that has come is told, or answered. */
  serve(): Result<null> {
    return locked(this.#platform, this.#lock, () => this.#answer(this.#take(this.report)));
  }

  /** `EINVAL`: no such group, or answered. @param ids Of the device. */
  respond(ids: readonly number[], { pasid, group, code }: PageResponse): Result<null> {
    return locked(this.#platform, this.#lock, () => {
      const request = ids.map((id) => this.#unanswered.get(keyOf({ id, pasid, group }))).find((found) => found !== undefined);
      if (request === undefined) return refuse('EINVAL');
      this.#unanswered.delete(keyOf(request));
      return this.#answer([responseTo(request, code)]);
    });
  }

  /** Whoever answered for a PASID is not there any more: nothing that was asked of him stays, not even what is on its way. */
  forget(ids: readonly number[], pasid: number): Result<null> {
    return locked(this.#platform, this.#lock, () => {
      const isHis = (request: PageRequest): boolean => ids.includes(request.id) && request.pasid === pasid;
      const complete = this.#answer([drained]);
      const refused = this.#take((request) => !isHis(request) && this.report(request));
      const unanswered = [...this.#unanswered.values()].filter(isHis);
      for (const request of unanswered) this.#unanswered.delete(keyOf(request));
      const answered = this.#answer([...refused, ...unanswered.map((request) => responseTo(request, 'invalid'))]);
      return complete.ok ? answered : complete;
    });
  }

  /** @returns The answers that the driver gives itself. */
  #take(report: Report): readonly bigint[] {
    return [...this.#queue.drain()].flatMap((request) => {
      if (isStopMarker(request)) return [];
      const key = keyOf(request);
      if (UNFIT.some((isUnfit) => isUnfit(request, this.#features)) || !report(request as Parameters<Report>[0])) this.#spoilt.add(key);
      if (!request.last) return [];
      if (this.#spoilt.delete(key)) return [responseTo(request, 'invalid')];
      this.#unanswered.set(key, request);
      return [];
    });
  }

  #answer(descriptors: readonly bigint[]): Result<null> {
    return this.#invalidations.issue(descriptors);
  }
}

const responseTo = ({ id, pasid, group }: PageRequest, code: PageResponse['code']): bigint =>
  pageGroupResponse({ RID: id, PRGI: group, LPIG: true, PP: pasid !== undefined, PASID: pasid ?? 0, RC: CODES[code] });
