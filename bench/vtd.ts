/** Translations a second of the VT-d model, and how long a batch of invalidations of a guest takes with the reference driver. */
import { connect } from '#drivers/connect';
import { Scene, type PasidValues } from '#hw-models/vtd/scene';
import { FirstTables, SecondTables } from '#hw-models/vtd/testdata/translate-tables';
import { Bench } from '#steps/bench/bench';
import { nestParentWithGuest } from '#steps/bench/guest';
import { arrayOf, systemOf } from '#steps/bench/systems/systems';
import { act } from '#steps/bench/verbs';
import { best } from './row';
import type { Row } from './row';
import { stageRows, type Mapped, type Staged, type Stages } from './stages';

const ID = 8;

const ENTRIES: Readonly<Record<Stages, (first: number, second: number) => PasidValues>> = {
  'first stage': (FSPTPTR) => ({ PGTT: 'first-stage', FSPTPTR, DID: 2, PWSNP: true }),
  'second stage': (_none, SSPTPTR) => ({ PGTT: 'second-stage', SSPTPTR, AW: 48, DID: 2, PWSNP: true }),
  nested: (FSPTPTR, SSPTPTR) => ({ PGTT: 'nested', FSPTPTR, SSPTPTR, AW: 48, DID: 2, PWSNP: true }),
};

function made(stages: Stages, mapped: readonly Mapped[]): Staged {
  const scene = new Scene({ ids: [ID] });
  const first = stages === 'second stage' ? undefined : new FirstTables(scene.tableMemory, 4);
  const second = stages === 'first stage' ? undefined : new SecondTables(scene.tableMemory, 4);
  for (const { input, output } of mapped) {
    first?.map(input, output);
    second?.map(first === undefined ? input : output, output);
  }
  for (const frame of first?.frames ?? []) second?.map(frame, frame);
  scene.install(ID, ENTRIES[stages](first?.pointer ?? 0, second?.pointer ?? 0));
  const { iommu, machine } = scene;
  return {
    machine,
    hardware: iommu,
    id: ID,
    // Not by spreading, which takes longer than the translation.
    translates: ({ requester, id, pasid, iova, access, privileged }, see) =>
      iommu.translate({ requester, id, pasid, iova, access, privileged, type: 'untranslated' }, see).kind === 'translated',
  };
}

const BATCH = 1000;
const REPEATS = 5;
const PAGES = 16;

/** An array that a guest hands in, each entry a page of its own, until every cache has forgotten them. */
async function batchRow(): Promise<Row> {
  const bench = new Bench(await connect('vtd'), 'lazy');
  await nestParentWithGuest(bench, 'A', 1);
  await bench.does(undefined, 'alloc', 'B', 1, 'nested', 0, { parent: 'A', context: { tables: 0x10_0000n, rows: [] } });
  await bench.does(undefined, 'attach', 1, 'B');
  const rows = Array.from({ length: BATCH }, (_none, n) => [`addr 0x${((n % PAGES) + 1).toString(16)}000`, 'npages 1', 'flags LEAF']);
  const array = arrayOf(systemOf(bench), rows);
  const ms = await best(REPEATS, () => bench.perform(act('invalidate', 'B', array)));
  return { name: `VT-d batch of ${BATCH} invalidations`, value: ms, unit: 'ms' };
}

/** The rows, measured now. */
export const rows = async (): Promise<readonly Row[]> => [...stageRows('VT-d', 'IOTLB', made), await batchRow()];
