/** What the host asks of the hypervisor's IOMMU layer, what stands in its tables, and what its back end was asked. */
import type { Protection } from '#drivers/contract/iommu';
import type { Errno } from '#drivers/contract/driver';
import { interfere } from './bench/interference';
import { act, type Act } from './bench/verbs';
import type { Range } from './bench/verb';
import type { SmmuSetup } from './bench/machines';
import type { PageContent } from './bench/scene';
import type { Params } from '#hw-models/hyp/host';
import type { BackEndSetting, Fact } from './hyp-phrases';
import { step } from './registry';
import type { Expected } from './bench/outcomes';

// The scene

step('there are {number} SMMUs/IOMMUs', function (count: number) {
  this.configure({ iommus: count });
});
step('SMMU {number} has {smmuSetting}', function (smmu: number, setting: Partial<SmmuSetup>) {
  this.configureSmmu(smmu, setting);
});
step('the SMMUs do not snoop', function () {
  this.configure({ snooped: false });
});
step('SMMU {number} {answering}', function (smmu: number, answers: boolean) {
  return this.sets('answering', smmu, answers);
});
step('the hypervisor has pages of {size}', function (size: bigint) {
  this.configure({ pageBytes: Number(size) });
});
step('the hypervisor is not initialised', function () {
  this.configure({ boots: false });
});
step('the back end {backEnd}', function (setting: BackEndSetting) {
  this.configure({ scripted: true, ...setting.setup });
  return setting.scene && this.sets(setting.scene[0], ...(setting.scene.slice(1) as never));
});
step('mapping number {number} at EL2 fails with {errno}', function (n: number, errno: Errno) {
  return this.sets('mappingFails', n, errno);
});
step(
  'CPU {number} has {pages} in its memcache',
  function (cpu: number, { count, content }: { readonly count: number; readonly content: PageContent }) {
    return this.sets('memcache', cpu, count, content);
  },
);
step(
  '{act} is safe, whenever the memcache has {pages} instead',
  function (done: Act, { content }: { readonly count: number; readonly content: PageContent }) {
    return interfere(this, done, content);
  },
);
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

step('the hypervisor initialises{smmuToInitialise}{expected}', function (smmu: number | undefined, expected: Expected) {
  return smmu === undefined ? this.does(expected, 'hypInit') : this.does(expected, 'hypInitDevice', smmu);
});
step(
  'the host allocates domain {number}{rootOf}{smmu}{expected}',
  function (domain: number, rootOf: number | undefined, smmu: number, expected: Expected) {
    return this.does(expected, 'hypAlloc', smmu, domain, rootOf);
  },
);
step('the host frees domain {number}{smmu}{expected}', function (domain: number, smmu: number, expected: Expected) {
  return this.does(expected, 'hypFree', smmu, domain);
});
step('the host {allocates} domains {number} to {number}', function (verb: 'hypAlloc' | 'hypFree', first: number, last: number) {
  return this.doesEach(first, last, (domain) => act(verb, 0, domain));
});
step(
  'the host attaches endpoint {number} to domain {number}{smmu}{expected}',
  function (endpoint: number, domain: number, smmu: number, expected: Expected) {
    return this.does(expected, 'hypAttach', smmu, domain, endpoint);
  },
);
step(
  'the host detaches endpoint {number} from domain {number}{smmu}{expected}',
  function (endpoint: number, domain: number, smmu: number, expected: Expected) {
    return this.does(expected, 'hypDetach', smmu, domain, endpoint);
  },
);
step(
  'the host {attaches} endpoints {number} to {number} to/from domain {number}',
  function (verb: 'hypAttach' | 'hypDetach', first: number, last: number, domain: number) {
    return this.doesEach(first, last, (endpoint) => act(verb, 0, domain, endpoint));
  },
);
step(
  'the host maps {range} in domain {number} to {pa}, {prot}{smmu}',
  function (where: Range, domain: number, pa: bigint, prot: Protection, smmu: number) {
    return this.does(undefined, 'hypMap', smmu, domain, where, pa, prot);
  },
);
step('the host unmaps {range} in domain {number}{smmu}', function (where: Range, domain: number, smmu: number) {
  return this.does(undefined, 'hypUnmap', smmu, domain, where);
});
step(
  'the host changes the parameter {parameter} of SMMU {number} to {number}',
  function (parameter: keyof Params, smmu: number, value: number) {
    return this.sets('parameter', parameter, smmu, BigInt(value));
  },
);

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
step('{fact}', function ({ question, args, answer }: Fact) {
  return this.expects(question, args, answer);
});
step('domains {number} to {number} have {number} reference(s) each', function (first: number, last: number, references: number) {
  for (let domain = first; domain <= last; domain++) this.expects('references of domain', [0, domain], `${references}`);
});
