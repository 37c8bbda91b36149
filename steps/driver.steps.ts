/** What a driver is asked to do and what its devices then reach. Any driver with domains and devices. */
import type { Protection } from '#drivers/contract/iommu';
import type { Arrival } from './bench/arrival';
import type { Access } from './bench/bench';
import { race, sweep, type Shortage, type Winners } from './bench/replays';
import type { Expected } from './bench/outcomes';
import type { Act } from './bench/verbs';
import type { Range, Sender } from './bench/verb';
import { step } from './registry';

step('the driver attaches {sender} to {domain}{expected}', function ({ device, pasid }: Sender, name: string, expected: Expected) {
  return this.does(expected, 'attach', device, name, pasid);
});
step('the driver detaches {sender} from {domain}{expected}', function ({ device, pasid }: Sender, name: string, expected: Expected) {
  return this.does(expected, 'detach', device, name, pasid);
});
step('the driver frees {domain}{expected}', function (name: string, expected: Expected) {
  return this.does(expected, 'free', name);
});
step(
  'the driver maps {range} in {domain} to {pa}, {prot}{expected}',
  function (where: Range, name: string, pa: bigint, prot: Protection, expected: Expected) {
    return this.does(expected, 'map', name, where, pa, prot);
  },
);
step('the driver unmaps {range} in {domain}{expected}', function (where: Range, name: string, expected: Expected) {
  return this.does(expected, 'unmap', name, where);
});
step('{sender} {access} {iova}', function (sender: Sender, access: Access, iova: bigint) {
  return this.accesses(sender, access, iova);
});
step('{sender} {accessing} {iova} {reach}', function (sender: Sender, access: Access, iova: bigint, reach: Arrival) {
  return this.expectAccess(sender, access, iova, reach);
});
step('{iova} in {domain} {phys}', function (iova: bigint, name: string, phys: bigint | undefined) {
  return this.expectPhys(name, iova, phys);
});
step('{act} leaves no trace, whichever {shortage}', function (done: Act, shortage: Shortage) {
  return sweep(this, done, shortage);
});
step('of {act} and {act} at once, {winners}', function (one: Act, two: Act, winners: Winners) {
  return race(this, one, two, winners);
});
step('{act} is {answer}', function (done: Act, answer: Expected) {
  return this.does(answer, done.verb, ...(done.args as never));
});
