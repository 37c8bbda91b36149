/**
 * PCIe "Page Request" messages: queued for software, or answered by the remapping unit itself.
 *
 * Not confirmed: how a request is answered that finds no room, or is not allowed.
 */
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import { leadsToTables, type Context, type Contexts } from '#hw-models/vtd/contexts';
import { Fault } from '#hw-models/vtd/contexts-fault';
import type { ControlPlane } from '#hw-models/vtd/control-plane';
import { REQUEST_TYPES } from '#hw-models/vtd/fault-record';
import type { PageRequest } from '#hw-models/vtd/page-request-queue';
import { blockedBy } from '#hw-models/vtd/pasid-table';

/** The "Page Request Group Response" that the remapping unit itself sends; undefined: the request was queued, or needs no response. */
export interface GroupResponse {
  readonly status: 'success' | 'invalid-request' | 'response-failure';
  readonly group: number;
  readonly pasid: number | undefined;
}

const PAGE = 4096n;

/** @spec VT-D "Page Request Handling" */
export class PageRequests {
  readonly #contexts: Contexts;
  readonly #plane: ControlPlane;

  constructor(contexts: Contexts, plane: ControlPlane) {
    this.#contexts = contexts;
    this.#plane = plane;
  }

  request(request: PageRequest, see: ConfigurationReader): GroupResponse | undefined {
    const { last, group, pasid } = request;
    const status = this.#queue(request, see);
    return status === undefined || !last ? undefined : { status, group, pasid };
  }

  #queue(request: PageRequest, see: ConfigurationReader): GroupResponse['status'] | undefined {
    const fault = this.#fault(request, see);
    if (fault === undefined) return this.#plane.pageRequests.put(request) === 'queued' ? undefined : 'success';
    if (!fault.silent) this.#record(request, fault);
    return 'invalid-request';
  }

  #fault({ id, pasid }: PageRequest, see: ConfigurationReader): Fault | undefined {
    const { root } = this.#plane.control;
    if (!leadsToTables(root) || root.mode === 'legacy') return new Fault(root.mode === 'invalid' ? 0x30 : 0x32);
    const context = this.#contexts.locate(root, id, see);
    if (context instanceof Fault) return context;
    const reason = notAllowed(context) ?? blockedBy(context, { type: 'untranslated', pasid });
    return reason === undefined ? undefined : new Fault(reason, context.FPD);
  }

  #record({ id, pasid, privileged, execute, iova }: PageRequest, { reason }: Fault): void {
    const tagged = pasid !== undefined;
    this.#plane.faults.record({
      ...REQUEST_TYPES['page-request'],
      ...{ FR: reason, SID: id, PP: tagged, PV: pasid ?? 0, PRIV: tagged && privileged, EXE: tagged && execute, FI: iova / PAGE },
    });
  }
}

function notAllowed(context: Context): number | undefined {
  if (context.mode === 'legacy') return 0x32;
  return context.entry.PRE ? undefined : 0x47;
}
