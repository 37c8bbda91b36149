/**
 * The RISC-V IOMMU, version 1.0.
 *
 * Not modelled: `Sv32`, `Sv32x4`, `END`, `HPM`, `QOSID`, `NL` and `S` are refused by name when a part is made with them; registers of
 * counters and QoS identifiers are absent. Poisoned data does not exist, so that causes 268 to 271 and 274 do not occur.
 */
import type { Attention, Buffer, Bus, Fault, Glance, Hardware, Outcome, Request, SilenceKind } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import type { ConfigurationReader, Destination, Requester } from '#hw-models/core/reach/facts';
import { Silence } from '#hw-models/core/silence';
import { Answers } from '#hw-models/riscv-iommu/answers';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { ControlPlane } from '#hw-models/riscv-iommu/control-plane';
import { Destinations } from '#hw-models/riscv-iommu/destination';
import { causeNamed } from '#hw-models/riscv-iommu/fault-record';
import { Invalidator, type Endpoints } from '#hw-models/riscv-iommu/invalidation';
import { PageRequests } from '#hw-models/riscv-iommu/page-requests';
import type { Answer, GroupResponse, Inbound, PageRequest, Refused, Translated } from '#hw-models/riscv-iommu/request';
import { Translator } from '#hw-models/riscv-iommu/translate';
import type { Way } from '#hw-models/riscv-iommu/ways';

/** Devices that answer every message at once. */
const PROMPT: Endpoints = { invalidate: () => 'done', respond: () => undefined };

/** An MSI for an interrupt file in memory has no translation to show. @spec RISCV-IOMMU "Debug support" */
const NO_TRANSLATION = 260;

/** What was found of a requester's configuration, and how the rest of it is read. */
interface Known {
  readonly way: Way;
  readonly see: ConfigurationReader;
}

/** One RISC-V IOMMU. */
export class RiscvIommu implements Hardware {
  readonly name = 'the RISC-V IOMMU';
  readonly #bus: Bus;
  readonly #plane: ControlPlane;
  readonly #translator: Translator;
  readonly #destinations: Destinations;
  readonly #invalidator: Invalidator;
  readonly #answers: Answers;
  readonly #pageRequests: PageRequests;
  /** By requester. */
  #known: Known[] = [];

  constructor(bus: Bus, part: Capabilities, endpoints: Endpoints = PROMPT) {
    this.#bus = bus;
    this.#translator = new Translator(bus, part);
    const { contexts, processes, tags } = this.#translator;
    this.#destinations = new Destinations(contexts, processes, bus.memory);
    this.#invalidator = new Invalidator({ bus, tags, endpoints, reconfiguring: () => (this.#known = []) });
    const invalidator = this.#invalidator;
    this.#plane = new ControlPlane(bus, part, {
      execute: (order) => invalidator.execute(order),
      complete: (fence) => invalidator.complete(fence),
      debug: (inbound) => this.#debug(inbound),
    });
    this.#answers = new Answers(this.#plane.faults);
    this.#pageRequests = new PageRequests(contexts, this.#plane);
  }

  mmioRead(offset: number, width: 32 | 64): bigint {
    return this.#plane.read(offset, width);
  }

  mmioWrite(offset: number, value: bigint, width: 32 | 64): void {
    this.#plane.write(offset, value, width);
  }

  answersIn(page: number): boolean {
    return this.#plane.commands.answersIn(page);
  }

  advance(why: Glance): void {
    if (!this.#plane.advance(why)) return;
    this.#known = [];
    this.#bus.reach.reconfigure();
  }

  fallsSilent(after: number, kind: SilenceKind): Silence {
    return (this.#plane.commands.silence = new Silence(after, kind));
  }

  givenUp(): void {
    this.#plane.commands.silence?.givenUp();
  }

  mayBeAccessing(how: 'read' | 'write'): boolean {
    return this.#invalidator.isInFlight(how);
  }

  /** A device's request. @param see How configuration is read; as the caches have it unless told. */
  translate(inbound: Inbound, see: ConfigurationReader): Answer {
    return this.#answers.of(this.#translator.translate(this.#plane.control.directory, inbound, see), inbound);
  }

  /** A "Page Request" or "Stop Marker" message of a device. */
  requestPage(request: PageRequest, see: ConfigurationReader): GroupResponse | undefined {
    return this.#pageRequests.request(request, see);
  }

  access({ requester, id, pasid, iova, access, privileged }: Request): Outcome {
    const inbound = {
      deviceId: id,
      processId: pasid,
      privileged: pasid !== undefined && privileged,
      iova,
      access,
      type: 'untranslated',
    } as const;
    const answer = this.#answers.of(this.#found(requester, inbound), inbound);
    switch (answer.kind) {
      case 'translated': {
        const { pa, sizeLog2, prot, bypassed } = answer;
        return bypassed ? { kind: 'bypassed', pa } : { kind: 'translated', pa, sizeLog2, prot };
      }
      case 'interrupt-file':
        return { kind: 'translated', pa: answer.file, sizeLog2: INTERRUPT_FILE_LOG2, prot: 2 };
      case 'refused':
        return { kind: 'faulted', fault: this.#noted(answer, inbound) };
      case 'ats':
        return { kind: 'aborted' };
    }
  }

  /** The procedure, for a requester whose device context may be known. */
  #found(requester: Requester, inbound: Inbound): ReturnType<Translator['translate']> {
    const known = this.#known[requester] ?? this.#locate(requester, inbound.deviceId);
    if (known !== undefined) return this.#translator.through(known.way, inbound, known.see);
    return this.#translator.translate(this.#plane.control.directory, inbound, this.#bus.sight.configuration(requester));
  }

  /** A device context that was found stays what it is until it is invalidated, where caches remember what they gave. */
  #locate(requester: Requester, deviceId: number): Known | undefined {
    const { sight } = this.#bus;
    const { directory } = this.#plane.control;
    if (!sight.remembers || typeof directory !== 'object') return undefined;
    const see = sight.configuration(requester);
    const way = this.#translator.contexts.locate(directory, deviceId, see);
    return typeof way === 'number' ? undefined : (this.#known[requester] = { way, see });
  }

  resolve(requester: Requester, see: ConfigurationReader): Destination {
    return this.#destinations.of(this.#plane.control.directory, this.#bus.idOf(requester), see);
  }

  attention(): readonly Attention[] {
    return [...this.#plane.attention()];
  }

  buffers(): Iterable<Buffer> {
    return this.#plane.buffers();
  }

  #noted({ cause, record }: Refused, { deviceId, iova }: Inbound): Fault {
    const said = `${cause}, ${causeNamed(cause)}`;
    this.#bus.note('fault', `cause ${said}, of device_id ${hex(deviceId)} at ${hex(iova)}, ${record}`);
    return { cause: said, stage: stageOf(cause), iova, id: deviceId, record };
  }

  /** Nothing is recorded of a translation for software. */
  #debug(inbound: Inbound): Translated | Refused {
    const see = { fetch: () => undefined, read: (word: number) => this.#bus.memory.get(word) };
    const quiet = new Answers({ record: () => 'lost' });
    const answer = quiet.of(this.#translator.translate(this.#plane.control.directory, inbound, see), inbound);
    if (answer.kind === 'translated' || answer.kind === 'refused') return answer;
    return {
      kind: 'refused',
      response: 'unsupported-request',
      cause: NO_TRANSLATION,
      iotval: inbound.iova,
      iotval2: 0n,
      record: 'suppressed',
    };
  }
}

const INTERRUPT_FILE_LOG2 = 9;

const stageOf = (cause: number): 0 | 1 | 2 => (cause >= 256 ? 0 : cause >= 20 ? 2 : 1);
