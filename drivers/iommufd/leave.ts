/** The end of a /dev/iommu: when its last file is closed, whoever bound devices is gone too. */
import { BoundDevice, unbind } from './bound-device';
import type { Context } from './context';

/** One of the files that keep it is closed. */
export async function leave(context: Context): Promise<void> {
  context.files--;
  if (context.files === 0) await context.objects.empty();
}

/** The file itself is closed. A process that ends closes its devices as well. */
export async function closeContext(context: Context): Promise<void> {
  for (const { id } of context.objects.all(BoundDevice)) await unbind(context, id);
  await leave(context);
}
