/**
 * The SMMUv3: Non-secure programming interface, stage 2.
 *
 * Not modelled; each throws `NotModelled` when it is used, or cannot be used because the identification registers deny it:
 * - thrown: stage 1 (STE.Config 0b1x1 while IDR0.S1P is set), VMSAv8-32 stage 2, big-endian tables, stalled transactions (a fault
 *   under STE.S2S), IDR0.HTTU = 3, IDR3.BBML below 2;
 * - denied: substreams, ATS, PRI, ATOS, broadcast maintenance, MPAM, the Secure, Realm and Root states, DPT, ECMDQ, 52-bit addresses of
 *   the 4K and 16K granules, VMSAv9-128, permission indirection and overlay, preset tables and queues, service failure mode.
 * Hints are legal to ignore and are ignored: STE.CONT, STE.MEV, CMD_PREFETCH_*. Memory attributes decide nothing here, but belong to
 * what an STE says.
 */
import type { Attention, Buffer, Bus, Glance, Hardware, Outcome, Request, SilenceKind } from '#hw-models/core/hardware';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { ConfigurationReader, Requester } from '#hw-models/core/reach/facts';
import { hex } from '#hw-models/core/hex';
import { pageOfWord } from '#hw-models/core/address';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import { CommandQueue } from '#hw-models/smmu-v3/command-queue';
import { Configurator, INCOMING, streamTableOf, tableWords, type Configured, type StreamTable } from '#hw-models/smmu-v3/configure';
import { Control, type Update } from '#hw-models/smmu-v3/control';
import { EventQueue } from '#hw-models/smmu-v3/event-queue';
import { Faults } from '#hw-models/smmu-v3/faults';
import { Invalidator } from '#hw-models/smmu-v3/invalidation';
import { MAP } from '#hw-models/smmu-v3/registers';
import { Signals } from '#hw-models/smmu-v3/signals';
import { Silence } from '#hw-models/core/silence';
import { Translator } from '#hw-models/smmu-v3/translate';

/** Where every stream goes while the SMMU is disabled. @spec SMMU-V3 "SMMU_GBPA" */
function disabledWay({ ABORT, raw }: { readonly ABORT: boolean; readonly raw: bigint }): Configured {
  return ABORT
    ? { kind: 'stops', key: 'GBPA abort' }
    : { kind: 'passes', key: `GBPA bypass ${hex(raw)}`, by: 'disabled', overrides: INCOMING };
}

/** One SMMUv3. */
export class SmmuV3 implements Hardware {
  readonly name = 'the SMMUv3';
  readonly #bus: Bus;
  readonly #part: Capabilities;
  readonly #control: Control;
  readonly #signals: Signals;
  readonly #events: EventQueue;
  readonly #commands: CommandQueue;
  readonly #invalidator: Invalidator;
  readonly #configurator: Configurator;
  readonly #translator: Translator;
  /** While the SMMU is enabled, when its registers cannot change. */
  #table: StreamTable | undefined;
  #disabled: Configured;
  /** What was decoded of configuration that caches hold, by requester. */
  #ways: Configured[] = [];

  constructor(bus: Bus, part: Capabilities) {
    this.#bus = bus;
    this.#part = part;
    const control = new Control(
      part,
      {
        CR0: (now, before) => {
          if (now.SMMUEN && !before.SMMUEN) this.#checkCaches();
        },
        GERRORN: () => this.#commands.drain(),
        CMDQ_PROD: () => this.#commands.produced(),
        EVENTQ_CONS: () => this.#events.consumed(),
      },
      (register, why) => bus.note('command', `a write of SMMU_${register} was ignored: ${why}`),
    );
    const { registers } = control;
    this.#control = control;
    this.#signals = new Signals(bus, part, control);
    this.#events = new EventQueue(bus, part, control, this.#signals);
    this.#invalidator = new Invalidator({
      bus,
      part,
      table: () => this.#tableNow(),
      wildcardBits: () => control.wildcardBits,
      reconfiguring: () => {
        this.#ways = [];
      },
    });
    this.#commands = new CommandQueue({ bus, part, control, signals: this.#signals, invalidator: this.#invalidator });
    this.#configurator = new Configurator(part, bus.memory);
    this.#translator = new Translator(bus, part, new Faults(bus, part, this.#events, () => registers.view('CR2').RECINVSID));
    this.#disabled = disabledWay(registers.view('GBPA'));
  }

  mmioRead(offset: number, width: 32 | 64): bigint {
    return this.#control.read(offset, width);
  }

  mmioWrite(offset: number, value: bigint, width: 32 | 64): void {
    this.#control.write(offset, value, width);
  }

  answersIn(page: number): boolean {
    return this.#commands.answersIn(page);
  }

  /** Updates are due, and where software sees that it is consumed, one CMD_SYNC. */
  advance(why: Glance): void {
    if (why === 'answer' || why === MAP.CMDQ_CONS.at) this.#commands.advance();
    for (const update of this.#control.advance()) this.#updated(update);
  }

  fallsSilent(after: number, kind: SilenceKind): Silence {
    return (this.#commands.silence = new Silence(after, kind));
  }

  givenUp(): void {
    this.#commands.silence?.givenUp();
  }

  access(request: Request): Outcome {
    const { requester } = request;
    return this.#translator.access(request, this.#ways[requester] ?? this.#way(requester));
  }

  /** @spec SMMU-V3 "Configuration and Translation lookup" */
  resolve(requester: Requester, see: ConfigurationReader): Configured {
    if (this.#table === undefined) return this.#disabled;
    const { id, pasid } = this.#bus.idOf(requester);
    return this.#configurator.configure(this.#table, { id, substream: pasid }, see);
  }

  attention(): readonly Attention[] {
    return [...this.#signals.attention(), ...this.#events.attention()];
  }

  *buffers(): Iterable<Buffer> {
    yield* this.#commands.buffers();
    yield* this.#events.buffers();
    yield* this.#signals.targets();
    if (this.#table === undefined) return;
    const { word, format } = this.#table;
    const page = pageOfWord(word);
    yield {
      page,
      frames: pageOfWord(word + tableWords(this.#table) - 1) - page + 1,
      what: `the ${format === 'linear' ? '' : 'level-1 '}Stream table`,
    };
  }

  #way(requester: Requester): Configured {
    const { sight } = this.#bus;
    const way = this.resolve(requester, sight.configuration(requester));
    // What a failed fetch gave is not kept.
    if (sight.remembers && !('fetched' in way)) this.#ways[requester] = way;
    return way;
  }

  #tableNow(): StreamTable {
    const { registers } = this.#control;
    return streamTableOf(registers.view('STRTAB_BASE'), registers.view('STRTAB_BASE_CFG'), this.#part);
  }

  /** The state of caches after reset is not known, and disabling the SMMU does not empty them. @spec SMMU-V3 "Reset, Enable and initialization" */
  #checkCaches(): void {
    const { unknown } = this.#invalidator;
    if (unknown.length > 0)
      throw new UnspecifiedBehaviour('SMMU_CR0.SMMUEN = 1', `the caches of ${unknown.join(' and ')} were not invalidated before`);
  }

  #updated(update: Update): void {
    switch (update) {
      case 'SMMUEN':
        this.#table = this.#control.isOn('SMMUEN') ? this.#tableNow() : undefined;
        if (this.#table === undefined) this.#invalidator.disabled();
        this.#reconfigured();
        break;
      case 'GBPA':
        this.#disabled = disabledWay(this.#control.registers.view('GBPA'));
        this.#reconfigured();
        break;
      case 'CMDQEN':
        this.#commands.switched();
        break;
      case 'EVENTQEN':
        this.#events.switched();
        break;
      case 'EVENTQ_IRQEN':
      case 'GERROR_IRQEN':
        // Nothing is due: an interrupt is raised when its reason arises.
        break;
    }
  }

  #reconfigured(): void {
    this.#ways = [];
    this.#bus.reach.reconfigure();
  }
}
