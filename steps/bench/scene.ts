/** What happens in a scene besides calls of the driver: the host, other processors, a back end. Data, so that it can be played again. */
import type { KvmIommuOps } from '#drivers/contract/hyp';
import type { Errno } from '#drivers/contract/driver';
import type { Silence, SilenceKind } from '#hw-models/core/hardware';
import type { Params } from '#hw-models/hyp/host';
import type { Unfit } from './hyp-scene';
import { guestMaps, type GuestEntry } from './guest';
import { randomCalls } from './random-calls';
import { overwrite } from './user-data';
import type { Bench } from './bench';
import { NotTested } from './outcomes';
import type { ScriptedBackEnd } from './scripted-back-end';
import type { Wish } from './systems/system';
import { systemOf } from './systems/systems';
import type { Sender } from './verb';
import { act } from './verbs';

const backEnd = ({ hyp }: Bench): ScriptedBackEnd => {
  if (hyp.backEnd === undefined) throw new NotTested('the back end is not scripted');
  return hyp.backEnd;
};

/** An IOMMU stops in the middle of its work after so many answers more. */
export function silence({ machine }: Bench, iommu: number, after: number, kind: SilenceKind): Silence {
  const silence = machine.iommus[iommu]?.hardware.fallsSilent?.(after, kind);
  if (silence === undefined) throw new NotTested('the machine has no such IOMMU that can stop in the middle of its work');
  return silence;
}

const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** What is in the pages of a memcache, or why its only page does not belong there. */
export type PageContent = 'zeros' | 'ones' | Unfit;

export const SCENE = {
  backEndRefuses: (bench: Bench, operation: keyof KvmIommuOps, errno: Errno) => backEnd(bench).refuses(operation, errno),
  backEndRoot: (bench: Bench, root: bigint) => backEnd(bench).answersRoot(root),
  backEndRandom: (bench: Bench) => backEnd(bench).refusesAtRandom(),
  /** Somebody else has all identifiers of a space but these. */
  idsLeft: ({ machine }: Bench, space: string, ...ids: number[]) => machine.resources.leaveIds(space, ids),
  allocationFails: ({ machine }: Bench) => machine.resources.failNth(1),
  /** The guest changes an entry of its tables. */
  guestMaps: (bench: Bench, parent: string, entry: GuestEntry, tables: bigint) => guestMaps(bench, parent, entry, tables),
  /** The user changes what a domain was made from. */
  userOverwrites: (bench: Bench, name: string) => overwrite(bench, name),
  /** A device asks for pages, one in each group, and somebody will answer. */
  asksForPages: async (bench: Bench, sender: Sender, groups: readonly number[], wish: Wish) => {
    await bench.device(sender.device);
    bench.upcalls.answersPages = true;
    const system = systemOf(bench);
    if (system.asksForPage === undefined) throw new NotTested('devices of this machine do not ask for pages');
    for (const group of groups) system.asksForPage(bench, { sender, group, ...wish });
    // Below a core the interrupt comes at once: what the user finds afterwards does not wait for a step.
    if (bench.started.iommufd === undefined) return;
    for (const iommu of bench.machine.iommus.keys()) await bench.perform(act('serve', iommu, 'page-request'), false);
  },
  mappingFails: ({ hyp }: Bench, n: number, errno: Errno) => hyp.hyp.failMapping(n, errno),
  /** Commands that are handed over while it does not answer stay where they are. */
  answering: (bench: Bench, smmu: number, answers: boolean) => silence(bench, smmu, answers ? Infinity : 0, 'lasting'),
  cpu: ({ machine }: Bench, cpu: number) => {
    machine.cpu = cpu;
  },
  endpoint: (bench: Bench, device: number, endpoint: number, smmu: number) => bench.device(device, { iommu: smmu, ids: [endpoint] }),
  /** The host takes its pages back and leaves as many as it says. */
  memcache: ({ hyp: scene }: Bench, cpu: number, pages: number, content: PageContent) => {
    if (!scene.host.setMemcache(cpu, 0n, 0n)) throw new NotTested('the hypervisor does not let the host write its memcache');
    scene.host.clearNeedsPage(cpu);
    if (content === 'zeros' || content === 'ones') scene.host.topUp(cpu, pages, { contents: content === 'ones' ? ALL_ONES : 0n });
    else scene.offers(cpu, content);
  },
  references: ({ hyp: scene }: Bench, smmu: number, domain: number, references: number) => {
    scene.tampered = true;
    if (!scene.host.setRefs(scene.rootOf(smmu), domain, references)) throw new NotTested(`the leaf of domain ${domain} is missing`);
  },
  parameter: ({ hyp: scene }: Bench, name: keyof Params, smmu: number, value: bigint) => {
    scene.host.writeParams(scene.parametersOf(smmu), { [name]: value });
  },
  randomCalls,
} as const;

export type SceneName = keyof typeof SCENE;
export type SceneArguments<N extends SceneName> = (typeof SCENE)[N] extends (bench: Bench, ...args: infer A) => unknown ? A : never;
