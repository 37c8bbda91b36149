/** /dev/iommu itself: its files, the memory of the process that uses it, and what VFIO does with devices. One call after another. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import type { FileMapping, Iommufd } from '#drivers/contract/iommufd';
import { attach, changeTo, detach, replace, type Change } from './attach';
import { bind, BoundDevice, unbind } from './bound-device';
import { COMMANDS } from './commands';
import { Context, type Kernel } from './context';
import type { OpenFile, Readiness } from './files';
import { ioctl } from './frame';
import { closeContext } from './leave';
import { PAGE } from './user-memory';

export class Core implements Iommufd {
  readonly #kernel: Kernel;
  /** By file. */
  readonly #contexts = new Map<number, Context>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get contexts(): Iterable<Context> {
    return this.#contexts.values();
  }

  async open(): Promise<Result<number>> {
    const context = new Context(this.#kernel);
    context.files++;
    const file = this.#kernel.files.open({
      ioctl: (request, argument) => ioctl(COMMANDS, context, request, argument),
      close: () => closeContext(context),
    });
    this.#contexts.set(file, context);
    return ok(file);
  }

  async close(file: number): Promise<Result<null>> {
    this.#contexts.delete(file);
    return this.#kernel.files.close(file);
  }

  async userAlloc(length: number, writable: boolean): Promise<Result<bigint>> {
    return this.#kernel.users.alloc(length, writable);
  }

  async userRead(address: bigint, length: number): Promise<Result<Uint8Array>> {
    return this.#kernel.users.read(address, length);
  }

  async userWrite(address: bigint, bytes: Uint8Array): Promise<Result<null>> {
    return this.#kernel.users.write(address, bytes, 'user');
  }

  /** `ENOTTY`: the file has no ioctls. */
  async ioctl(file: number, request: number, argument: bigint): Promise<Result<number>> {
    const open = this.#kernel.files.get(file);
    if (!open.ok) return open;
    return open.value.ioctl?.(request, argument) ?? refuse('ENOTTY');
  }

  async read(file: number, buffer: bigint, length: number, offset: bigint): Promise<Result<number>> {
    return this.#with(file, ({ read }) => read?.(buffer, length, offset) ?? refuse('EINVAL'));
  }

  async write(file: number, buffer: bigint, length: number, offset: bigint): Promise<Result<number>> {
    return this.#with(file, ({ write }) => write?.(buffer, length, offset) ?? refuse('EINVAL'));
  }

  /** A file that says nothing of itself is always ready. */
  async poll(file: number): Promise<Result<Readiness>> {
    return this.#with(file, ({ poll }) => ok(poll?.() ?? { readable: true, writable: true }));
  }

  /** `EINVAL`: not shared, or no pages. `EPERM`: to be executed. `ENXIO`: there is nothing to map. */
  async mmap(file: number, { offset, length, execute, shared }: FileMapping): Promise<Result<bigint>> {
    return this.#with(file, () => {
      if (length === 0 || offset % PAGE !== 0n || !shared) return refuse('EINVAL');
      return execute ? refuse('EPERM') : refuse('ENXIO');
    });
  }

  /** `EINVAL`: no pages. */
  async munmap(address: bigint, length: number): Promise<Result<null>> {
    if (length <= 0 || address % PAGE !== 0n) return refuse('EINVAL');
    this.#kernel.users.free(address / PAGE, (BigInt(length) + PAGE - 1n) / PAGE);
    return done;
  }

  async bind(file: number, device: number): Promise<Result<number>> {
    const context = this.#contexts.get(file);
    return context === undefined ? refuse('EINVAL') : bind(context, device);
  }

  async unbind(file: number, deviceId: number): Promise<Result<null>> {
    const context = this.#contexts.get(file);
    return context === undefined ? refuse('EINVAL') : unbind(context, deviceId);
  }

  async attach(file: number, deviceId: number, pt: number, pasid: number): Promise<Result<number>> {
    return this.#change(file, deviceId, pt, pasid, attach);
  }

  async replace(file: number, deviceId: number, pt: number, pasid: number): Promise<Result<number>> {
    return this.#change(file, deviceId, pt, pasid, replace);
  }

  async detach(file: number, deviceId: number, pasid: number): Promise<Result<null>> {
    const device = this.#device(file, deviceId);
    return device.ok ? detach(device.value, pasid) : device;
  }

  /** Everything is closed, and the process ends. */
  async stop(): Promise<void> {
    await this.#kernel.files.closeAll();
    this.#contexts.clear();
    this.#kernel.users.freeAll();
  }

  async #change(file: number, deviceId: number, pt: number, pasid: number, change: Change): Promise<Result<number>> {
    const device = this.#device(file, deviceId);
    return device.ok ? changeTo(device.value, pt, pasid, change) : device;
  }

  #device(file: number, deviceId: number): Result<BoundDevice> {
    const context = this.#contexts.get(file);
    return context === undefined ? refuse('EINVAL') : context.objects.find(deviceId, BoundDevice);
  }

  #with<T>(file: number, use: (open: OpenFile) => Result<T> | Promise<Result<T>>): Result<T> | Promise<Result<T>> {
    const open = this.#kernel.files.get(file);
    return open.ok ? use(open.value) : open;
  }
}
