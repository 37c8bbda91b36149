/** Parameter types with several wordings, each with its own meaning: what is said, and what it stands for. */
import { act, type Act } from './bench/verbs';
import { address, device, HEX, NUMBER, number, ON_SMMU, PROT, protection, RANGE, range, smmu } from './literals';
import { parameterType } from './registry';

type Groups = readonly (string | undefined)[];

/** One wording. Its expression has at least one group, and `means` gets the groups. */
interface Wording<T> {
  readonly says: RegExp;
  means(this: void, ...groups: Groups): T;
}

function phrases<T>(name: string, wordings: readonly Wording<T>[]): void {
  const counts = wordings.map(({ says }) => new RegExp(`${says.source}|`).exec('')!.length - 1);
  parameterType(
    name,
    wordings.map(({ says }) => says),
    (...groups) => {
      let at = 0;
      for (const [index, { means }] of wordings.entries()) {
        const own = groups.slice(at, (at += counts[index]!));
        if (own[0] !== undefined) return means(...own);
      }
      throw new Error(`${name}: no wording fits`);
    },
  );
}

const says = (...parts: readonly string[]): RegExp => new RegExp(parts.join(''));

/** A call as a noun: `attaching d1 to A`, `freeing domain 5 on SMMU 1`. */
phrases<Act>('act', [
  { says: /attaching (d\d+) to ([A-Z])/, means: (who, name = '') => act('attach', device(who), name) },
  { says: /detaching (d\d+) from ([A-Z])/, means: (who, name = '') => act('detach', device(who), name) },
  { says: /replacing the domain of (d\d+) by ([A-Z])/, means: (who, name = '') => act('replace', device(who), name) },
  { says: /freeing ([A-Z])/, means: (name = '') => act('free', name) },
  { says: /allocating domain ([A-Z]) for (d\d+)/, means: (name = '', who) => act('alloc', name, device(who), 'paging') },
  {
    says: says('mapping ', RANGE, ` in ([A-Z]) to PA (${HEX}), (${PROT})`),
    means: (count, unit, at, name = '', pa, prot) => act('map', name, range(count, unit, at), address(pa), protection(prot)),
  },
  { says: says('unmapping ', RANGE, ' in ([A-Z])'), means: (count, unit, at, name = '') => act('unmap', name, range(count, unit, at)) },
  { says: says(`allocating domain (${NUMBER})`, ON_SMMU), means: (domain, on) => act('hypAlloc', smmu(on), number(domain)) },
  { says: says(`freeing domain (${NUMBER})`, ON_SMMU), means: (domain, on) => act('hypFree', smmu(on), number(domain)) },
  { says: says(`attaching endpoint (${NUMBER}) to domain (${NUMBER})`, ON_SMMU), means: (endpoint, domain, on) => act('hypAttach', smmu(on), number(domain), number(endpoint)) },
  { says: says(`detaching endpoint (${NUMBER}) from domain (${NUMBER})`, ON_SMMU), means: (endpoint, domain, on) => act('hypDetach', smmu(on), number(domain), number(endpoint)) },
]);

/** The host touching what may not be its own any more: which question that is, and the numbers that say where. */
phrases<readonly [question: string, ...number[]]>('hostAccess', [
  { says: says(`reading the leaf of domain (${NUMBER})`), means: (domain) => ['host reading the leaf of domain', 0, number(domain)] },
  { says: says(`writing the leaf of domain (${NUMBER})`), means: (domain) => ['host writing the leaf of domain', 0, number(domain)] },
  { says: says(`writing the memcache of CPU (${NUMBER})`), means: (cpu) => ['host writing the memcache of CPU', number(cpu)] },
  { says: /donating (the memcaches)/, means: () => ['host donating the memcaches'] },
]);
