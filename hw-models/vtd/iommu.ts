/**
 * A VT-d remapping unit, revision 4 of the architecture: legacy and scalable mode.
 *
 * Not modelled: capabilities that `capabilities.ts` refuses by name, among them interrupt remapping and posting, advanced fault logging,
 * protected memory, performance monitoring and enhanced commands; their registers are absent. Messages of events are interrupt lines,
 * whatever their address and data registers hold. Register-based invalidation does not exist from version 6 on.
 */
import { frameOf } from '#hw-models/core/address';
import type { Attention, Buffer, Bus, Fault, Glance, Hardware, Outcome, Request, SilenceKind, Told } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import type { ConfigurationReader, Destination, Requester } from '#hw-models/core/reach/facts';
import { Silence } from '#hw-models/core/silence';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { leadsToTables } from '#hw-models/vtd/contexts';
import { ControlPlane } from '#hw-models/vtd/control-plane';
import type { Done } from '#hw-models/vtd/control-commands';
import { Destinations } from '#hw-models/vtd/destination';
import type { Endpoints } from '#hw-models/vtd/device-messages';
import { DeviceTlbs } from '#hw-models/vtd/device-tlb';
import { faultRecord } from '#hw-models/vtd/fault-record';
import { reasonNamed } from '#hw-models/vtd/fault-reasons';
import { Invalidator } from '#hw-models/vtd/invalidation';
import type { PageRequest } from '#hw-models/vtd/page-request-queue';
import { PageRequests, type GroupResponse } from '#hw-models/vtd/page-requests';
import type { Found, Inbound, Refused } from '#hw-models/vtd/request';
import { Translator, type Located } from '#hw-models/vtd/translate';

/** Devices that answer every message at once. */
const PROMPT: Endpoints = { invalidate: () => 'done', respond: () => undefined };

/** One remapping unit. */
export class VtdIommu implements Hardware {
  readonly name = 'the VT-d remapping unit';
  readonly #bus: Bus;
  readonly #part: Capabilities;
  readonly #plane: ControlPlane;
  readonly #translator: Translator;
  readonly #destinations: Destinations;
  readonly #invalidator: Invalidator;
  readonly #pageRequests: PageRequests;
  readonly #devices = new DeviceTlbs();
  /** By requester: how its untranslated requests are translated. */
  #known: Located[] = [];

  constructor(bus: Bus, part: Capabilities, endpoints: Endpoints = PROMPT) {
    this.#bus = bus;
    this.#part = part;
    this.#translator = new Translator(bus, part);
    const { contexts, tags, negative } = this.#translator;
    this.#destinations = new Destinations(this.#translator, bus.memory);
    const invalidator = new Invalidator({
      ...{ bus, part, tags, negative, endpoints, devices: this.#devices },
      reconfiguring: () => (this.#known = []),
      isLegacy: () => this.#plane.control.tables === 'legacy',
      requesters: () => bus.reach.requesters,
      pasidOf: (requester) => this.#pasidOf(requester),
      current: (requester) => this.resolve(requester, this.#memory),
    });
    this.#invalidator = invalidator;
    this.#plane = new ControlPlane(bus, part, invalidator);
    this.#pageRequests = new PageRequests(contexts, this.#plane);
  }

  mmioRead(offset: number, width: 32 | 64): bigint {
    return this.#plane.read(offset, width);
  }

  mmioWrite(offset: number, value: bigint, width: 32 | 64): void {
    this.#plane.write(offset, value, width);
  }

  answersIn(page: number): boolean {
    return this.#plane.invalidations.answersIn(page);
  }

  advance(why: Glance): void {
    const done = this.#plane.advance(why);
    if (done !== undefined) this.#done(done);
  }

  fallsSilent(after: number, kind: SilenceKind): Silence {
    return (this.#plane.invalidations.silence = new Silence(after, kind));
  }

  givenUp(): void {
    this.#plane.invalidations.silence?.givenUp();
  }

  told(requester: Requester): Iterable<Told> {
    return this.#devices.told(this.#bus.idOf(requester));
  }

  /** A device's request. @param see How configuration is read; as the caches have it unless told. */
  translate(inbound: Inbound, see: ConfigurationReader = this.#bus.sight.configuration(inbound.requester)): Found | Refused {
    return this.#translator.translate(this.#plane.control.root, inbound, see);
  }

  /** A "Page Request" or "Stop Marker" message of a device. */
  requestPage(request: PageRequest, see: ConfigurationReader): GroupResponse | undefined {
    return this.#pageRequests.request(request, see);
  }

  access({ requester, id, pasid, iova, access, privileged }: Request): Outcome {
    const inbound: Inbound = { requester, id, pasid, iova, access, privileged: pasid !== undefined && privileged, type: 'untranslated' };
    const told = this.#told(inbound);
    const result = told === undefined ? this.#found(inbound) : this.translate(told);
    if (result.kind === 'refused') return { kind: 'faulted', fault: this.#noted(result, told ?? inbound) };
    if (told === undefined && result.deviceTlb) this.#devices.fill(inbound, frameOf(iova), frameOf(result.pa), result);
    const { pa, sizeLog2, prot, bypassed } = result;
    return bypassed && told === undefined ? { kind: 'bypassed', pa } : { kind: 'translated', pa, sizeLog2, prot };
  }

  /**
   * The procedure, for a requester whose configuration may be known. What was found present stays what it is until it is invalidated, where
   * caches remember what they gave; not where they keep what is not present, which another requester of the device may come upon.
   */
  #found(inbound: Inbound): Found | Refused {
    const { requester } = inbound;
    const known = this.#known[requester];
    if (known !== undefined) return this.#translator.known(known, inbound);
    const { sight } = this.#bus;
    const keep = (located: Located): void => {
      if (sight.remembers && !this.#translator.negative.isOn) this.#known[requester] = located;
    };
    return this.#translator.translate(this.#plane.control.root, inbound, sight.configuration(requester), keep);
  }

  resolve(requester: Requester, see: ConfigurationReader): Destination {
    return this.#destinations.of(this.#plane.control.root, this.#bus.idOf(requester), see);
  }

  attention(): readonly Attention[] {
    return [...this.#plane.attention()];
  }

  buffers(): Iterable<Buffer> {
    return this.#plane.buffers();
  }

  /** The request that a device makes which has been told where its address leads. It carries no PASID: ECAP.PTRS is 0. */
  #told(inbound: Inbound): Inbound | undefined {
    if (this.#devices.isEmpty || this.#plane.control.root.mode === 'off') return undefined;
    const page = this.#devices.look(inbound, frameOf(inbound.iova));
    if (page === undefined) return undefined;
    return { ...inbound, iova: BigInt(page) * PAGE + (inbound.iova % PAGE), pasid: undefined, privileged: false, type: 'translated' };
  }

  #noted({ reason, silent, stage }: Refused, { id, pasid, iova, access, privileged, type }: Inbound): Fault {
    const request = { reason, sourceId: id, pasid, iova, access, privileged, addressType: type };
    const record = silent ? 'suppressed' : this.#plane.faults.record(faultRecord(request));
    const cause = reasonNamed(reason);
    this.#bus.note('fault', `reason ${cause}, of source-id ${hex(id)} at ${hex(iova)}, ${record}`);
    return { cause, stage, iova, id, record };
  }

  /** A global command took effect. */
  #done(command: Done): void {
    if (command === 'TE' || command === 'SRTP') {
      this.#known = [];
      this.#bus.reach.reconfigure();
    }
    if (command === 'SRTP' && this.#part.ESRTPS) this.#invalidator.all();
    if (command === 'WBF' && !this.#part.CM) this.#translator.negative.clear();
  }

  #pasidOf(requester: Requester): number {
    const { id, pasid } = this.#bus.idOf(requester);
    const { root } = this.#plane.control;
    if (pasid !== undefined || !leadsToTables(root) || root.mode === 'legacy') return pasid ?? 0;
    const context = this.#translator.contexts.locate(root, id, this.#memory);
    return 'entry' in context ? context.entry.RID_PASID : 0;
  }

  /** Configuration as memory has it. */
  get #memory(): ConfigurationReader {
    return { fetch: () => undefined, read: (word) => this.#bus.memory.get(word) };
  }
}

const PAGE = 4096n;
