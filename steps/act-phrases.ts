/** A call of the driver as a noun. */
import { act, type Act } from './bench/verbs';
import { address, device, HEX, NUMBER, number, ON_SMMU, pasidOf, PROT, protection, RANGE, range, SENDER, sender, smmu } from './literals';
import { USER_ACTS } from './iommufd-phrases';
import { KIND, KINDS } from './nesting-phrases';
import { phrases, says } from './wordings';

/** `attaching d1 to A`, `freeing domain 5 on SMMU 1`. */
phrases<Act>('act', [
  ...USER_ACTS,
  { says: says(`attaching ${SENDER} to ([A-Z])`), means: (who, pasid, name = '') => act('attach', device(who), name, pasidOf(pasid)) },
  { says: says(`detaching ${SENDER} from ([A-Z])`), means: (who, pasid, name = '') => act('detach', device(who), name, pasidOf(pasid)) },
  {
    says: says(`replacing the domain of ${SENDER} by ([A-Z])`),
    means: (who, pasid, name = '') => act('replace', device(who), name, pasidOf(pasid)),
  },
  {
    says: /replacing the domain of (d\d+) by ([A-Z]) without an interval/,
    means: (who, name = '') => act('replaceHitless', device(who), name),
  },
  {
    says: says(`serving the (page requests|faults) of IOMMU (${NUMBER})`),
    means: (what, index) => act('serve', number(index), what === 'faults' ? 'fault' : 'page-request'),
  },
  {
    says: says(`answering group (\\d+) of ${SENDER} with (success|invalid|failure)`),
    means: (group, who, pasid, code) => act('respond', sender(who, pasid), Number(group), code as 'success'),
  },
  { says: /probing (d\d+)/, means: (who) => act('probe', device(who)) },
  { says: /releasing (d\d+)/, means: (who) => act('release', device(who)) },
  { says: /freeing ([A-Z])/, means: (name = '') => act('free', name) },
  {
    says: says(`allocating (${KIND}) ([A-Z]) for (d\\d+)(?: on ([A-Z]))?(?: with flags (${NUMBER}))?`),
    means: (kind = '', name = '', who, parent, flags) =>
      act('alloc', name, device(who), KINDS[kind]!.type, KINDS[kind]!.flags | number(flags ?? '0'), parent === undefined ? {} : { parent }),
  },
  {
    says: /allocating domain ([A-Z]) for (d\d+) from data of the user/,
    means: (name = '', who) => act('alloc', name, device(who), 'paging', 0, { context: { tables: 0n, rows: [] } }),
  },
  {
    says: says(`allocating nested domain ([A-Z]) for (d\\d+) on ([A-Z])(?: with flags (${NUMBER}))?(?: with its tables at GPA (${HEX}))?`),
    means: (name = '', who, parent = '', flags, tables = '0x10_0000') =>
      act('alloc', name, device(who), 'nested', number(flags ?? '0'), { parent, context: { tables: address(tables), rows: [] } }),
  },
  {
    says: says(`asking for the hardware information of (d\\d+)(?: of type (${NUMBER}))?`),
    means: (who, type) => act('hwInfo', device(who), number(type ?? '0')),
  },
  {
    says: says('invalidating "([^"]*)" in ([A-Z])'),
    means: (entries = '', name = '') =>
      act(
        'invalidate',
        name,
        entries.split('; ').map((cells) => cells.split(', ')),
      ),
  },
  { says: /(starting|stopping) dirty tracking in ([A-Z])/, means: (what, name = '') => act('trackDirty', name, what === 'starting') },
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
