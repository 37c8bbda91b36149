/** Translations that software asks for by registers. */
import type { ValuesOf } from '#hw-models/core/bits';
import type { Control } from '#hw-models/riscv-iommu/control';
import type { TrResponse } from '#hw-models/riscv-iommu/registers';
import type { Inbound, Refused, Translated } from '#hw-models/riscv-iommu/request';

/** As for an untranslated request, except that an MSI for a memory-resident interrupt file is refused with cause 260. */
export type DebugTranslate = (inbound: Inbound) => Translated | Refused;

type Response = Partial<ValuesOf<(typeof TrResponse)['fields']>>;

const PAGE = 4096n;
const PAGE_SHIFT = 12;
const PPN_BITS = 44;

/** @spec RISCV-IOMMU "Debug support" */
export class Debug {
  readonly #control: Control;
  readonly #translate: DebugTranslate;

  constructor(control: Control, translate: DebugTranslate) {
    this.#control = control;
    this.#translate = translate;
  }

  /** A request that waits is answered. Without capabilities.DBG there is none. */
  advance(): void {
    const { registers } = this.#control;
    if (!registers.view('tr_req_ctl')['Go/Busy']) return;
    registers.set('tr_response', this.#response());
    registers.set('tr_req_ctl', { 'Go/Busy': false });
  }

  /** What is UNSPECIFIED with a fault is 0. @spec RISCV-IOMMU "Translation-response (tr_response)" */
  #response(): Response {
    let last: Translated | undefined;
    for (const access of accessesOf(this.#control.registers.view('tr_req_ctl'))) {
      const answer = this.#translate(this.#inbound(access));
      if (answer.kind === 'refused') return { fault: true, PBMT: 'PMA', S: false, PPN: 0n };
      last = answer;
    }
    const { pa, sizeLog2, memoryType, bypassed } = last!;
    return { fault: false, PBMT: memoryType, ...rangeOf(pa, bypassed ? PAGE_SHIFT : sizeLog2) };
  }

  #inbound(access: Inbound['access']): Inbound {
    const { registers } = this.#control;
    const { DID, PV, PID, Priv } = registers.view('tr_req_ctl');
    return {
      deviceId: DID,
      processId: PV ? PID : undefined,
      privileged: PV && Priv,
      iova: registers.view('tr_req_iova').vpn * PAGE,
      access,
      type: 'untranslated',
    };
  }
}

/** Permission to write is one to read. @spec RISCV-IOMMU "Translation-request control (tr_req_ctl)" */
const accessesOf = ({ NW, Exe }: { readonly NW: boolean; readonly Exe: boolean }): readonly Inbound['access'][] => [
  NW ? 'read' : 'write',
  ...(Exe ? (['execute'] as const) : []),
];

/** More than a page: its lowest PPN bits are ones below a zero, which say how much. @spec RISCV-IOMMU "Translation-response (tr_response)" */
function rangeOf(pa: bigint, sizeLog2: number): Pick<Response, 'S' | 'PPN'> {
  const ppn = BigInt.asUintN(PPN_BITS, pa / PAGE);
  if (sizeLog2 <= PAGE_SHIFT) return { S: false, PPN: ppn };
  const pages = 2n ** BigInt(Math.min(sizeLog2 - PAGE_SHIFT, PPN_BITS));
  return { S: true, PPN: ppn - (ppn % pages) + pages / 2n - 1n };
}
