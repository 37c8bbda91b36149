/** A call of the driver as a noun. */
import { ALLOC_NEST_PARENT } from '#drivers/contract/iommu';
import { act, type Act } from './bench/verbs';
import { contextOn, nestedData } from './riscv-data';
import { address, device, HEX, NUMBER, number, ON_SMMU, PROT, protection, RANGE, range, smmu } from './literals';
import { phrases, says } from './wordings';

const TYPES: Readonly<Record<string, 'paging' | 'identity' | 'blocked'>> = {
  domain: 'paging',
  'nest parent': 'paging',
  'identity domain': 'identity',
  'blocked domain': 'blocked',
};

const flagsOf = (kind: string, flags: string | undefined): number =>
  number(flags ?? '0') + (kind === 'nest parent' ? ALLOC_NEST_PARENT : 0);

/** `attaching d1 to A`, `freeing domain 5 on SMMU 1`. */
phrases<Act>('act', [
  { says: /attaching (d\d+) to ([A-Z])/, means: (who, name = '') => act('attach', device(who), name) },
  { says: /detaching (d\d+) from ([A-Z])/, means: (who, name = '') => act('detach', device(who), name) },
  { says: /replacing the domain of (d\d+) by ([A-Z])/, means: (who, name = '') => act('replace', device(who), name) },
  {
    says: /replacing the domain of (d\d+) by ([A-Z]) without an interval/,
    means: (who, name = '') => act('replaceHitless', device(who), name),
  },
  { says: /probing (d\d+)/, means: (who) => act('probe', device(who)) },
  { says: /releasing (d\d+)/, means: (who) => act('release', device(who)) },
  { says: /freeing ([A-Z])/, means: (name = '') => act('free', name) },
  {
    says: says(
      `allocating (domain|nest parent|identity domain|blocked domain) ([A-Z]) for (d\\d+)(?: on ([A-Z]))?(?: with flags (${NUMBER}))?`,
    ),
    means: (kind = '', name = '', who, parent, flags) =>
      act('alloc', name, device(who), TYPES[kind]!, flagsOf(kind, flags), parent === undefined ? {} : { parent }),
  },
  {
    says: /allocating domain ([A-Z]) for (d\d+) from data of the user/,
    means: (name = '', who) => act('alloc', name, device(who), 'paging', 0, { data: nestedData(contextOn(0n)) }),
  },
  {
    says: says(`allocating nested domain ([A-Z]) for (d\\d+) on ([A-Z])(?: with flags (${NUMBER}))?(?: with its tables at GPA (${HEX}))?`),
    means: (name = '', who, parent = '', flags, tables = '0x10_0000') =>
      act('alloc', name, device(who), 'nested', number(flags ?? '0'), { parent, data: nestedData(contextOn(address(tables))) }),
  },
  {
    says: says(`asking for the hardware information of (d\\d+)(?: of type (${NUMBER}))?`),
    means: (who, type) => act('hwInfo', device(who), number(type ?? '0')),
  },
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
