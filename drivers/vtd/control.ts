/** The registers of one remapping unit, and the orders that it is given through them. */
import { done, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { locked } from '#drivers/parts/locked';
import { NamedRegisters } from '#drivers/parts/registers';
import { MAP, type Gcmd, type Gsts } from '#hw-models/vtd/registers';

type Order = keyof (typeof Gcmd)['fields'];
type Status = keyof (typeof Gsts)['fields'];

const PAGE = 4096n;

export class Control extends NamedRegisters<typeof MAP> {
  readonly #platform: Platform;
  readonly #lock: string;

  /** @param iommu Index of the IOMMU instance. */
  constructor(platform: Platform, iommu: number) {
    super(platform, iommu, MAP);
    this.#platform = platform;
    this.#lock = `registers of IOMMU ${iommu}`;
  }

  /** `EBUSY`: somebody uses it, other than to let nothing through. */
  checkIdle(): Result<null> {
    const { TES, QIES } = this.read('GSTS');
    const isInUse = TES && this.read('RTADDR').TTM !== 'abort';
    return isInUse || QIES ? refuse('EBUSY') : done;
  }

  /** From its answer on the tables below a root are the ones that are used. `ETIMEDOUT`. @param root Physical address. */
  setRoot(root: bigint, mode: 'legacy' | 'scalable' | 'abort'): Result<null> {
    this.write('RTADDR', { RTA: Number(root / PAGE), TTM: mode });
    return this.#order('SRTP', true, 'RTPS', true);
  }

  switchQueue(on: boolean): Result<null> {
    return this.#order('QIE', on, 'QIES', on);
  }

  switchTranslation(on: boolean): Result<null> {
    return this.#order('TE', on, 'TES', on);
  }

  /** From its answer on the hardware sees what was stored before. */
  flushWriteBuffer(): Result<null> {
    return this.#order('WBF', true, 'WBFS', false);
  }

  /** Orders are given one at a time, beside the switches as they are. @spec VT-D "Global Command Register" */
  #order(order: Order, on: boolean, status: Status, until: boolean): Result<null> {
    return locked(this.#platform, this.#lock, () => {
      const { TES, QIES } = this.read('GSTS');
      this.write('GCMD', { TE: TES, QIE: QIES, [order]: on });
      const carriedOut = this.waitFor('GSTS', { [status]: until });
      return carriedOut.ok ? done : carriedOut;
    });
  }
}
