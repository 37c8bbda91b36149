/** Nested domains and what stands around them: where devices are, guests with tables of their own, and what a driver says and does. */
import { expectContext } from './bench/device-context';
import { expectDevice, expectTrait, type DeviceTrait, type Trait } from './bench/described';
import { nestParentWithGuest, type GuestEntry } from './bench/guest';
import { expectCommands, expectDeed, type Commands, type Deed } from './bench/watched';
import type { Expected } from './bench/outcomes';
import type { Part } from './bench/machines';
import type { Lack, Rows } from './bench/systems/system';
import { partWithout, possible } from './bench/systems/systems';
import { expectCoherency, expectDirty, expectMemory, expectTold, type Dirty } from './bench/told';
import type { Range, Sender } from './bench/verb';
import type { Act } from './bench/verbs';
import type { DeviceDescription } from '#drivers/contract/iommu';
import { step } from './registry';
import type { Circumstance, ContextField, NewDomain } from './nesting-phrases';

const DEFAULT_TABLES = 0x10_0000n;

// The scene

step('IOMMU {number} has {part}', function (iommu: number, part: Part | Lack) {
  this.configurePart(iommu, typeof part === 'string' ? partWithout(this, part) : part);
});
step('{device} {place}', function (device: number, place: Partial<DeviceDescription>) {
  this.places(device, possible(this, place));
});
step('{circumstance}', function ({ name, args }: Circumstance) {
  return this.sets(name, ...(args as never));
});
step('the guest of {domain} {guestEntry} in its tables at {gpa}', function (parent: string, entry: GuestEntry, tables: bigint) {
  return this.sets('guestMaps', parent, entry, tables);
});
step('the user overwrites what {domain} was made from', function (name: string) {
  return this.sets('userOverwrites', name);
});

// Calls

step('{newDomain}', function ({ name, device, type, flags, hasGuest }: NewDomain) {
  return hasGuest ? nestParentWithGuest(this, name, device, flags) : this.does(undefined, 'alloc', name, device, type, flags);
});
step(
  'a nested domain {domain} for {device} on {domain} with its tables at {gpa}',
  function (name: string, device: number, parent: string, tables: bigint) {
    return this.does(undefined, 'alloc', name, device, 'nested', 0, { parent, context: { tables, rows: [] } });
  },
);
step(
  'the driver allocates nested domain {domain} for {device} on {domain}{expected}, from:',
  function (name: string, device: number, parent: string, expected: Expected, rows: Rows) {
    return this.does(expected, 'alloc', name, device, 'nested', 0, { parent, context: { tables: DEFAULT_TABLES, rows } });
  },
);
step(
  'the driver replaces the domain of {sender} by {domain}{disturbance}{expected}',
  function ({ device, pasid }: Sender, name: string, mayDisturb: boolean, expected: Expected) {
    return this.does(expected, mayDisturb ? 'replace' : 'replaceHitless', device, name, pasid);
  },
);
step('the driver releases {device}', function (device: number) {
  return this.does(undefined, 'release', device);
});
step('the guest invalidates in {domain}{expected}:', function (name: string, expected: Expected, rows: Rows) {
  return this.does(expected, 'invalidate', name, rows);
});

// What is there afterwards

step('the device context of {sender} has {contextField}', function (sender: Sender, field: ContextField) {
  expectContext(this, sender, field);
});
step('{domain} has {trait}', function (name: string, trait: Trait) {
  return expectTrait(this, name, trait);
});
step('the {deviceTrait}', function ({ device, ...trait }: DeviceTrait & { readonly device: number }) {
  return expectDevice(this, device, trait);
});
step('{act} {deed} {times}', function (done: Act, deed: Deed, times: number) {
  return expectDeed(this, done, deed, times);
});
step('{act} gives {commands}', function (done: Act, commands: Commands) {
  return expectCommands(this, done, commands);
});
step('the driver {switching} dirty tracking in {domain}{expected}', function (enable: boolean, name: string, expected: Expected) {
  return this.does(expected, 'trackDirty', name, enable);
});
step('the dirty pages of {range} in {domain} are {dirty}', function (where: Range, name: string, dirty: Dirty) {
  return expectDirty(this, name, where, dirty);
});
step('the driver {ability} enforce coherency in {domain}', function (can: boolean, name: string) {
  return expectCoherency(this, name, can);
});
step('the memory at {pa} holds {iova}', function (pa: bigint, value: bigint) {
  expectMemory(this, pa, value);
});
step('the driver tells of the fault of {sender} at {iova} with cause {cause}', function (sender: Sender, iova: bigint, cause: string) {
  return expectTold(this, { sender, iova, cause });
});
