/** The verbs of `HypIommuDriver`: what the host asks of the hypervisor. */
import type { HypIommuDriver } from '#drivers/contract/hyp';
import { HYP_READ, HYP_WRITE } from '#drivers/contract/hyp';
import type { Protection } from '#drivers/contract/iommu';
import type { Bench } from './bench';
import { NotApplicable } from './outcomes';
import { bitsOf, frame, showRange, verb, type Range } from './verb';

const hyp = (bench: Bench): HypIommuDriver => {
  if (bench.started.hyp === undefined) throw new NotApplicable(`${bench.module.manifest.name} does not implement HypIommuDriver`);
  return bench.started.hyp;
};

/** What grants call a domain of an SMMU. */
export const nameOf = (smmu: number, domain: number): string => `${smmu}:${domain}`;

/** How many pages a range has; a host may also say that they are of no size. */
const countOf = (size: bigint, pageSize: bigint): bigint => (pageSize === 0n ? size : size / pageSize);

const protOf = ({ read, write }: Protection): number => (read ? HYP_READ : 0) + (write ? HYP_WRITE : 0);

export const HYP_VERBS = {
  hypInit: verb<[]>({
    answers: 'nothing',
    initialises: true,
    say: () => 'init()',
    call: (bench) => hyp(bench).init(bench.hyp.initParameters()),
  }),
  hypInitDevice: verb<[smmu: number]>({
    answers: 'nothing',
    initialises: true,
    say: (smmu) => `init_device(${smmu})`,
    call: (bench, smmu) => hyp(bench).initDevice({ iommu: smmu, params: bench.hyp.parametersOf(smmu) }),
  }),
  hypAlloc: verb<[smmu: number, domain: number, rootOf?: number]>({
    answers: 'nothing',
    say: (smmu, domain, rootOf) => `alloc_domain(${smmu}, ${domain}${rootOf === undefined ? '' : `, with the root of ${rootOf}`})`,
    call: (bench, smmu, domain, rootOf) => hyp(bench).allocDomain(smmu, domain, bench.hyp.takeRoot(smmu, domain, rootOf)),
    took: (bench, _value, smmu, domain) => {
      bench.grants.create(nameOf(smmu, domain));
      bench.hyp.allocated(smmu, domain);
    },
  }),
  hypAllocAt: verb<[smmu: number, domain: number, pgd: bigint]>({
    answers: 'nothing',
    say: (smmu, domain, pgd) => `alloc_domain(${smmu}, ${domain}, 0x${pgd.toString(16)})`,
    call: (bench, smmu, domain, pgd) => hyp(bench).allocDomain(smmu, domain, pgd),
    took: (bench, _value, smmu, domain) => {
      bench.grants.create(nameOf(smmu, domain));
      bench.hyp.allocated(smmu, domain);
    },
  }),
  hypFree: verb<[smmu: number, domain: number]>({
    answers: 'nothing',
    say: (smmu, domain) => `free_domain(${smmu}, ${domain})`,
    call: (bench, smmu, domain) => hyp(bench).freeDomain(smmu, domain),
    took: (bench, _value, smmu, domain) => {
      bench.grants.destroy(nameOf(smmu, domain));
      bench.hyp.freed(smmu, domain);
    },
  }),
  hypAttach: verb<[smmu: number, domain: number, endpoint: number]>({
    answers: 'nothing',
    say: (smmu, domain, endpoint) => `attach_dev(${smmu}, ${domain}, endpoint ${endpoint})`,
    call: (bench, smmu, domain, endpoint) => hyp(bench).attachDev(smmu, domain, endpoint),
    grants: (bench, smmu, domain, endpoint) => bench.grants.attach(bench.hyp.requesters(smmu, endpoint), nameOf(smmu, domain)),
    took: (bench, _value, smmu, domain, endpoint) => bench.hyp.attached(smmu, domain, endpoint),
  }),
  hypDetach: verb<[smmu: number, domain: number, endpoint: number]>({
    answers: 'nothing',
    say: (smmu, domain, endpoint) => `detach_dev(${smmu}, ${domain}, endpoint ${endpoint})`,
    call: (bench, smmu, domain, endpoint) => hyp(bench).detachDev(smmu, domain, endpoint),
    grants: (bench, smmu, _domain, endpoint) => bench.grants.detach(bench.hyp.requesters(smmu, endpoint)),
    took: (bench, _value, smmu, domain, endpoint) => bench.hyp.detached(smmu, domain, endpoint),
  }),
  hypMap: verb<[smmu: number, domain: number, where: Range, pa: bigint, prot: Protection, pageSize?: bigint]>({
    answers: 'bigint',
    say: (smmu, domain, where, pa) => `map_pages(${smmu}, ${domain}, ${showRange(where)} to 0x${pa.toString(16)})`,
    call: (bench, smmu, domain, { iova, size }, pa, prot, pageSize = bench.hyp.granuleOf(smmu)) =>
      hyp(bench).mapPages(smmu, domain, iova, pa, pageSize, countOf(size, pageSize), protOf(prot)),
    grants: (bench, smmu, domain, { iova, size }, pa, prot) =>
      bench.grants.map(nameOf(smmu, domain), frame(iova), frame(size), frame(pa), bitsOf(prot)),
  }),
  hypUnmap: verb<[smmu: number, domain: number, where: Range, pageSize?: bigint]>({
    answers: 'bigint',
    say: (smmu, domain, where) => `unmap_pages(${smmu}, ${domain}, ${showRange(where)})`,
    call: (bench, smmu, domain, { iova, size }, pageSize = bench.hyp.granuleOf(smmu)) =>
      hyp(bench).unmapPages(smmu, domain, iova, pageSize, countOf(size, pageSize)),
    took: (bench, value, smmu, domain, { iova, size }) =>
      bench.grants.unmapped(nameOf(smmu, domain), frame(iova), frame(size), value as bigint),
  }),
} as const;
