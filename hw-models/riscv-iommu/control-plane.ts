/** Everything that software programs: registers, the three queues, interrupts, and translations for debugging. */
import type { Attention, Buffer, Bus, Glance } from '#hw-models/core/hardware';
import type { AccessWidth } from '#hw-models/core/registers';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { CommandQueue, type Executor } from '#hw-models/riscv-iommu/command-queue';
import { Control, type Update } from '#hw-models/riscv-iommu/control';
import { Debug, type DebugTranslate } from '#hw-models/riscv-iommu/debug';
import { FaultQueue } from '#hw-models/riscv-iommu/fault-queue';
import { PageRequestQueue } from '#hw-models/riscv-iommu/page-request-queue';
import { MAP } from '#hw-models/riscv-iommu/registers';
import { maskEffects, Signals } from '#hw-models/riscv-iommu/signals';

/** What the control plane asks of the rest. */
export interface DataPlane extends Executor {
  readonly debug: DebugTranslate;
}

/** Where software sees that a fence is complete, besides what it writes. */
const COMPLETION: readonly Glance[] = ['answer', 'time', MAP.cqh.at, MAP.cqcsr.at, MAP.ipsr.at];

/** Where software sees that a translation for debugging is complete. */
const TRANSLATION: readonly Glance[] = ['time', MAP.tr_req_ctl.at];

/** @spec RISCV-IOMMU "Memory-mapped register interface" */
export class ControlPlane {
  readonly control: Control;
  readonly signals: Signals;
  readonly commands: CommandQueue;
  readonly faults: FaultQueue;
  readonly pageRequests: PageRequestQueue;
  readonly #debug: Debug;

  constructor(bus: Bus, part: Capabilities, data: DataPlane) {
    const update = (): void => {
      this.signals.update();
    };
    this.control = new Control(
      part,
      {
        cqt: () => {
          this.commands.produced();
        },
        cqcsr: () => {
          update();
          this.commands.drain();
        },
        fqh: () => {
          this.faults.consumed();
        },
        fqcsr: update,
        pqh: () => {
          this.pageRequests.consumed();
        },
        pqcsr: update,
        ipsr: update,
        icvec: (_now, before) => {
          this.signals.rewired(before);
        },
        ...maskEffects(() => this.signals),
      },
      (register, why) => bus.note('command', `a write of ${register} was ignored: ${why}`),
    );
    this.signals = new Signals({ bus, part, control: this.control, faulted: (record) => this.faults.record(record) });
    const parts = { bus, part, control: this.control, signals: this.signals };
    this.commands = new CommandQueue(parts, data);
    this.faults = new FaultQueue(parts);
    this.pageRequests = new PageRequestQueue(parts);
    this.#debug = new Debug(this.control, (inbound) => data.debug(inbound));
  }

  read(at: number, width: AccessWidth): bigint {
    return this.control.read(at, width);
  }

  write(at: number, value: bigint, width: AccessWidth): void {
    this.control.write(at, value, width);
  }

  /** Every `busy` ends, and where software sees that it is complete, one fence. @returns Whether `control.directory` changed. */
  advance(why: Glance): boolean {
    if (COMPLETION.includes(why)) this.commands.advance();
    const updates = this.control.advance();
    for (const update of updates) this.#updated(update);
    if (TRANSLATION.includes(why)) this.#debug.advance();
    return updates.includes('ddtp');
  }

  #updated(update: Update): void {
    switch (update) {
      case 'command':
        this.commands.switched();
        break;
      case 'fault':
        this.faults.switched();
        break;
      case 'page-request':
        this.pageRequests.switched();
        break;
      case 'ddtp':
        // Whoever decides where requests go asks for the mode.
        break;
    }
  }

  *attention(): Iterable<Attention> {
    yield* this.commands.attention();
    yield* this.faults.attention();
    yield* this.pageRequests.attention();
  }

  *buffers(): Iterable<Buffer> {
    yield* this.commands.buffers();
    yield* this.faults.buffers();
    yield* this.pageRequests.buffers();
    yield* this.signals.targets();
  }
}
