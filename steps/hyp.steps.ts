/** What the host asks of the hypervisor's IOMMU layer, what stands in its tables, and what its back end was asked. */
import type { Protection } from '#drivers/contract/iommu';
import { KVM_IOMMU_OPS, type KvmIommuOps } from '#drivers/contract/hyp';
import type { Errno } from '#drivers/contract/driver';
import { race } from './bench/replays';
import { act, type Act } from './bench/verbs';
import type { Range } from './bench/verb';
import { step } from './registry';
import type { Expected } from './bench/outcomes';

type Operation = keyof KvmIommuOps;

// The scene

step('there are {number} SMMUs', function (count: number) {
  this.configure({ iommus: count });
});
step('SMMU {number} has {number} domains', function (smmu: number, domains: number) {
  this.configureSmmu(smmu, { domains });
});
step('SMMU {number} has {number}-bit VMIDs', function (smmu: number, vmidBits: number) {
  this.configureSmmu(smmu, { vmidBits });
});
step('SMMU {number} has a granule of {size}', function (smmu: number, granule: bigint) {
  this.configureSmmu(smmu, { granule: Number(granule) });
});
step('SMMU {number} has a two-level stream table', function (smmu: number) {
  this.configureSmmu(smmu, { twoLevel: true });
});
step('the hypervisor has pages of {size}', function (size: bigint) {
  this.configure({ pageBytes: Number(size) });
});
step('the hypervisor is not initialised', function () {
  this.configure({ boots: false });
});
step('the back end is scripted', function () {
  this.configure({ scripted: true });
});
step('the back end lacks {operation}', function (operation: Operation) {
  this.configure({ scripted: true, operations: KVM_IOMMU_OPS.filter((name) => name !== operation) });
});
step('the back end answers {operation} with {errno}', function (operation: Operation, errno: Errno) {
  this.configure({ scripted: true });
  return this.sets('backEndRefuses', operation, errno);
});
step('the back end answers allocIopt with the root {iova}', function (root: bigint) {
  this.configure({ scripted: true });
  return this.sets('backEndRoot', root);
});
step('the back end refuses at random', function () {
  return this.sets('backEndRandom');
});
step('mapping number {number} at EL2 fails with {errno}', function (n: number, errno: Errno) {
  return this.sets('mappingFails', n, errno);
});
step('CPU {number} has {pages} in its memcache', function (cpu: number, pages: { readonly count: number; readonly content: 'zeros' | 'ones' | 'shared' }) {
  return this.sets('memcache', cpu, pages.count, pages.content);
});
step('the host calls from CPU {number}', function (cpu: number) {
  return this.sets('cpu', cpu);
});
step('{device} is endpoint {number} behind SMMU {number}', function (device: number, endpoint: number, smmu: number) {
  return this.sets('endpoint', device, endpoint, smmu);
});
step('domain {number} is given {number} references', function (domain: number, references: number) {
  return this.sets('references', 0, domain, references);
});

// Calls of the host

step('the hypervisor initialises{expected}', function (expected: Expected) {
  return this.does(expected, 'hypInit');
});
step('the hypervisor initialises SMMU {number}{expected}', function (smmu: number, expected: Expected) {
  return this.does(expected, 'hypInitDevice', smmu);
});
step('the host allocates domain {number}{smmu}{expected}', function (domain: number, smmu: number, expected: Expected) {
  return this.does(expected, 'hypAlloc', smmu, domain);
});
step('the host allocates domain {number} with the root of domain {number}{expected}', function (domain: number, other: number, expected: Expected) {
  return this.does(expected, 'hypAlloc', 0, domain, other);
});
step('the host frees domain {number}{smmu}{expected}', function (domain: number, smmu: number, expected: Expected) {
  return this.does(expected, 'hypFree', smmu, domain);
});
step('the host {allocates} domains {number} to {number}', function (verb: 'hypAlloc' | 'hypFree', first: number, last: number) {
  return this.doesEach(first, last, (domain) => act(verb, 0, domain));
});
step('the host attaches endpoint {number} to domain {number}{smmu}{expected}', function (endpoint: number, domain: number, smmu: number, expected: Expected) {
  return this.does(expected, 'hypAttach', smmu, domain, endpoint);
});
step('the host detaches endpoint {number} from domain {number}{smmu}{expected}', function (endpoint: number, domain: number, smmu: number, expected: Expected) {
  return this.does(expected, 'hypDetach', smmu, domain, endpoint);
});
step('the host {attaches} endpoints {number} to {number} to/from domain {number}', function (verb: 'hypAttach' | 'hypDetach', first: number, last: number, domain: number) {
  return this.doesEach(first, last, (endpoint) => act(verb, 0, domain, endpoint));
});
step('the host maps {range} in domain {number} to {pa}, {prot}{smmu}', function (where: Range, domain: number, pa: bigint, prot: Protection, smmu: number) {
  return this.does(undefined, 'hypMap', smmu, domain, where, pa, prot);
});
step('the host unmaps {range} in domain {number}{smmu}', function (where: Range, domain: number, smmu: number) {
  return this.does(undefined, 'hypUnmap', smmu, domain, where);
});
step('the host changes the parameter {parameter} of SMMU {number} to {number}', function (parameter: 'domains' | 'nrDomains' | 'granule', smmu: number, value: number) {
  return this.sets('parameter', parameter, smmu, BigInt(value));
});

// What is there afterwards

step('every call for domain {number}{smmu} is refused with {errno}', async function (domain: number, smmu: number, errno: Errno) {
  await this.does(errno, 'hypAlloc', smmu, domain);
  await this.does(errno, 'hypFree', smmu, domain);
  await this.does(errno, 'hypAttach', smmu, domain, 1);
  await this.does(errno, 'hypDetach', smmu, domain, 1);
});
step('{number} random calls of the host are answered', function (count: number) {
  return this.sets('randomCalls', count);
});
step('of {act} and {act} at once, both succeed', function (one: Act, two: Act) {
  return race(this, one, two, 2);
});
step('CPU {number} has {pages} left', function (cpu: number, pages: { readonly count: number }) {
  return this.expects('memcache pages of CPU', [cpu], `${pages.count}`);
});
step('CPU {number} needs {needed}', function (cpu: number, needed: boolean) {
  return this.expects('page needed by CPU', [cpu], needed ? 'yes' : 'no');
});
step('domain {number} has {number} reference(s)', function (domain: number, references: number) {
  return this.expects('references of domain', [0, domain], `${references}`);
});
step('domains {number} to {number} have {number} reference(s) each', function (first: number, last: number, references: number) {
  for (let domain = first; domain <= last; domain++) this.expects('references of domain', [0, domain], `${references}`);
});
step('the root of domain {number} is {iova}', function (domain: number, root: bigint) {
  return this.expects('root of domain', [0, domain], `0x${root.toString(16)}`);
});
step('SMMU {number} has no leaf for domain {number}', function (smmu: number, domain: number) {
  return this.expects('leaf of domain', [smmu, domain], 'none');
});
step('the leaf of domain {number} belongs to the hypervisor', function (domain: number) {
  return this.expects('owner of the leaf of domain', [0, domain], 'hypervisor');
});
step('the host {hostAccess} is {hostAnswer}', function (access: readonly [string, ...number[]], answer: string) {
  const [what, ...args] = access;
  return this.expects(what, args, answer);
});
step('the memcaches are shared by the hypervisor with the host', function () {
  return this.expects('owner of the memcaches', [], 'hypervisor, shared with the host');
});
step('the page in the memcache is still shared', function () {
  return this.expects('owner of the page that was offered', [], 'host, shared with the hypervisor');
});
step('the hypervisor has mapped {number} bytes of the root table of SMMU {number}', function (bytes: number, smmu: number) {
  return this.expects('bytes mapped of the root of SMMU', [smmu], `${bytes}`);
});
step('the hypervisor has mapped nothing', function () {
  return this.expects('mappings of the hypervisor', [], 'none');
});
step('nothing was written beyond the root table of SMMU {number}', function (smmu: number) {
  return this.expects('words written beyond the root of SMMU', [smmu], 'none');
});
step('the back end has seen {seen}', function (calls: string) {
  return this.expects('calls of the back end', [], calls);
});
