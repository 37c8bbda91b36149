/** A call of the driver as a noun. */
import { act, type Act } from './bench/verbs';
import { address, device, HEX, NUMBER, number, ON_SMMU, PROT, protection, RANGE, range, smmu } from './literals';
import { phrases, says } from './wordings';

/** `attaching d1 to A`, `freeing domain 5 on SMMU 1`. */
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
  {
    says: says('mapping ', RANGE, ` in domain (${NUMBER}) to PA (${HEX}), (${PROT})`, ON_SMMU),
    means: (count, unit, at, domain, pa, prot, on) =>
      act('hypMap', smmu(on), number(domain), range(count, unit, at), address(pa), protection(prot)),
  },
  {
    says: says('unmapping ', RANGE, ` in domain (${NUMBER})`, ON_SMMU),
    means: (count, unit, at, domain, on) => act('hypUnmap', smmu(on), number(domain), range(count, unit, at)),
  },
  { says: says(`allocating domain (${NUMBER})`, ON_SMMU), means: (domain, on) => act('hypAlloc', smmu(on), number(domain)) },
  { says: says(`freeing domain (${NUMBER})`, ON_SMMU), means: (domain, on) => act('hypFree', smmu(on), number(domain)) },
  {
    says: says(`attaching endpoint (${NUMBER}) to domain (${NUMBER})`, ON_SMMU),
    means: (endpoint, domain, on) => act('hypAttach', smmu(on), number(domain), number(endpoint)),
  },
  {
    says: says(`detaching endpoint (${NUMBER}) from domain (${NUMBER})`, ON_SMMU),
    means: (endpoint, domain, on) => act('hypDetach', smmu(on), number(domain), number(endpoint)),
  },
]);
