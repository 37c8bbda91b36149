/** A machine whose remapping unit has a control plane and nothing behind it: orders are kept, requests abort. For tests. */
import type { Bus, Hardware, SilenceKind } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import { Silence } from '#hw-models/core/silence';
import { capabilities, type Capabilities } from '#hw-models/vtd/capabilities';
import type { Done } from '#hw-models/vtd/control-commands';
import { ControlPlane } from '#hw-models/vtd/control-plane';
import type { Order, Wait } from '#hw-models/vtd/invalidation-orders';
import type { Executor } from '#hw-models/vtd/invalidation-queue';
import { Software } from '#hw-models/vtd/software';

/** What the control plane asks for, kept; a test says what is answered. */
class Recorded implements Executor {
  readonly orders: Order[] = [];
  readonly waits: Wait[] = [];
  readonly commands: Done[] = [];
  /** Of the waits to come. */
  answer: { readonly timedOut: number } | undefined;

  execute(order: Order): void {
    this.orders.push(order);
  }

  complete(wait: Wait): { readonly timedOut: number } | undefined {
    this.waits.push(wait);
    return this.answer;
  }
}

/** What differs from the full part with a queue of 256-bit descriptors that is on. */
export interface ControlSceneOptions {
  readonly part?: Partial<Capabilities>;
  readonly wide?: boolean;
  readonly on?: boolean;
}

export class ControlScene extends Software {
  readonly data: Recorded;
  readonly plane: ControlPlane;

  constructor({ part = {}, wide = true, on = true }: ControlSceneOptions = {}) {
    const data = new Recorded();
    const planes: ControlPlane[] = [];
    const build = (bus: Bus): Hardware => hardwareOf((planes[0] = new ControlPlane(bus, capabilities(part), data)), data);
    super(new Machine({ mode: 'lazy', cpus: 1, storeOrder: 'program', snooped: true, iommus: [build] }), wide);
    this.data = data;
    this.plane = planes[0]!;
    if (on) this.enableQueue();
  }

  /** What software should look at. */
  get attention(): readonly string[] {
    return [...this.plane.attention()].map(({ what }) => what);
  }

  /** Interrupts so far. They are consumed. */
  interrupts(): readonly string[] {
    return this.machine.interrupts.splice(0).map(({ line }) => line);
  }
}

function hardwareOf(plane: ControlPlane, data: Recorded): Hardware {
  return {
    name: 'the remapping unit',
    mmioRead: (offset, width) => plane.read(offset, width),
    mmioWrite: (offset, value, width) => {
      plane.write(offset, value, width);
    },
    answersIn: (page) => plane.invalidations.answersIn(page),
    advance: (why) => {
      const done = plane.advance(why);
      if (done !== undefined) data.commands.push(done);
    },
    fallsSilent: (after: number, kind: SilenceKind) => (plane.invalidations.silence = new Silence(after, kind)),
    givenUp: () => plane.invalidations.silence?.givenUp(),
    access: () => ({ kind: 'aborted' }),
    resolve: () => ({ kind: 'stops', key: 'nothing' }),
    attention: () => [...plane.attention()],
    buffers: () => plane.buffers(),
  };
}
