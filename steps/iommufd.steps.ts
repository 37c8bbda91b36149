/** /dev/iommu as the process that uses it sees it: ioctls by their structures, devices, files, and memory that devices reach. */
import type { IoctlName } from '#drivers/contract/uapi-iommufd';
import type { Access } from './bench/bench';
import type { Expected } from './bench/outcomes';
import type { Rows } from './bench/systems/system';
import type { Sender } from './bench/verb';
import { userGuest } from './bench/user-guest';
import type { Act } from './bench/verbs';
import type { Readiness } from './iommufd-phrases';
import { step } from './registry';

step('an IOAS {object}', function (name: string) {
  return this.does(undefined, 'userIoctl', 'IOMMU_IOAS_ALLOC', [['out_ioas_id', name]]);
});
step('a HWPT {object} of {object} for {object}{withFlags}', function (name: string, ioas: string, device: string, flags: string) {
  return this.does(undefined, 'userIoctl', 'IOMMU_HWPT_ALLOC', [
    ['dev_id', device],
    ['pt_id', ioas],
    ['flags', flags],
    ['out_hwpt_id', name],
  ]);
});
/** Its memory is at GPA 0x10_0000 and begins with its tables, in which 0x1000 leads to GPA 0x10_8000. */
step('a guest {object} of {object} for {object} in {object}', function (hwpt: string, ioas: string, device: string, memory: string) {
  return userGuest(this, { hwpt, ioas, device, memory });
});
step('the user {userDeed}{expected}', function ({ verb, args }: Act, expected: Expected) {
  return this.does(expected, verb, ...(args as never));
});
/** Members of the structure; those that are left out are 0. In brackets: `(length)`, `(tail)`, `(request)`, `(memory)`, `(guest)`. */
step('the user calls {ioctl}{expected}:', function (name: IoctlName, expected: Expected, rows: Rows) {
  return this.does(expected, 'userIoctl', name, rows);
});
step('{member} of the answer is {value}', function (member: string, value: string) {
  this.user.expectAnswer(member, value);
});
step('{sender} {accessing} {iova} reaches {value} of the user', function (sender: Sender, access: Access, iova: bigint, where: string) {
  return this.user.expectAccess(sender, access, iova, where);
});
step('the user puts {record} at {value}:', function (record: string, where: string, rows: Rows) {
  return this.user.put(record, where, rows);
});
step('{record} at {value} has:', function (record: string, where: string, rows: Rows) {
  return this.user.expectRecord(record, where, rows);
});
step('{object} {readiness}', function (name: string, readiness: Readiness) {
  return this.user.expectReady(name, readiness);
});
