/** Queues that are read as files: the object is in use, and its /dev/iommu stays, as long as the file is open. */
import { refuse, type Result } from '#drivers/contract/driver';
import type { Context } from './context';
import type { OpenFile } from './files';
import { leave } from './leave';
import type { IommufdObject } from './objects';

/** `ESPIPE`: these files have no positions. */
export const noPosition = (offset: bigint): Result<null> | undefined => (offset === 0n ? undefined : refuse('ESPIPE'));

/** Opens the file of an object that has just been made. */
export function openFor(context: Context, object: IommufdObject, file: Omit<OpenFile, 'close'>): number {
  object.users++;
  context.files++;
  const close = async (): Promise<void> => {
    object.users--;
    await leave(context);
  };
  return context.kernel.files.open({ ...file, close });
}
