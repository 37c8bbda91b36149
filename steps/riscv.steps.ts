/** Nested domains and what stands around them: where devices are, guests with tables of their own, and what a driver says and does. */
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { expectContext } from './bench/device-context';
import { expectHardware, expectTrait, type Trait } from './bench/described';
import { nestParentWithGuest } from './bench/guest';
import { expectCommands, expectDeed, type Commands, type Deed } from './bench/watched';
import type { Expected } from './bench/outcomes';
import type { Act } from './bench/verbs';
import { ALLOC_NEST_PARENT, type DeviceDescription } from '#drivers/contract/iommu';
import { step } from './registry';
import { commandsOf, contextOn, nestedData, nestedDataOf, type Rows } from './riscv-data';
import type { ContextField, GuestEntry, IdsLeft } from './riscv-phrases';

const DEFAULT_TABLES = 0x10_0000n;
const COMMAND_BYTES = 16;

// The scene

step('IOMMU {number} has {riscvPart}', function (iommu: number, part: Partial<Capabilities>) {
  this.configurePart(iommu, part);
});
step('{device} {place}', function (device: number, place: Partial<DeviceDescription>) {
  this.places(device, place);
});
step('{idsLeft}', function ({ space, ids }: IdsLeft) {
  return this.sets('idsLeft', space, ...ids);
});
step('the guest of {domain} {guestEntry} in its tables at {gpa}', function (parent: string, { iova, gpa }: GuestEntry, tables: bigint) {
  return this.sets('guestMaps', parent, iova, gpa, tables);
});
step('the next allocation fails', function () {
  return this.sets('allocationFails');
});
step('the user overwrites what {domain} was made from', function (name: string) {
  return this.sets('userOverwrites', name);
});

// Calls

/** With a guest `0x1000` is mapped to GPA 0x20_0000, in tables at GPA 0x10_0000; 64 KiB at GPA 0x20_0000 are at PA 0x8000_0000. */
step('a nest parent {domain} for {device}{withGuest}', function (name: string, device: number, hasGuest: boolean) {
  if (hasGuest) return nestParentWithGuest(this, name, device);
  return this.does(undefined, 'alloc', name, device, 'paging', ALLOC_NEST_PARENT);
});
step('a(n) {staticType} domain {domain} for {device}', function (type: 'identity' | 'blocked', name: string, device: number) {
  return this.does(undefined, 'alloc', name, device, type);
});
step(
  'a nested domain {domain} for {device} on {domain} with its tables at {gpa}',
  function (name: string, device: number, parent: string, tables: bigint) {
    return this.does(undefined, 'alloc', name, device, 'nested', 0, { parent, data: nestedData(contextOn(tables)) });
  },
);
step(
  'the driver allocates nested domain {domain} for {device} on {domain}{expected}, from:',
  function (name: string, device: number, parent: string, expected: Expected, rows: Rows) {
    return this.does(expected, 'alloc', name, device, 'nested', 0, { parent, data: nestedDataOf(contextOn(DEFAULT_TABLES), rows) });
  },
);
step('the driver replaces the domain of {device} by {domain}{expected}', function (device: number, name: string, expected: Expected) {
  return this.does(expected, 'replace', device, name);
});
step('the driver replaces the domain of {device} by {domain}, without an interval', function (device: number, name: string) {
  return this.does(undefined, 'replaceHitless', device, name);
});
step('the driver releases {device}', function (device: number) {
  return this.does(undefined, 'release', device);
});
step('the guest invalidates in {domain}{expected}:', function (name: string, expected: Expected, rows: Rows) {
  return this.does(expected, 'invalidate', name, commandsOf(rows, COMMAND_BYTES));
});

// What is there afterwards

step('the device context of {device} has {contextField}', function (device: number, field: ContextField) {
  expectContext(this, device, field);
});
step('{domain} has {trait}', function (name: string, trait: Trait) {
  return expectTrait(this, name, trait);
});
step('the hardware information of {device} is that of its IOMMU', function (device: number) {
  return expectHardware(this, device);
});
step('{act} {deed} {times}', function (done: Act, deed: Deed, times: number) {
  return expectDeed(this, done, deed, times);
});
step('{act} gives {commands}', function (done: Act, commands: Commands) {
  return expectCommands(this, done, commands);
});
