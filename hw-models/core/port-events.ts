/** What every call of the platform port has: one event of the trace, and what it may not do is a violation, raised at that call. */
import { UnspecifiedBehaviour } from './errors';
import type { Instance, Machine } from './machine';
import type { Result } from './result';
import type { EventKind, Label } from './trace';

/** What an EL2 machine adds to the port; see `hw-models/hyp`. */
export interface HypCalls {
  readonly pageBytes: number;
  hostDonateHyp(pfn: number, pages: number): Result<null>;
  hypDonateHost(pfn: number, pages: number): Result<null>;
  hostShareDma(pfn: number, pages: number): Result<null>;
  hostUnshareDma(pfn: number, pages: number): Result<null>;
  createMappings(from: bigint, to: bigint, protection: 'owned' | 'shared-owned'): Result<null>;
  kernHypVa(address: bigint): bigint;
  hypPhys(address: bigint): bigint;
  /** The driver's call in which the host donated the frame, while the hypervisor has it. */
  donatedIn(page: number): number | undefined;
  /** Whether the driver's processor can access the frame. */
  mapsAtHyp(page: number): boolean;
}

/** A call of the driver made more port calls than any call needs: it does not end, or allocates without end. */
export class Runaway extends Error {
  override readonly name = 'Runaway';
}

const DEFAULT_BUDGET = 2_000_000;

export class PortEvents {
  protected readonly machine: Machine;
  /** Runs before the event of this number: the other CPU. */
  preempt: { readonly at: number; readonly run: () => void } | undefined;
  /** Port calls that one call of the driver may make. */
  budget = DEFAULT_BUDGET;
  /** Lock by the kind of page that it protects, as the driver's manifest declares. */
  lockOf: Readonly<Partial<Record<string, string>>> = {};
  hyp: HypCalls | undefined;
  #used = 0;
  #calls = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** A call of the driver begins. */
  begin(): void {
    this.#used = 0;
    // Not the machine's own number: a call inside a call gives it back.
    this.machine.call = ++this.#calls;
  }

  protected event(kind: EventKind, at: number, value: bigint, label?: Label): void {
    const { trace } = this.machine;
    if (this.preempt !== undefined && trace.length >= this.preempt.at) {
      const { run } = this.preempt;
      this.preempt = undefined;
      this.kept(run);
    }
    if (++this.#used > this.budget) this.machine.threw(new Runaway(`one call of the driver made more than ${this.budget} platform calls`));
    trace.add(kind, this.machine.cpu, at, value, label);
  }

  /** What our own parts throw is kept, since the driver that they throw it through may swallow it. */
  protected kept<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      return this.machine.threw(error);
    }
  }

  protected instance(iommu: number): Instance {
    return this.kept(() => this.machine.instance(iommu));
  }

  protected nonsense(act: string): never {
    return this.machine.threw(new UnspecifiedBehaviour(act, 'which the platform has no meaning for'));
  }
}
