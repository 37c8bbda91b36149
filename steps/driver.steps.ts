/** What a driver is asked to do and what its devices then reach. Any driver with domains and devices. */
import type { Protection } from '#drivers/contract/iommu';
import type { Access } from './bench/bench';
import { race, sweep } from './bench/replays';
import type { Act, Range } from './bench/verbs';
import { step } from './registry';

step('a domain {domain} for {device}', function (name: string, device: number) {
  return this.does(undefined, 'alloc', name, device, 'paging');
});
step('the driver allocates {domain} for {device}{refusal}', function (name: string, device: number, refusal: string | undefined) {
  return this.does(refusal, 'alloc', name, device, 'paging');
});
step('the driver attaches {device} to {domain}{refusal}', function (device: number, name: string, refusal: string | undefined) {
  return this.does(refusal, 'attach', device, name);
});
step('the driver detaches {device} from {domain}{refusal}', function (device: number, name: string, refusal: string | undefined) {
  return this.does(refusal, 'detach', device, name);
});
step('the driver frees {domain}{refusal}', function (name: string, refusal: string | undefined) {
  return this.does(refusal, 'free', name);
});
step('the driver maps {range} in {domain} to {pa}, {prot}{refusal}', function (where: Range, name: string, pa: bigint, prot: Protection, refusal: string | undefined) {
  return this.does(refusal, 'map', name, where, pa, prot);
});
step('the driver unmaps {range} in {domain}{refusal}', function (where: Range, name: string, refusal: string | undefined) {
  return this.does(refusal, 'unmap', name, where);
});
step('{device} {access} {iova}', function (device: number, access: Access, iova: bigint) {
  return this.accesses(device, access, iova);
});
step('{device} {accessing} {iova} {reach}', function (device: number, access: Access, iova: bigint, reach: 'faults' | bigint) {
  return this.expectAccess(device, access, iova, reach);
});
step('{iova} in {domain} {phys}', function (iova: bigint, name: string, phys: bigint | undefined) {
  return this.expectPhys(name, iova, phys);
});
step('{act} leaves no trace, whichever allocation fails', function (done: Act) {
  return sweep(this, done);
});
step('of {act} and {act} at once, one succeeds', function (one: Act, two: Act) {
  return race(this, one, two, 1);
});
step('{act} is {answer}', function (done: Act, answer: string | undefined) {
  return this.does(answer, done.verb, ...(done.args as never));
});
