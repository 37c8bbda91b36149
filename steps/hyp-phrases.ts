/** What features say of a hypervisor's machine: how an SMMU and the back end are, and what is there afterwards. */
import { KVM_IOMMU_OPS, type KvmIommuOps } from '#drivers/contract/hyp';
import type { Errno } from '#drivers/contract/driver';
import type { Setup, SmmuSetup } from './bench/machines';
import type { SceneArguments, SceneName } from './bench/scene';
import { address, HEX, NUMBER, number, SIZE, size } from './literals';
import { phrases, says } from './wordings';

/** A back end that the scene plays: what it has, and what it will answer. */
export interface BackEndSetting {
  readonly setup?: Partial<Setup>;
  readonly scene?: { [N in SceneName]: readonly [N, ...SceneArguments<N>] }[SceneName];
}

/** Something that can be seen of the machine: the question, and the answer that a feature gives. */
export interface Fact {
  readonly question: string;
  readonly args: readonly number[];
  readonly answer: string;
}

type Operation = keyof KvmIommuOps;
const OPERATION = `(${KVM_IOMMU_OPS.join('|')})`;
const ERRNO = '(E[A-Z0-9]+)';

phrases<Partial<SmmuSetup>>('smmuSetting', [
  { says: says(`(${NUMBER}) domains`), means: (domains) => ({ domains: number(domains) }) },
  { says: says(`(${NUMBER})-bit VMIDs`), means: (vmidBits) => ({ vmidBits: number(vmidBits) }) },
  { says: says('a granule of ', SIZE), means: (count, unit) => ({ granule: Number(size(count, unit)) }) },
  { says: /a (two-level) stream table/, means: () => ({ twoLevel: true }) },
  { says: says(`its root table at (${HEX}) of a page with other data`), means: (offset) => ({ rootOffset: number(offset) }) },
  { says: says(`a command queue of (${NUMBER}) entries`), means: (entries) => ({ commands: Math.log2(number(entries)) }) },
]);

phrases<BackEndSetting>('backEnd', [
  { says: /is (scripted)/, means: () => ({}) },
  {
    says: says('lacks ', OPERATION),
    means: (operation) => ({ setup: { operations: KVM_IOMMU_OPS.filter((name) => name !== operation) } }),
  },
  {
    says: says('answers ', OPERATION, ' with ', ERRNO),
    means: (operation, errno) => ({ scene: ['backEndRefuses', operation as Operation, errno as Errno] }),
  },
  { says: says(`answers allocIopt with the root (${HEX})`), means: (root) => ({ scene: ['backEndRoot', address(root)] }) },
  { says: /refuses (at random)/, means: () => ({ scene: ['backEndRandom'] }) },
]);

const fact = (question: string, answer: string, ...args: number[]): Fact => ({ question, args, answer });

/** Whose a page is that the host had no right to give away. */
const STILL: Readonly<Record<string, string>> = {
  shared: 'host, shared with the hypervisor',
  "the guest's": 'guest',
  "the hypervisor's": 'hypervisor',
  "the host's": 'host',
};

phrases<Fact>('fact', [
  { says: says(`CPU (${NUMBER}) has (\\d+) pages? left`), means: (cpu, pages = '') => fact('memcache pages of CPU', pages, number(cpu)) },
  {
    says: says(`CPU (${NUMBER}) needs (a|no) page`),
    means: (cpu, needs) => fact('page needed by CPU', needs === 'a' ? 'yes' : 'no', number(cpu)),
  },
  {
    says: says(`domain (${NUMBER}) has (${NUMBER}) references?`),
    means: (domain, references) => fact('references of domain', `${number(references)}`, 0, number(domain)),
  },
  {
    says: says(`endpoints (${NUMBER}) and (${NUMBER}) walk one table`),
    means: (first, second) => fact('tables of endpoints', 'one', 0, number(first), number(second)),
  },
  {
    says: says(`the root of domain (${NUMBER}) is (${HEX})`),
    means: (domain, root = '') => fact('root of domain', root, 0, number(domain)),
  },
  {
    says: says(`SMMU (${NUMBER}) has no leaf for domain (${NUMBER})`),
    means: (on, domain) => fact('leaf of domain', 'none', number(on), number(domain)),
  },
  {
    says: says(`the leaf of domain (${NUMBER}) belongs to the hypervisor`),
    means: (domain) => fact('owner of the leaf of domain', 'hypervisor', 0, number(domain)),
  },
  {
    says: says(`the host (reading|writing) the leaf of domain (${NUMBER}) is (aborted|accepted)`),
    means: (how, domain, answer = '') => fact(`host ${how} the leaf of domain`, answer, 0, number(domain)),
  },
  {
    says: says(`the host (reading|writing) the memcache of CPU (${NUMBER}) is (aborted|accepted)`),
    means: (how, cpu, answer = '') => fact(`host ${how} the memcache of CPU`, answer, number(cpu)),
  },
  {
    says: says(`the host (reading|writing) the root table of SMMU (${NUMBER}) is (aborted|accepted)`),
    means: (how, on, answer = '') => fact(`host ${how} the root of SMMU`, answer, number(on)),
  },
  {
    says: says(`the host (donating|sharing) the memcaches is (accepted|refused with ${ERRNO.slice(1, -1)})`),
    means: (how, answer = '') => fact(`host ${how} the memcaches`, answer),
  },
  {
    says: /the memcaches are (shared) by the hypervisor with the host/,
    means: () => fact('owner of the memcaches', 'hypervisor, shared with the host'),
  },
  {
    says: says(`the page in the memcache is still (${Object.keys(STILL).join('|')})`),
    means: (whose = '') => fact('owner of the page that was offered', STILL[whose] ?? whose),
  },
  {
    says: says(`the hypervisor has mapped (\\d+) bytes of the root table of SMMU (${NUMBER})`),
    means: (bytes = '', on) => fact('bytes mapped of the root of SMMU', bytes, number(on)),
  },
  { says: /the hypervisor has mapped (nothing)/, means: () => fact('mappings of the hypervisor', 'none') },
  {
    says: says(`what lies beside the root table of SMMU (${NUMBER}) is the host's as before`),
    means: (on) => fact('what lies beside the root of SMMU', 'as before', number(on)),
  },
  {
    says: says(`nothing was written beyond the root table of SMMU (${NUMBER})`),
    means: (on) => fact('words written beyond the root of SMMU', 'none', number(on)),
  },
  { says: /the back end has seen (nothing|"[^"]*")/, means: (calls = '') => fact('calls of the back end', calls.replaceAll('"', '')) },
]);
