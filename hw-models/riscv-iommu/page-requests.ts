/** PCIe "Page Request" messages: queued for software, or answered by the IOMMU itself. */
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import type { ControlPlane } from '#hw-models/riscv-iommu/control-plane';
import type { DeviceContexts } from '#hw-models/riscv-iommu/device-context';
import { FaultRecord, TRANSACTION_TYPES } from '#hw-models/riscv-iommu/fault-record';
import type { GroupResponse, PageRequest } from '#hw-models/riscv-iommu/request';
import type { Way } from '#hw-models/riscv-iommu/ways';

/** The code of a PCIe "Page Request" message. */
const PAGE_REQUEST_MESSAGE = 4n;

/** Why a request was not queued, and how it is answered. */
interface Failure {
  readonly status: GroupResponse['status'];
  /** Undefined: nothing is recorded. */
  readonly cause: number | undefined;
  readonly way: Way | undefined;
}

/** @spec RISCV-IOMMU "PCIe ATS Page Request handling" */
export class PageRequests {
  readonly #contexts: DeviceContexts<Way>;
  readonly #plane: ControlPlane;

  constructor(contexts: DeviceContexts<Way>, plane: ControlPlane) {
    this.#contexts = contexts;
    this.#plane = plane;
  }

  request(request: PageRequest, see: ConfigurationReader): GroupResponse | undefined {
    const failure = this.#queue(request, see);
    if (failure === undefined) return undefined;
    if (failure.cause !== undefined) this.#record(request, failure.cause);
    return isAnswered(request) ? answer(request, failure) : undefined;
  }

  #queue(request: PageRequest, see: ConfigurationReader): Failure | undefined {
    const mode = this.#plane.control.directory;
    if (mode === 'off') return { status: 'response-failure', cause: 256, way: undefined };
    if (mode === 'bare') return { status: 'invalid-request', cause: 260, way: undefined };
    const way = this.#contexts.locate(mode, request.deviceId, see);
    if (typeof way === 'number') return { status: way === 260 ? 'invalid-request' : 'response-failure', cause: way, way: undefined };
    if (!way.enPri) return { status: 'invalid-request', cause: way.silent ? undefined : 260, way };
    switch (this.#plane.pageRequests.queue(request)) {
      case 'queued':
        return undefined;
      case 'full':
        return { status: 'success', cause: undefined, way };
      case 'off':
      case 'memory-fault':
        return { status: 'response-failure', cause: undefined, way };
    }
  }

  #record({ deviceId, processId, privileged }: PageRequest, CAUSE: number): void {
    const hasProcess = processId !== undefined;
    this.#plane.faults.record(
      FaultRecord.encode({
        CAUSE,
        TTYP: TRANSACTION_TYPES.message,
        DID: deviceId,
        PV: hasProcess,
        PID: processId ?? 0,
        PRIV: hasProcess && privileged,
        iotval: PAGE_REQUEST_MESSAGE,
      }),
    );
  }
}

/** Only the last request of a group is; a "Stop Marker" is not. */
const isAnswered = ({ last, read, write, processId }: PageRequest): boolean => last && !(processId !== undefined && !read && !write);

/** A failure tells the process whatever PRPR says. */
function answer({ group, processId }: PageRequest, { status, way }: Failure): GroupResponse {
  const tells = status === 'response-failure' || way?.prpr === true;
  return { status, group, processId: tells ? processId : undefined };
}
