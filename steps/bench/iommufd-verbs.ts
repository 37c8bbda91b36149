/** The verbs of `Iommufd`: each may be many calls of a driver below, and those are looked at one by one. */
import { NO_PASID } from '#drivers/contract/iommu';
import type { IoctlName } from '#drivers/contract/uapi-iommufd';
import { hex } from '#hw-models/core/hex';
import { after, type Result } from '#hw-models/core/result';
import type { GuestEntry } from './guest';
import type { Rows } from './systems/system';
import { answers, findsDirty, has, takesFaults, type Faulting } from './user-deeds';
import { PARTIAL } from './user-process';
import { showRange, verb, type Range } from './verb';

const withPasid = (pasid?: number): string => (pasid === undefined ? '' : ` with PASID ${pasid}`);

export const IOMMUFD_VERBS = {
  userIoctl: verb<[name: IoctlName, rows: Rows]>({
    answers: 'record',
    composed: true,
    say: (name, rows) => `${name}(${rows.map(([field, value]) => `${field} ${value}`).join(', ')})`,
    prepare: ({ user }) => user.prepare(),
    partly: (name) => PARTIAL.has(name),
    call: ({ user }, name, rows) => user.ioctl(name, rows),
  }),
  /** One more, whose objects have names like those of the first. */
  userOpen: verb<[name: string]>({
    answers: 'handle',
    composed: true,
    say: (name) => `open(/dev/iommu) as ${name}`,
    call: ({ user }) => user.iommufd.open(),
    took: ({ user }, file, name) => user.remember(name, 'file', BigInt(file as number)),
  }),
  /** A store of the guest, in memory of the user. */
  userGuestMaps: verb<[entry: GuestEntry, where: string, tables: bigint]>({
    answers: 'nothing',
    composed: true,
    say: ({ iova, gpa }, where) => `guest’s entry for ${hex(iova)} to ${gpa === undefined ? 'nothing' : hex(gpa)}, at ${where}`,
    call: ({ user }, entry, where, tables) => user.guestMaps(entry, where, tables),
  }),
  userBind: verb<[device: number, name: string, file?: string]>({
    answers: 'handle',
    composed: true,
    device: (device) => device,
    say: (device, name, file = '/dev/iommu') => `bind(d${device}, ${file}) as ${name}`,
    call: async ({ user }, device, _name, file) => user.iommufd.bind(await user.file(file), device),
    took: ({ user }, id, _device, name) => user.remember(name, 'object', BigInt(id as number)),
  }),
  userUnbind: verb<[name: string]>({
    answers: 'nothing',
    composed: true,
    say: (name) => `unbind(${name})`,
    call: async ({ user }, name) => user.iommufd.unbind(await user.file(), user.id(name)),
  }),
  userAttach: verb<[device: string, pt: string, pasid?: number, as?: string]>({
    answers: 'handle',
    composed: true,
    say: (device, pt, pasid) => `attach(${device}${withPasid(pasid)}, ${pt})`,
    call: async ({ user }, device, pt, pasid = NO_PASID) => {
      const file = await user.file();
      return user.changing(`attach(${device}, ${pt})`, () => user.iommufd.attach(file, user.id(device), user.id(pt), pasid));
    },
    took: ({ user }, id, _device, _pt, _pasid, as) => as === undefined || user.remember(as, 'object', BigInt(id as number)),
  }),
  userReplace: verb<[device: string, pt: string, pasid?: number, as?: string]>({
    answers: 'handle',
    composed: true,
    say: (device, pt, pasid) => `replace(${device}${withPasid(pasid)}, ${pt})`,
    call: async ({ user }, device, pt, pasid = NO_PASID) => {
      const file = await user.file();
      return user.changing(`replace(${device}, ${pt})`, () => user.iommufd.replace(file, user.id(device), user.id(pt), pasid));
    },
    took: ({ user }, id, _device, _pt, _pasid, as) => as === undefined || user.remember(as, 'object', BigInt(id as number)),
  }),
  userDetach: verb<[device: string, pasid?: number]>({
    answers: 'nothing',
    composed: true,
    say: (device, pasid) => `detach(${device}${withPasid(pasid)})`,
    call: async ({ user }, device, pasid = NO_PASID) => user.iommufd.detach(await user.file(), user.id(device), pasid),
  }),
  userClose: verb<[name?: string]>({
    answers: 'nothing',
    composed: true,
    say: (name = '/dev/iommu') => `close(${name})`,
    call: async ({ user }, name) => user.iommufd.close(await user.file(name)),
    took: ({ user }, _value, name) => (name === undefined ? user.closed() : void user.names.delete(name)),
  }),
  userAllocate: verb<[name: string, bytes: number, writable: boolean]>({
    answers: 'bigint',
    composed: true,
    say: (name, bytes) => `userAlloc(${bytes} bytes) as ${name}`,
    call: ({ user }, _name, bytes, writable) => user.iommufd.userAlloc(bytes, writable),
    took: ({ user }, address, name, bytes) => user.remember(name, 'memory', address as bigint, bytes),
  }),
  userTakesFaults: verb<[device: string, pasid: number | undefined, made: Faulting]>({
    answers: 'record',
    composed: true,
    say: (device, pasid, { hwpt }) => `attach(${device}${withPasid(pasid)}, ${hwpt} with a fault queue)`,
    prepare: ({ user }) => user.prepare(),
    call: ({ user }, ...args) => takesFaults(user, ...args),
  }),
  userHas: verb<[name: string, bytes: bigint, mapped: Rows]>({
    answers: 'record',
    composed: true,
    say: (name, bytes, mapped) => `userAlloc(${bytes} bytes) as ${name}, IOMMU_IOAS_MAP(${mapped.map((row) => row.join(' ')).join(', ')})`,
    prepare: ({ user }) => user.prepare(),
    call: ({ user }, ...args) => has(user, ...args),
  }),
  userFree: verb<[name: string]>({
    answers: 'nothing',
    composed: true,
    say: (name) => `munmap(${name})`,
    call: ({ user }, name) => {
      const { value, length } = user.named(name, 'memory');
      return user.iommufd.munmap(value, length);
    },
    took: ({ user }, _value, name) => void user.names.delete(name),
  }),
  userRead: verb<[name: string, bytes: number, where: string, offset: bigint]>({
    answers: 'record',
    composed: true,
    say: (name, bytes, where, offset) => `read(${name}, ${bytes} bytes to ${where}, at ${offset})`,
    call: async ({ user }, name, bytes, where, offset) =>
      after(await user.iommufd.read(await user.file(name), user.value(where), bytes, offset), (result: Result<number>) =>
        user.counted(result),
      ),
  }),
  userWrite: verb<[name: string, bytes: number, where: string, offset: bigint]>({
    answers: 'record',
    composed: true,
    say: (name, bytes, where, offset) => `write(${name}, ${bytes} bytes from ${where}, at ${offset})`,
    call: async ({ user }, name, bytes, where, offset) =>
      after(await user.iommufd.write(await user.file(name), user.value(where), bytes, offset), (result: Result<number>) =>
        user.counted(result),
      ),
  }),
  userFindsDirty: verb<[hwpt: string, where: Range, pageSize: bigint, stays: boolean, bits: bigint]>({
    answers: 'record',
    composed: true,
    say: (hwpt, where, pageSize) => `getDirtyBitmap(${hwpt}, ${showRange(where)} by ${pageSize} bytes)`,
    prepare: ({ user }) => user.prepare(),
    call: ({ user }, ...args) => findsDirty(user, ...args),
  }),
  userAnswers: verb<[file: string, cookie: number, code: number]>({
    answers: 'record',
    composed: true,
    say: (file, cookie, code) => `write(${file}, code ${code} to cookie ${cookie})`,
    prepare: ({ user }) => user.prepare(),
    call: ({ user }, ...args) => answers(user, ...args),
  }),
  userMapFile: verb<[name: string, bytes: bigint, offset: bigint, shared: boolean, execute: boolean]>({
    answers: 'bigint',
    composed: true,
    say: (name, bytes, offset) => `mmap(${name}, ${bytes} bytes at ${offset})`,
    call: async ({ user }, name, bytes, offset, shared, execute) =>
      user.iommufd.mmap(await user.file(name === '/dev/iommu' ? undefined : name), {
        offset,
        length: Number(bytes),
        write: true,
        execute,
        shared,
      }),
  }),
} as const;
