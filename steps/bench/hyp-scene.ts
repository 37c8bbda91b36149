/**
 * A machine with a hypervisor, as a scene sees it: the host that prepares and calls, what the hypervisor's tables hold, and the back
 * end where the scene plays it.
 */
import type { HypInit } from '#drivers/contract/hyp';
import type { Machine } from '#hw-models/core/machine';
import type { Port } from '#hw-models/core/port';
import type { Requester } from '#hw-models/core/reach/facts';
import { Host, type HostPages, type Params } from '#hw-models/hyp/host';
import type { Hyp } from '#hw-models/hyp/hyp';
import { smmuOf, type Setup } from './machines';
import { QUESTIONS } from './hyp-questions';
import { ANY_PGD, ScriptedBackEnd } from './scripted-back-end';

/** Pages in each CPU's memcache when a scene says nothing: more than any scene uses. */
export const PLENTY = 16;
/** Roots that come with something in them: as many as a scene looks at, since each then takes memory. */
const USED_PAGES = 64;
/** Bits of an input and of a physical address that the host's parameters name. */
const IAS = 40;
const OAS = 40;

/** Pages that the host has no right to give away, as features call them. */
export const UNFIT = ['shared', "guest's", "hypervisor's", 'misaligned'] as const;
export type Unfit = (typeof UNFIT)[number];

export class HypScene {
  readonly machine: Machine;
  readonly hyp: Hyp;
  readonly host: Host;
  readonly setup: Setup;
  readonly backEnd: ScriptedBackEnd | undefined;
  /** Physical address of the last page that the host had no right to offer. */
  offered = 0n;
  /** The host answers a request for pages; otherwise the call fails. */
  topsUp = true;
  /** Counts that were written into a table: giving back in order is not possible any more. */
  tampered = false;
  readonly #memcaches: bigint;
  readonly #roots: readonly bigint[];
  readonly #params: readonly bigint[];
  /** Endpoints of each domain, by the name that grants use. */
  readonly #endpoints = new Map<string, Set<number> | undefined>();
  readonly #pgds = new Map<string, bigint>();

  constructor(machine: Machine, port: Port, hyp: Hyp, setup: Setup) {
    this.machine = machine;
    this.hyp = hyp;
    this.setup = setup;
    this.host = new Host(machine, hyp);
    port.hyp = hyp;
    this.backEnd = setup.scripted ? new ScriptedBackEnd(setup.iommus) : undefined;
    this.#memcaches = this.host.setUpMemcaches(machine.config.cpus);
    for (let cpu = 0; cpu < machine.config.cpus; cpu++) this.host.topUp(cpu, PLENTY);
    this.#roots = Array.from({ length: setup.iommus }, (_none, smmu) => this.host.placeRoot(smmuOf(setup, smmu).rootOffset));
    this.#params = this.#roots.map((root, smmu) => this.host.placeParams(this.#parameters(smmu, root)));
  }

  /** The end of initialisation: the host is not trusted any more. */
  finalise(): void {
    this.hyp.finalise();
  }

  initParameters(): HypInit {
    return { memcaches: this.#memcaches, cpus: this.machine.config.cpus, operations: this.setup.operations };
  }

  /** Kernel linear address of an SMMU's parameters. */
  parametersOf(smmu: number): bigint {
    return this.#params[smmu] ?? 0n;
  }

  /** Kernel linear address of an SMMU's root table. */
  rootOf(smmu: number): bigint {
    return this.#roots[smmu] ?? 0n;
  }

  /** Bytes of the smallest page that an SMMU maps. */
  granuleOf(smmu: number): bigint {
    return BigInt(smmuOf(this.setup, smmu).granule);
  }

  /** A page of the host for the root of a page table. @param other A domain whose root the host passes again. @returns Kernel linear address. */
  takeRoot(smmu: number, domain: number, other?: number): bigint {
    if (other !== undefined) return this.#pgds.get(`${smmu}:${other}`) ?? 0n;
    const pgd = this.backEnd === undefined ? this.#page().address : ANY_PGD;
    this.#pgds.set(`${smmu}:${domain}`, pgd);
    return pgd;
  }

  /** The host puts a page into a memcache that it has no right to give away. */
  offers(cpu: number, unfit: Unfit): void {
    const { pa } = this.host.takePages();
    const page = this.hyp.pfnOf(pa);
    if (unfit === 'shared') this.hyp.hostShareHyp(page, 1);
    if (unfit === "guest's") this.hyp.hostDonateGuest(page, 1);
    this.offered = unfit === "hypervisor's" ? this.hyp.kernelPhys(this.rootOf(0))! : unfit === 'misaligned' ? pa + 8n : pa;
    this.host.push(cpu, this.offered);
  }

  /** Who makes requests as this endpoint; it exists from now on. None where there is no hardware. */
  requesters(smmu: number, endpoint: number): Requester[] {
    const { machine } = this;
    if (machine.iommus[smmu] === undefined) return [];
    const known = [...machine.requesters.keys()].filter(
      (requester) => machine.requesters[requester]!.iommu === smmu && machine.requesters[requester]!.id === endpoint,
    );
    return known.length > 0 ? known : machine.addDevice(endpoint, smmu, [endpoint]);
  }

  allocated(smmu: number, domain: number): void {
    this.#endpoints.set(`${smmu}:${domain}`, undefined);
  }

  freed(smmu: number, domain: number): void {
    this.#endpoints.delete(`${smmu}:${domain}`);
  }

  attached(smmu: number, domain: number, endpoint: number): void {
    const name = `${smmu}:${domain}`;
    this.#endpoints.set(name, (this.#endpoints.get(name) ?? new Set<number>()).add(endpoint));
  }

  detached(smmu: number, domain: number, endpoint: number): void {
    this.#endpoints.get(`${smmu}:${domain}`)?.delete(endpoint);
  }

  /** Every domain that is allocated, with the endpoints attached to it. */
  *domains(): Iterable<{ readonly smmu: number; readonly domain: number; readonly endpoints: readonly number[] }> {
    for (const [name, endpoints] of [...this.#endpoints]) {
      const [smmu, domain] = name.split(':').map(Number);
      yield { smmu: smmu!, domain: domain!, endpoints: [...(endpoints ?? [])] };
    }
  }

  /** What the scene can see, as text. Throws for a question that nobody asks. */
  answer(question: string, args: readonly number[]): string {
    const ask = QUESTIONS[question];
    if (ask === undefined) throw new Error(`nobody answers "${question}"`);
    return ask(this, ...args);
  }

  #page(): HostPages {
    return this.#pgds.size < USED_PAGES ? this.host.takeUsedPage() : this.host.takePages();
  }

  #parameters(smmu: number, root: bigint): Params {
    const { domains, granule } = smmuOf(this.setup, smmu);
    return { domains: root, nrDomains: domains, ias: IAS, oas: OAS, granule, mmio: smmu };
  }
}
