/**
 * One machine, one driver, and the last outcome of each kind. A Bench is a pure function of its script: what it did is recorded as
 * data, and `twin` plays it again on a fresh machine. Allocation sweeps, races and reproduce lines are all replays.
 */
import type { DriverModule, Started } from '#drivers/contract/driver';
import type { DeviceDescription, IommuDriver, Unmapped, UserData } from '#drivers/contract/iommu';
import { unsupported } from '#drivers/contract/unsupported';
import type { Outcome } from '#hw-models/core/hardware';
import { showOutcome, type Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { isPromise, type Result } from '#hw-models/core/result';
import type { Mode } from '#hw-models/core/sight';
import { checkAnswer, checkStarted, toldOf } from './answers';
import { audit, type Snapshot } from './audit';
import { eachOf } from './bounds';
import { begin, end, isReady, leavesNoLock, named, safely, safelyNow } from './call';
import { Grants } from './grants';
import { HostDriver } from './hyp-host-driver';
import { HypScene } from './hyp-scene';
import { build, DEFAULT_SETUP, type Part, type Setup, type SmmuSetup } from './machines';
import { arrival, showArrival, type Arrival } from './arrival';
import { Broken, expectSame, NotTested, type Expected, type Phase } from './outcomes';
import { restIsThere, sameAddresses } from './refusals';
import { SCENE, type SceneName, type SceneArguments } from './scene';
import { Upcalls } from './upcalls';
import { UserProcess } from './user-process';
import type { Range, Sender } from './verb';
import { act, say, verbOf, type Act, type ArgumentsOf, type VerbName } from './verbs';
import { watched } from './watched-driver';

export type Access = 'read' | 'write' | 'execute';

/** What the scene did: a call of the driver, a device's access, a device that appeared, or a change made from outside. */
type Recorded =
  | { readonly kind: 'call'; readonly act: Act }
  | { readonly kind: 'access'; readonly sender: Sender; readonly access: Access; readonly iova: bigint }
  | { readonly kind: 'device'; readonly description: DeviceDescription }
  | { readonly kind: 'scene'; readonly name: SceneName; readonly args: readonly unknown[] };

/** A device without anything of its own. */
const PLAIN_DEVICE = { ats: false, pri: false, stall: false, pasidBits: 0, coherent: true, alwaysCoherent: false } as const;

/** What was unmapped and is granted until its `iotlbSync` has answered. */
export interface Gathered extends Unmapped {
  readonly where: Range;
}

export class Bench {
  readonly module: DriverModule;
  readonly mode: Mode;
  readonly handles = new Map<string, number>();
  /** Who uses /dev/iommu, where the driver is one. */
  readonly user = new UserProcess(this);
  readonly upcalls = new Upcalls(() => this.machine);
  /** What the user gave for domains, by name. */
  readonly madeFrom = new Map<string, UserData>();
  /** Devices that the driver has taken and not given back. */
  readonly probed = new Set<number>();
  /** How the driver has answered so far: once `later`, always so. */
  answers: 'at once' | 'later' | undefined;
  /** By domain, oldest first. */
  readonly gathers = new Map<string, readonly Gathered[]>();
  phase: Phase = 'given';
  /** Two calls overlap: what one of them changed cannot be told from what the other did. */
  overlapping = false;
  /** What was done less often than a step says. */
  readonly bounds: string[] = [];
  /** Calls of the script that were accepted. */
  accepted = 0;
  /** Where the scene's configuration stands until the driver is started by its first use. */
  setup: Setup = DEFAULT_SETUP;
  #machine: Machine | undefined;
  #port: Port | undefined;
  #grants: Grants | undefined;
  #started: Started | undefined;
  /** The driver below one that is made of another. */
  #below: IommuDriver | undefined;
  #hyp: HypScene | undefined;
  /** What is held once the driver has started. */
  #baseline: Snapshot | undefined;
  readonly #script: Recorded[] = [];
  readonly #devices = new Map<number, DeviceDescription>();
  /** What firmware says of devices that have not appeared yet. */
  readonly #places = new Map<number, Partial<DeviceDescription>>();
  #answer: Result<unknown> | undefined;
  /** An access that a step made and that did not get through, with its event. */
  #unseen: { readonly what: string; readonly at: number } | undefined;
  /** A step has looked at a fault: the records of it may stay unread, and some may be lost. */
  #sawFault = false;

  constructor(module: DriverModule, mode: Mode) {
    this.module = module;
    this.mode = mode;
  }

  get machine(): Machine {
    return this.#there(this.#machine);
  }

  get port(): Port {
    return this.#there(this.#port);
  }

  get grants(): Grants {
    return this.#there(this.#grants);
  }

  get started(): Started {
    return this.#there(this.#started);
  }

  /** The driver that devices are probed by. */
  get iommu(): IommuDriver | undefined {
    return this.#started?.iommu ?? this.#below;
  }

  get hasHypervisor(): boolean {
    return this.#hyp !== undefined;
  }

  /** Whether the driver is up, so that the sanitizer holds it to its grants. */
  get isArmed(): boolean {
    return this.#machine?.armed === true;
  }

  /** The host and what it knows, on a machine with a hypervisor. */
  get hyp(): HypScene {
    if (this.#hyp === undefined) throw new NotTested('the machine has no hypervisor');
    return this.#hyp;
  }

  get baseline(): Snapshot {
    return this.#there(this.#baseline);
  }

  /** Whether the scene has come so far as to need a machine. */
  get isBuilt(): boolean {
    return this.#machine !== undefined;
  }

  /** What the scene asks of the machine. Only before its first use. */
  configure(setup: Partial<Setup>): void {
    const isAnother = Object.entries(setup).some(([name, value]) => this.setup[name as keyof Setup] !== value);
    if (this.#machine !== undefined && isAnother)
      throw new Error('the scene asks for another machine after the first was used: move that Given to the front');
    this.setup = { ...this.setup, ...setup };
  }

  configurePart(iommu: number, part: Part): void {
    const parts = Array.from({ length: Math.max(this.setup.parts.length, iommu + 1) }, (_none, index) => this.setup.parts[index] ?? {});
    parts[iommu] = { ...parts[iommu], ...part };
    this.configure({ parts });
  }

  configureSmmu(smmu: number, setup: Partial<SmmuSetup>): void {
    const smmus = Array.from({ length: Math.max(this.setup.smmus.length, smmu + 1) }, (_none, index) => this.setup.smmus[index] ?? {});
    smmus[smmu] = { ...smmus[smmu], ...setup };
    this.configure({ smmus });
  }

  /** Builds the machine and starts the driver on it, once. A driver that does not start leaves the rule untested. */
  async start(): Promise<void> {
    if (this.#started !== undefined) return;
    const { machine, hyp, interrupts = [] } = build(this.module.manifest.hardware, this.mode, this.setup);
    this.#machine = machine;
    this.#grants = new Grants(machine);
    this.#port = new Port(machine);
    this.#port.lockOf = this.module.manifest.locks;
    if (hyp !== undefined) this.#hyp = new HypScene(machine, this.port, hyp, this.setup);
    const { upcalls } = this;
    const backEnd = this.#hyp?.backEnd;
    const watches = (below: IommuDriver): IommuDriver => watched(this, (this.#below = below));
    const iommus = machine.iommus.map((_instance, iommu) => ({ iommu, coherent: machine.config.snooped, interrupts }));
    if (this.module.ready !== undefined) await isReady(this, this.module.ready);
    const answer = checkAnswer(
      'start',
      'record',
      await safely(this, 'start', () =>
        this.module.start(this.port, { iommus, upcalls, watched: watches, ...(backEnd !== undefined && { backEnd }) }),
      ),
    );
    leavesNoLock(this, 'start');
    if (!answer.ok) throw new NotTested(`the driver did not start: ${answer.errno}`);
    this.#started = this.#withHost(checkStarted(this.module.manifest, answer.value));
    if (this.#hyp === undefined) this.#arm();
    else if (this.setup.boots) await this.#boot();
  }

  /** A hypervisor is used through its host by whoever asks for `IommuDriver`. */
  #withHost(started: Started): Started {
    if (this.#hyp === undefined || started.hyp === undefined || started.iommu !== undefined) return started;
    return { ...started, iommu: unsupported(new HostDriver(started.hyp, this.#hyp)), stop: () => started.stop() };
  }

  /** The trusted host initialises the hypervisor, then loses its privileges. */
  async #boot(): Promise<void> {
    const calls = [act('hypInit'), ...Array.from({ length: this.setup.iommus }, (_none, smmu) => act('hypInitDevice', smmu))];
    for (const call of calls) {
      const answer = await this.perform(call, false);
      if (!answer.ok) throw new NotTested(`the hypervisor did not start: ${say(call)} was refused with ${answer.errno}`);
    }
    this.#settleIn();
  }

  /** The first call that is not part of initialisation ends it. */
  #settleIn(): void {
    if (this.machine.armed) return;
    this.#hyp?.finalise();
    this.#arm();
  }

  #arm(): void {
    this.machine.arm();
    this.#baseline = { held: this.machine.resources.held() };
  }

  /** What firmware says of a device: by default one id, equal to its number, behind the first IOMMU. */
  describe(device: number): DeviceDescription {
    const known = this.#devices.get(device);
    if (known !== undefined) return known;
    return { device, iommu: 0, ids: [device], group: device, reserved: [], ...PLAIN_DEVICE, ...this.#places.get(device) };
  }

  /** Where a device is and what it can. Only before it is first used. */
  places(device: number, place: Partial<DeviceDescription>): void {
    if (this.#devices.has(device)) throw new Error(`d${device} was used before the scene says where it is: move that Given to the front`);
    this.#places.set(device, { ...this.#places.get(device), ...place });
  }

  /** The device exists, and the driver has probed it. */
  async device(device: number, place: Partial<DeviceDescription> = {}): Promise<void> {
    await this.start();
    if (this.#devices.has(device)) return;
    const description = { ...this.describe(device), ...place };
    this.#devices.set(device, description);
    this.grants.describe(description);
    // As an endpoint that the host attached it makes requests already.
    const isThere = this.machine.requestersOf(device).some((requester) => this.machine.requesters[requester]!.iommu === description.iommu);
    if (!isThere) this.machine.addDevice(device, description.iommu, description.ids);
    this.#script.push({ kind: 'device', description });
    if (this.iommu === undefined) return;
    const probed = await this.perform(act('probe', device), false);
    if (!probed.ok) throw new NotTested(`probeDevice(d${device}) was refused with ${probed.errno}`);
  }

  get devices(): readonly number[] {
    return [...this.#devices.keys()];
  }

  /** Changes something from outside the driver: the host, a back end, another processor. */
  async sets<N extends SceneName>(name: N, ...args: SceneArguments<N>): Promise<void> {
    await this.start();
    this.#script.push({ kind: 'scene', name, args });
    await (SCENE[name] as (bench: Bench, ...args: readonly unknown[]) => unknown)(this, ...args);
  }

  /** The verb of a step, for each number in a range. */
  async doesEach(first: number, last: number, each: (n: number) => Act): Promise<void> {
    for (const n of eachOf(this, first, last)) await this.#do(undefined, each(n));
  }

  /** Compares what the scene can see with what a step says. */
  expects(question: string, args: readonly number[], expected: string): void {
    expectSame(`${question} ${args.join(', ')}`.trim(), this.hyp.answer(question, args), expected);
  }

  /** The verb of a Given or When step; `expected` is what the step says of its answer. In a Given it must come out so. */
  async does<V extends VerbName>(expected: Expected, verb: V, ...args: ArgumentsOf<V>): Promise<void> {
    await this.#do(expected, act(verb, ...args));
  }

  async #do(expected: Expected, done: Act): Promise<void> {
    const introduced = this.introduce(done);
    if (introduced !== undefined) await introduced;
    this.#answer = await this.perform(done);
    const refusal = toldOf(verbOf(done).answers, this.#answer, expected);
    const got = refusal === undefined ? 'accepted' : `refused with ${refusal}`;
    const wanted = expected === undefined ? 'accepted' : expected === 'any' ? 'refused' : `refused with ${expected}`;
    if (got === wanted || expected === 'either' || (expected === 'any' && refusal !== undefined)) return;
    if (this.phase === 'given') throw new NotTested(`setup: ${say(done)} was ${got}, not ${wanted}`);
    throw new Broken(`${say(done)} was ${got}, expected ${wanted}`);
  }

  /** One driver call: grants widen before it and narrow after it, and the sanitizer looks at what it left. */
  async perform(done: Act, record = true): Promise<Result<unknown>> {
    if (this.#started === undefined) await this.start();
    if (!verbOf(done).initialises) this.#settleIn();
    const prepared = verbOf(done).prepare?.(this);
    if (prepared !== undefined) await prepared;
    const pending = begin(this, done);
    const answer = safely(this, named(done), () => this.#timed(verbOf(done).call(this, ...done.args)));
    const result = end(this, pending, isPromise(answer) ? await answer : answer);
    if (record) this.#script.push({ kind: 'call', act: done });
    if (record && result.ok) this.accepted++;
    const more = this.overlapping ? undefined : result.ok ? restIsThere(this, done) : sameAddresses(this, done);
    if (more !== undefined) await more;
    return result;
  }

  #timed<A>(answer: A | Promise<A>): A | Promise<A> {
    if (isPromise(answer)) this.answers = 'later';
    else this.answers ??= 'at once';
    return answer;
  }

  /** As `perform`, inside another call: only for drivers that answer at once. */
  performNow(done: Act): Result<unknown> {
    const call = this.machine.call;
    const pending = begin(this, done);
    const answer = safelyNow(this, named(done), () => verbOf(done).call(this, ...done.args));
    if (isPromise(answer)) {
      // Nobody waits for it any more.
      answer.then(undefined, () => undefined);
      throw new Broken(`${this.module.manifest.name} says that it offers two-cpus, but ${say(done)} inside another call is answered later`);
    }
    const result = end(this, pending, answer);
    this.machine.call = call;
    return result;
  }

  /** A device's access, under each of its ids. */
  async access(sender: Sender, access: Access, iova: bigint): Promise<{ readonly what: string; readonly outcome: Outcome }[]> {
    const { device, pasid } = sender;
    await this.device(device);
    this.#script.push({ kind: 'access', sender, access, iova });
    return this.machine.requestersWith(device, pasid).map((requester) => ({
      what: `${this.machine.nameOf(requester)} ${access} of 0x${iova.toString(16)}`,
      outcome: this.machine.access(requester, iova, access),
    }));
  }

  /** As `access`: in a Given it warms the caches and must get through. */
  async accesses(sender: Sender, access: Access, iova: bigint): Promise<void> {
    const stopped = (await this.access(sender, access, iova)).find(({ outcome: { kind } }) => kind !== 'translated' && kind !== 'bypassed');
    if (stopped === undefined) return;
    const what = `${stopped.what} ${showOutcome(stopped.outcome)}`;
    if (this.phase === 'given') throw new NotTested(`setup: ${what}`);
    this.#unseen ??= { what, at: this.machine.trace.length - 1 };
  }

  /** What the access of a device comes to, under each of its ids. */
  async expectAccess(sender: Sender, access: Access, iova: bigint, expected: Arrival): Promise<void> {
    for (const { what, outcome } of await this.access(sender, access, iova)) {
      this.#sawFault ||= outcome.kind !== 'translated' && outcome.kind !== 'bypassed';
      expectSame(what, arrival(outcome, typeof expected === 'object'), showArrival(expected));
    }
  }

  /** @param expected Physical address, or undefined where nothing is mapped. */
  async expectPhys(name: string, iova: bigint, expected: bigint | undefined): Promise<void> {
    const answer = await this.perform(act('phys', name, iova));
    const actual = answer.ok ? `0x${(answer.value as bigint).toString(16)}` : answer.errno;
    expectSame(`iovaToPhys of 0x${iova.toString(16)} in ${name}`, actual, expected === undefined ? 'ENOENT' : `0x${expected.toString(16)}`);
  }

  /** The same scene on a fresh machine. */
  async twin(): Promise<Bench> {
    const twin = new Bench(this.module, this.mode);
    twin.setup = this.setup;
    for (const [device, place] of this.#places) twin.places(device, place);
    await twin.start();
    await twin.replay(this.#script);
    return twin;
  }

  /** Plays a script once more on this machine, after everything that it took was given back. */
  async again(script: readonly Recorded[]): Promise<void> {
    for (const device of this.devices) await this.perform(act('probe', device), false);
    await this.replay(script);
  }

  async replay(script: readonly Recorded[]): Promise<void> {
    for (const recorded of script) {
      if (recorded.kind === 'call') await this.perform(recorded.act);
      else if (recorded.kind === 'access') await this.access(recorded.sender, recorded.access, recorded.iova);
      else if (recorded.kind === 'scene') await this.sets(recorded.name, ...(recorded.args as never));
      else await this.device(recorded.description.device, recorded.description);
    }
  }

  /** The end of a scenario: nothing overlooked, and after clean-up nothing left. */
  async end(): Promise<void> {
    if (this.#machine !== undefined) this.#attend(this.#machine);
    this.phase = 'end';
    if (this.#started !== undefined) await audit(this, [...this.#script]);
  }

  /** The driver stops: the last thing that it is asked. */
  async stop(): Promise<Result<unknown>> {
    this.port.begin();
    const answer = checkAnswer('stop', 'nothing', await safely(this, 'stop', () => this.started.stop()));
    leavesNoLock(this, 'stop');
    return answer;
  }

  /** Check 8: what devices met and what the hardware reported, a step has looked at. The scenario's affair, not the clean-up's. */
  #attend(machine: Machine): void {
    if (this.#unseen !== undefined) machine.violate('attention', `no step expected this: ${this.#unseen.what}`, this.#unseen.at);
    const report = [...machine.attention(), ...this.upcalls.attention()].find(({ protocol }) => protocol || !this.#sawFault);
    if (report !== undefined) machine.violate('attention', `nobody has looked at it: ${report.what}`);
  }

  /** The device that a verb is about exists before the verb is used. */
  introduce(done: Act): Promise<void> | undefined {
    const device = verbOf(done).device?.(...done.args);
    return device === undefined ? undefined : this.device(device);
  }

  #there<T>(value: T | undefined): T {
    if (value === undefined) throw new Error('the Bench is used before its driver is started: call start() first');
    return value;
  }
}
