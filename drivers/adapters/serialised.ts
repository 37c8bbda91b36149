/** The same driver behind text: every call, every answer and every platform access passes through JSON, as it would to another process. */
import { after, type DriverModule } from '#drivers/contract/driver';
import { KVM_IOMMU_OPS } from '#drivers/contract/hyp';
import { PLATFORM_METHODS } from '#drivers/contract/platform';
import { UPCALL_METHODS } from '#drivers/contract/upcalls';
import { remote, remoteAnswer, type Via } from './remote';
import { fromText, toText } from './text';

const copied = <T>(value: T, what: string): T => fromText(toText(value, what)) as T;

/** A method that answers nothing answers nothing. */
const copiedAnswer = (answer: unknown, method: string): unknown =>
  answer === undefined ? undefined : copied(answer, `the answer of ${method}`);

const asText: Via = (call, args, method) => after(call(...copied(args, `${method}: arguments`)), (answer) => copiedAnswer(answer, method));

export const serialised = (module: DriverModule): DriverModule => ({
  ...module,
  manifest: copied(module.manifest, 'the manifest'),
  start: (platform, { iommus, upcalls, backEnd, watched }) =>
    after(
      module.start(remote(platform, PLATFORM_METHODS, asText), {
        iommus: copied(iommus, 'start: iommus'),
        upcalls: remote(upcalls, UPCALL_METHODS, asText),
        ...(backEnd !== undefined && { backEnd: remote(backEnd, KVM_IOMMU_OPS, asText) }),
        // What is below lives where the driver does.
        ...(watched !== undefined && { watched }),
      }),
      // Of what start answers, the interfaces are known by name; a refusal is text as any other.
      (started) => (started?.ok === true ? remoteAnswer(started, asText) : (copiedAnswer(started, 'start') as typeof started)),
    ),
});
