/** Taking an SMMU over from the trusted host: from the first step on it lets nothing through, and in the end it is the hypervisor's. */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import { COMMAND_SIZE } from '#hw-models/smmu-v3/commands';
import { EVENT_SIZE } from '#hw-models/smmu-v3/events';
import { ADDRESS_SIZES } from '#hw-models/smmu-v3/id-registers';
import { CommandQueue } from './command-queue';
import { Invalidations } from './invalidations';
import type { Memcaches } from './memcache';
import { Registers } from './mmio';
import { formatOf, type Format } from './page-table-format';
import type { Parameters } from './parameters';
import { SmmuV3 } from './smmu-v3';
import { StreamTable, type StreamTableShape } from './stream-table';
import { TablePages } from './table-pages';
import { WalkerMemory } from './walker-memory';

/** Bytes of each queue at most: one frame. */
const QUEUE_BYTES = 4096;
/** The input size that stage 2 has for the sake of its 32-bit tables, if it has them. */
const INPUT_BITS_OF_LPAE = 40;

/** What the SMMU is, as far as it is used. */
interface Identity {
  readonly format: Format;
  readonly coherent: boolean;
  readonly vmidBits: number;
  readonly sidBits: number;
  readonly twoLevel: boolean;
  /** log2 of the entries of the queues. */
  readonly commands: number;
  readonly events: number;
}

/** Where the queues are. */
interface Queues {
  readonly commands: bigint;
  readonly events: bigint;
}

/**
 * `ENODEV`: the SMMU cannot do stage 2 as this driver does it. `EINVAL`: the parameters do not suit it or the hypervisor. `ENOMEM`;
 * `ETIMEDOUT`: it does not answer. On refusal it lets nothing through.
 */
export function takeOver(platform: Platform, memcaches: Memcaches, parameters: Parameters): Result<SmmuV3> {
  const registers = new Registers(platform, parameters.mmio);
  const quiet = quieten(registers);
  if (!quiet.ok) return quiet;
  const identity = identify(registers, parameters, platform.hypPageBytes());
  if (!identity.ok) return identity;
  const queues = takeQueues(platform);
  if (!queues.ok) return queues;

  const { format, coherent, vmidBits, sidBits, twoLevel, commands } = identity.value;
  const memory = new WalkerMemory(platform, coherent);
  const pages = new TablePages(memcaches, memory, platform.hypPageBytes(), format.oas);
  const invalidations = new Invalidations(new CommandQueue(registers, memory, queues.value.commands, commands));
  const releaseQueues = (): void => Object.values(queues.value).forEach((queue: bigint) => platform.pageFree(queue, 0));
  const streams = StreamTable.create({ platform, memory, pages, invalidations, sidBits, twoLevel });
  if (!streams.ok) {
    releaseQueues();
    return streams;
  }

  program(registers, identity.value, queues.value, streams.value.shape);
  memory.order();
  const smmu = new SmmuV3({ registers, memory, pages, invalidations, streams: streams.value, format, vmidBits, coherent, releaseQueues });
  const enabled = enable(registers, invalidations);
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

/** Stage 2 with 64-bit little-endian tables, faults that end the access, and tables and queues that are the driver's to place. */
function identify(registers: Registers, parameters: Parameters, pageBytes: number): Result<Identity> {
  const { S2P, TTF, TTENDIAN, STALL_MODEL, COHACC, VMID16, ST_LEVEL } = registers.read('IDR0');
  const { SIDSIZE, CMDQS, EVENTQS, TABLES_PRESET, QUEUES_PRESET } = registers.read('IDR1');
  if (!S2P || TTF === 'VMSAv8_32' || TTENDIAN === 'big' || STALL_MODEL === 'stall') return refuse('ENODEV');
  if (TABLES_PRESET || QUEUES_PRESET || CMDQS === 0) return refuse('ENODEV');
  const outputBits = ADDRESS_SIZES[registers.read('IDR5').OAS] ?? 0;
  const format = formatOf(parameters, outputBits);
  if (format === undefined || !hasFormat(registers, format, outputBits, TTF === 'both') || !fitsPage(format, pageBytes))
    return refuse('EINVAL');
  return ok({
    format,
    coherent: COHACC,
    vmidBits: VMID16 ? 16 : 8,
    sidBits: SIDSIZE,
    twoLevel: ST_LEVEL === 'twoLevel',
    commands: Math.min(CMDQS, Math.log2(QUEUE_BYTES / COMMAND_SIZE)),
    events: Math.min(EVENTQS, Math.log2(QUEUE_BYTES / EVENT_SIZE)),
  });
}

/** Whether the SMMU has the granule and the address sizes. */
function hasFormat(registers: Registers, { granule, ias, oas }: Format, outputBits: number, hasLpae: boolean): boolean {
  const { GRAN4K, GRAN16K, GRAN64K } = registers.read('IDR5');
  const inputBits = Math.max(outputBits, hasLpae ? INPUT_BITS_OF_LPAE : 0);
  const isEncodable = ADDRESS_SIZES.some((bits) => bits === oas);
  return { '4K': GRAN4K, '16K': GRAN16K, '64K': GRAN64K }[granule] && ias <= inputBits && oas <= outputBits && isEncodable;
}

/** Tables come one page of the hypervisor at a time. */
const fitsPage = ({ rootEntries, tableEntries }: Format, pageBytes: number): boolean =>
  Math.max(rootEntries, tableEntries) * 8 <= pageBytes;

function takeQueues(platform: Platform): Result<Queues> {
  const commands = platform.pageAlloc({ order: 0, kind: 'queue' });
  if (!commands.ok) return commands;
  const events = platform.pageAlloc({ order: 0, kind: 'queue' });
  if (events.ok) return ok({ commands: commands.value, events: events.value });
  platform.pageFree(commands.value, 0);
  return events;
}

/** Everything that may only be written while the SMMU is disabled. A stream that the table does not know is aborted silently, as any other. */
function program(
  registers: Registers,
  { coherent, commands, events }: Identity,
  queues: Queues,
  { base, ...shape }: StreamTableShape,
): void {
  const cached = coherent ? 'writeBack' : 'nonCacheable';
  const queueAttributes = { QUEUE_SH: 'innerShareable', QUEUE_OC: cached, QUEUE_IC: cached } as const;
  registers.write('CR1', { TABLE_SH: 'innerShareable', TABLE_OC: cached, TABLE_IC: cached, ...queueAttributes });
  registers.write('CR2', { PTM: true, RECINVSID: false });
  registers.write('STRTAB_BASE', { ADDR: base >> 6n });
  registers.write('STRTAB_BASE_CFG', shape);
  registers.write('CMDQ_BASE', { ADDR: queues.commands >> 5n, LOG2SIZE: commands });
  registers.write('CMDQ_CONS', {});
  registers.write('CMDQ_PROD', {});
  registers.write('EVENTQ_BASE', { ADDR: queues.events >> 5n, LOG2SIZE: events });
  registers.write('EVENTQ_PROD', {});
  registers.write('EVENTQ_CONS', {});
}

/** Commands first: what the caches hold from before has to go before anything may use it. */
function enable(registers: Registers, invalidations: Invalidations): Result<null> {
  registers.write('CR0', { CMDQEN: true });
  const commands = registers.waitFor('CR0ACK', { CMDQEN: true });
  if (!commands.ok) return commands;
  const empty = invalidations.everything();
  if (!empty.ok) return empty;
  registers.write('CR0', { CMDQEN: true, EVENTQEN: true, SMMUEN: true });
  const all = registers.waitFor('CR0ACK', { CMDQEN: true, EVENTQEN: true, SMMUEN: true });
  return all.ok ? done : all;
}
