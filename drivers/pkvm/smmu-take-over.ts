/** Taking an SMMU over from the trusted host: from the first step on it lets nothing through, and in the end it is the hypervisor's. */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { ViewOf } from '#hw-models/core/bits';
import { COMMAND_SIZE } from '#hw-models/smmu-v3/commands';
import { EVENT_SIZE } from '#hw-models/smmu-v3/events';
import { ADDRESS_SIZES, type Idr0, type Idr5 } from '#hw-models/smmu-v3/id-registers';
import { CommandQueue } from './command-queue';
import { Invalidations } from './invalidations';
import type { Memcaches } from './memcache';
import { Registers } from './mmio';
import { formatOf, type Format } from './page-table-format';
import type { Parameters } from './parameters';
import { SmmuV3 } from './smmu-v3';
import { StreamTable } from './stream-table';
import { TablePages } from './table-pages';
import { WalkerMemory } from './walker-memory';

const QUEUE_BYTES = 4096;
/** The input size that stage 2 of 32-bit tables brings along. */
const LEAST_INPUT_BITS = 40;

/** What the identification registers say. */
interface Idrs {
  readonly idr0: ViewOf<typeof Idr0>;
  readonly idr5: ViewOf<typeof Idr5>;
}

/** log2 of the entries of a queue of `QUEUE_BYTES` at most. */
const queueSize = (largest: number, entryBytes: number): number => Math.min(largest, Math.log2(QUEUE_BYTES / entryBytes));

/**
 * `ENODEV`: the SMMU cannot do stage 2 as this driver does it. `EINVAL`: the parameters do not fit it or the hypervisor. `ENOMEM`;
 * `ETIMEDOUT`: it does not answer. On refusal it lets nothing through.
 */
export function takeOver(platform: Platform, memcaches: Memcaches, parameters: Parameters): Result<SmmuV3> {
  const registers = new Registers(platform, parameters.mmio);
  const quiet = quieten(registers);
  if (!quiet.ok) return quiet;
  const idrs: Idrs = { idr0: registers.read('IDR0'), idr5: registers.read('IDR5') };
  const { SIDSIZE, CMDQS, EVENTQS, TABLES_PRESET, QUEUES_PRESET } = registers.read('IDR1');
  if (!isFit(idrs) || TABLES_PRESET || QUEUES_PRESET || CMDQS === 0) return refuse('ENODEV');
  const format = fittingFormat(parameters, idrs, platform.hypPageBytes());
  if (format === undefined) return refuse('EINVAL');

  const coherent = idrs.idr0.COHACC;
  const memory = new WalkerMemory(platform, coherent);
  const pages = new TablePages(memcaches, memory, platform.hypPageBytes(), format.oas);
  const commands = platform.pageAlloc({ order: 0, kind: 'queue' });
  if (!commands.ok) return commands;
  const commandsLog2 = queueSize(CMDQS, COMMAND_SIZE);
  const invalidations = new Invalidations(new CommandQueue(registers, memory, commands.value, commandsLog2));
  const events = platform.pageAlloc({ order: 0, kind: 'queue' });
  if (!events.ok) {
    platform.pageFree(commands.value, 0);
    return events;
  }
  const releaseQueues = (): void => {
    platform.pageFree(events.value, 0);
    platform.pageFree(commands.value, 0);
  };
  const forgetDirectory = (stream: number): Result<null> => invalidations.directory(stream);
  const twoLevel = idrs.idr0.ST_LEVEL === 'twoLevel';
  const streams = StreamTable.create({ platform, memory, pages, sidBits: SIDSIZE, twoLevel, forgetDirectory });
  if (!streams.ok) {
    releaseQueues();
    return streams;
  }

  const { base, ...shape } = streams.value.shape;
  setAttributes(registers, coherent);
  registers.write('STRTAB_BASE', { ADDR: base >> 6n });
  registers.write('STRTAB_BASE_CFG', shape);
  registers.write('CMDQ_BASE', { ADDR: commands.value >> 5n, LOG2SIZE: commandsLog2 });
  registers.write('CMDQ_CONS', {});
  registers.write('CMDQ_PROD', {});
  registers.write('EVENTQ_BASE', { ADDR: events.value >> 5n, LOG2SIZE: queueSize(EVENTQS, EVENT_SIZE) });
  registers.write('EVENTQ_PROD', {});
  registers.write('EVENTQ_CONS', {});
  const smmu = new SmmuV3({ registers, memory, pages, invalidations, streams: streams.value, format, vmidBits: idrs.idr0.VMID16 ? 16 : 8, coherent, releaseQueues });
  const enabled = enable(registers, memory, invalidations);
  if (enabled.ok) return ok(smmu);
  smmu.shutDown();
  return enabled;
}

/** Aborts what is not translated, then disables everything. */
function quieten(registers: Registers): Result<null> {
  const free = registers.waitFor('GBPA', { Update: false });
  if (!free.ok) return free;
  registers.write('GBPA', { Update: true, ABORT: true, SHCFG: 'incoming' });
  const aborting = registers.waitFor('GBPA', { Update: false });
  if (!aborting.ok) return aborting;
  registers.write('CR0', {});
  registers.write('IRQ_CTRL', {});
  registers.change('GERRORN', { CMDQ_ERR: registers.read('GERROR').CMDQ_ERR });
  const disabled = registers.waitFor('CR0ACK', { SMMUEN: false, PRIQEN: false, EVENTQEN: false, CMDQEN: false });
  return disabled.ok ? done : disabled;
}

/** What is fetched is in write-back memory shared with the processors, or not cached at all. An unknown stream is aborted silently, as any other. */
function setAttributes(registers: Registers, coherent: boolean): void {
  const cacheability = coherent ? 'writeBack' : 'nonCacheable';
  registers.write('CR1', {
    TABLE_SH: 'innerShareable',
    TABLE_OC: cacheability,
    TABLE_IC: cacheability,
    QUEUE_SH: 'innerShareable',
    QUEUE_OC: cacheability,
    QUEUE_IC: cacheability,
  });
  registers.write('CR2', { PTM: true });
}

/** Commands first: what the caches hold from before has to go before anything may use it. */
function enable(registers: Registers, memory: WalkerMemory, invalidations: Invalidations): Result<null> {
  memory.order();
  registers.write('CR0', { CMDQEN: true });
  const commands = registers.waitFor('CR0ACK', { CMDQEN: true });
  if (!commands.ok) return commands;
  const empty = invalidations.everything();
  if (!empty.ok) return empty;
  registers.write('CR0', { CMDQEN: true, EVENTQEN: true, SMMUEN: true });
  const all = registers.waitFor('CR0ACK', { CMDQEN: true, EVENTQEN: true, SMMUEN: true });
  return all.ok ? done : all;
}

/** Stage 2 with 64-bit little-endian tables, and faults that end the access. */
const isFit = ({ idr0: { S2P, TTF, TTENDIAN, STALL_MODEL } }: Idrs): boolean =>
  S2P && (TTF === 'VMSAv8_64' || TTF === 'both') && TTENDIAN !== 'big' && STALL_MODEL !== 'stall';

/** The format of the parameters, if SMMU and hypervisor can have it: a table is one page of the hypervisor, or less. */
function fittingFormat(parameters: Parameters, { idr0, idr5 }: Idrs, pageBytes: number): Format | undefined {
  const format = formatOf(parameters);
  if (format === undefined) return undefined;
  const { GRAN4K, GRAN16K, GRAN64K, OAS } = idr5;
  const outputBits = ADDRESS_SIZES[OAS] ?? 0;
  const inputBits = Math.max(outputBits, idr0.TTF === 'both' ? LEAST_INPUT_BITS : 0);
  const hasGranule = { '4K': GRAN4K, '16K': GRAN16K, '64K': GRAN64K }[format.granule];
  const hasSizes = format.ias <= inputBits && format.oas <= outputBits && ADDRESS_SIZES.some((bits) => bits === format.oas);
  const fitsPage = Math.max(format.rootEntries, format.tableEntries) * 8 <= pageBytes;
  return hasGranule && hasSizes && fitsPage ? format : undefined;
}
