/** A machine whose IOMMU has a control plane and nothing behind it: orders are kept, requests abort. For tests. */
import type { Bus, Hardware, SilenceKind } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import { Silence } from '#hw-models/core/silence';
import { capabilities, type Capabilities } from '#hw-models/riscv-iommu/capabilities';
import type { Fence, Order } from '#hw-models/riscv-iommu/commands';
import { ControlPlane, type DataPlane } from '#hw-models/riscv-iommu/control-plane';
import type { QueueName } from '#hw-models/riscv-iommu/queues';
import type { Inbound, Refused, Translated } from '#hw-models/riscv-iommu/request';
import { Software } from '#hw-models/riscv-iommu/software';

/** What the control plane asks for, kept; a test says what is answered. */
class Recorded implements DataPlane {
  readonly orders: Order[] = [];
  readonly fences: Fence[] = [];
  readonly debugged: Inbound[] = [];
  /** Of the fences to come. */
  answer: 'done' | 'timeout' = 'done';
  /** Of translations for debugging. */
  translation: (inbound: Inbound) => Translated | Refused = () => REFUSED;

  execute(order: Order): void {
    this.orders.push(order);
  }

  complete(fence: Fence): 'done' | 'timeout' {
    this.fences.push(fence);
    return this.answer;
  }

  debug(inbound: Inbound): Translated | Refused {
    this.debugged.push(inbound);
    return this.translation(inbound);
  }
}

/** A refused translation. */
export const REFUSED: Refused = {
  kind: 'refused',
  response: 'unsupported-request',
  cause: 256,
  iotval: 0n,
  iotval2: 0n,
  record: 'recorded',
};

/** What differs from the full part with queues of 8 entries that are on. */
export interface ControlSceneOptions {
  readonly part?: Partial<Capabilities>;
  readonly queueLog2?: number;
  /** The queues that are switched on, with their interrupts. */
  readonly on?: readonly QueueName[];
  /** fctl.WSI. */
  readonly wired?: boolean;
}

export class ControlScene extends Software {
  readonly data: Recorded;
  readonly part: Capabilities;
  readonly plane: ControlPlane;

  constructor({ part = {}, queueLog2 = 3, on = ['command', 'fault', 'page-request'], wired = false }: ControlSceneOptions = {}) {
    const data = new Recorded();
    const planes: ControlPlane[] = [];
    const build = (bus: Bus): Hardware => hardwareOf((planes[0] = new ControlPlane(bus, capabilities(part), data)));
    super(new Machine({ mode: 'lazy', cpus: 1, storeOrder: 'weak', snooped: true, iommus: [build] }), queueLog2);
    this.data = data;
    this.part = capabilities(part);
    this.plane = planes[0]!;
    if (wired) this.write('fctl', 2n);
    for (const queue of on) this.enable(queue);
  }

  /** Whether a flag of a queue is set, without looking as software does. */
  flag(queue: QueueName, flag: string): boolean {
    return this.plane.control.flag(queue, flag);
  }
}

function hardwareOf(plane: ControlPlane): Hardware {
  return {
    name: 'the IOMMU',
    mmioRead: (offset, width) => plane.read(offset, width),
    mmioWrite: (offset, value, width) => {
      plane.write(offset, value, width);
    },
    answersIn: (page) => plane.commands.answersIn(page),
    advance: (why) => {
      plane.advance(why);
    },
    fallsSilent: (after: number, kind: SilenceKind) => (plane.commands.silence = new Silence(after, kind)),
    givenUp: () => plane.commands.silence?.givenUp(),
    access: () => ({ kind: 'aborted' }),
    resolve: () => ({ kind: 'stops', key: 'nothing' }),
    attention: () => [...plane.attention()],
    buffers: () => plane.buffers(),
  };
}
