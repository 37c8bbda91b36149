/**
 * Control registers of the Non-secure programming interface, as far as stage 2 needs them, and where every register lies.
 * PRI, ATOS, MPAM, DPT, ECMDQ and stage-2 permission indirection have none here: the identification registers deny them.
 */

import { bit, bits, oneOf, reserved, ro, uint, word } from '#hw-models/core/bits';
import { Aidr, Idr0, Idr1, Idr2, Idr3, Idr4, Idr5, Idr6, Iidr } from '#hw-models/smmu-v3/id-registers';

const CACHEABILITY = { nonCacheable: 0, writeBack: 1, writeThrough: 2 } as const;

/** Encoding 1 of a shareability is reserved and acts as non-shareable. @spec SMMU-V3 "SMMU_CR1" */
export const SHAREABILITY = { nonShareable: 0, outerShareable: 2, innerShareable: 3 } as const;

const enables = {
  rsv11: reserved(31, 11),
  DPT_WALK_EN: bit(10),
  rsv9: reserved(9),
  VMW: uint(8, 6),
  rsv5: reserved(5),
  ATSCHK: bit(4),
  CMDQEN: bit(3),
  EVENTQEN: bit(2),
  PRIQEN: bit(1),
  SMMUEN: bit(0),
};

/** What is switched on. A field acts when it also shows in `Cr0Ack`, at the latest. @spec SMMU-V3 "SMMU_CR0" */
export const Cr0 = word(32, 'SMMU_CR0', enables);

/** The values of `Cr0` whose Update is complete. @spec SMMU-V3 "SMMU_CR0ACK" */
export const Cr0Ack = word(32, 'SMMU_CR0ACK', {
  rsv11: reserved(31, 11),
  DPT_WALK_EN: ro(enables.DPT_WALK_EN),
  rsv9: reserved(9),
  VMW: ro(enables.VMW),
  rsv5: reserved(5),
  ATSCHK: ro(enables.ATSCHK),
  CMDQEN: ro(enables.CMDQEN),
  EVENTQEN: ro(enables.EVENTQEN),
  PRIQEN: ro(enables.PRIQEN),
  SMMUEN: ro(enables.SMMUEN),
});

/** Attributes of accesses to queues and to the Stream table. @spec SMMU-V3 "SMMU_CR1" */
export const Cr1 = word(32, 'SMMU_CR1', {
  rsv: reserved(31, 12),
  TABLE_SH: oneOf(11, 10, SHAREABILITY),
  TABLE_OC: oneOf(9, 8, CACHEABILITY),
  TABLE_IC: oneOf(7, 6, CACHEABILITY),
  QUEUE_SH: oneOf(5, 4, SHAREABILITY),
  QUEUE_OC: oneOf(3, 2, CACHEABILITY),
  QUEUE_IC: oneOf(1, 0, CACHEABILITY),
});

/** What is recorded, and how EL2 and broadcast invalidation behave. @spec SMMU-V3 "SMMU_CR2" */
export const Cr2 = word(32, 'SMMU_CR2', { rsv: reserved(31, 4), REC_CFG_ATS: bit(3), PTM: bit(2), RECINVSID: bit(1), E2H: bit(0) });

/** Whether the caches are known to be empty. @spec SMMU-V3 "SMMU_STATUSR" */
export const Statusr = word(32, 'SMMU_STATUSR', { rsv: reserved(31, 1), DORMANT: ro(bit(0)) });

/** What becomes of transactions while the SMMU is disabled; written with `Update` set, or not at all. @spec SMMU-V3 "SMMU_GBPA" */
export const Gbpa = word(32, 'SMMU_GBPA', {
  Update: bit(31),
  rsv21: reserved(30, 21),
  ABORT: bit(20),
  INSTCFG: oneOf(19, 18, { incoming: 0, data: 2, instruction: 3 }),
  PRIVCFG: oneOf(17, 16, { incoming: 0, unprivileged: 2, privileged: 3 }),
  rsv14: reserved(15, 14),
  SHCFG: oneOf(13, 12, { nonShareable: 0, incoming: 1, outerShareable: 2, innerShareable: 3 }),
  ALLOCCFG: uint(11, 8),
  rsv5: reserved(7, 5),
  MTCFG: bit(4),
  MemAttr: uint(3, 0),
});

/** Left to the implementation. @spec SMMU-V3 "SMMU_AGBPA" */
export const Agbpa = word(32, 'SMMU_AGBPA', { IMPDEF: bits(31, 0) });

/** Which sources of interrupts are on. @spec SMMU-V3 "SMMU_IRQ_CTRL" */
export const IrqCtrl = word(32, 'SMMU_IRQ_CTRL', { rsv: reserved(31, 3), EVENTQ_IRQEN: bit(2), PRIQ_IRQEN: bit(1), GERROR_IRQEN: bit(0) });

/** The values of `IrqCtrl` whose Update is complete. @spec SMMU-V3 "SMMU_IRQ_CTRLACK" */
export const IrqCtrlAck = word(32, 'SMMU_IRQ_CTRLACK', {
  rsv: reserved(31, 3),
  EVENTQ_IRQEN: ro(bit(2)),
  PRIQ_IRQEN: ro(bit(1)),
  GERROR_IRQEN: ro(bit(0)),
});

const errors = {
  rsv11: reserved(31, 11),
  DPT_ERR: bit(10),
  CMDQP_ERR: bit(9),
  SFM_ERR: bit(8),
  MSI_GERROR_ABT_ERR: bit(7),
  MSI_PRIQ_ABT_ERR: bit(6),
  MSI_EVENTQ_ABT_ERR: bit(5),
  MSI_CMDQ_ABT_ERR: bit(4),
  PRIQ_ABT_ERR: bit(3),
  EVENTQ_ABT_ERR: bit(2),
  rsv1: reserved(1),
  CMDQ_ERR: bit(0),
};

/** An error is active while its bit differs from the one in `Gerrorn`. @spec SMMU-V3 "SMMU_GERROR" */
export const Gerror = word(32, 'SMMU_GERROR', {
  rsv11: reserved(31, 11),
  DPT_ERR: ro(errors.DPT_ERR),
  CMDQP_ERR: ro(errors.CMDQP_ERR),
  SFM_ERR: ro(errors.SFM_ERR),
  MSI_GERROR_ABT_ERR: ro(errors.MSI_GERROR_ABT_ERR),
  MSI_PRIQ_ABT_ERR: ro(errors.MSI_PRIQ_ABT_ERR),
  MSI_EVENTQ_ABT_ERR: ro(errors.MSI_EVENTQ_ABT_ERR),
  MSI_CMDQ_ABT_ERR: ro(errors.MSI_CMDQ_ABT_ERR),
  PRIQ_ABT_ERR: ro(errors.PRIQ_ABT_ERR),
  EVENTQ_ABT_ERR: ro(errors.EVENTQ_ABT_ERR),
  rsv1: reserved(1),
  CMDQ_ERR: ro(errors.CMDQ_ERR),
});

/** Software's acknowledgement: made equal to `Gerror`, bit by bit. @spec SMMU-V3 "SMMU_GERRORN" */
export const Gerrorn = word(32, 'SMMU_GERRORN', errors);

// The address of an MSI, the same for each source.
const msiAddress = { rsv56: reserved(63, 56), ADDR: bits(55, 2), rsv0: reserved(1, 0) };
const msiAttributes = { rsv: reserved(31, 6), SH: oneOf(5, 4, SHAREABILITY), MemAttr: uint(3, 0) };

/** Where the MSI of a global error goes, in units of 4 bytes; 0 sends none. @spec SMMU-V3 "SMMU_GERROR_IRQ_CFG0" */
export const GerrorIrqCfg0 = word(64, 'SMMU_GERROR_IRQ_CFG0', msiAddress);
/** What that MSI writes. @spec SMMU-V3 "SMMU_GERROR_IRQ_CFG1" */
export const GerrorIrqCfg1 = word(32, 'SMMU_GERROR_IRQ_CFG1', { DATA: uint(31, 0) });
/** With which attributes. @spec SMMU-V3 "SMMU_GERROR_IRQ_CFG2" */
export const GerrorIrqCfg2 = word(32, 'SMMU_GERROR_IRQ_CFG2', msiAttributes);

/** Where the Stream table starts, in units of 64 bytes. @spec SMMU-V3 "SMMU_STRTAB_BASE" */
export const StrtabBase = word(64, 'SMMU_STRTAB_BASE', {
  rsv63: reserved(63),
  RA: bit(62),
  rsv56: reserved(61, 56),
  ADDR: bits(55, 6),
  rsv0: reserved(5, 0),
});

/**
 * Format and size of the Stream table. A reserved format acts as linear, a SPLIT other than 6, 8 and 10 as 6.
 * @spec SMMU-V3 "SMMU_STRTAB_BASE_CFG"
 */
export const StrtabBaseCfg = word(32, 'SMMU_STRTAB_BASE_CFG', {
  rsv18: reserved(31, 18),
  FMT: oneOf(17, 16, { linear: 0, twoLevel: 1 }),
  rsv11: reserved(15, 11),
  SPLIT: uint(10, 6),
  LOG2SIZE: uint(5, 0),
});

/** Where the Command queue lies, in units of 32 bytes, and log2 of its entries. @spec SMMU-V3 "SMMU_CMDQ_BASE" */
export const CmdqBase = word(64, 'SMMU_CMDQ_BASE', {
  rsv63: reserved(63),
  RA: bit(62),
  rsv56: reserved(61, 56),
  ADDR: bits(55, 5),
  LOG2SIZE: uint(4, 0),
});

/** Software's index, with the wrap flag just above it. @spec SMMU-V3 "SMMU_CMDQ_PROD" */
export const CmdqProd = word(32, 'SMMU_CMDQ_PROD', { rsv: reserved(31, 20), WR: uint(19, 0) });

/** The SMMU's index, and why it stopped there; ERR means nothing unless CMDQ_ERR is active. @spec SMMU-V3 "SMMU_CMDQ_CONS" */
export const CmdqCons = word(32, 'SMMU_CMDQ_CONS', {
  rsv31: reserved(31),
  ERR: oneOf(30, 24, { CERROR_NONE: 0, CERROR_ILL: 1, CERROR_ABT: 2, CERROR_ATC_INV_SYNC: 3 }),
  rsv20: reserved(23, 20),
  RD: uint(19, 0),
});

/** Where the Event queue lies, in units of 32 bytes, and log2 of its entries. @spec SMMU-V3 "SMMU_EVENTQ_BASE" */
export const EventqBase = word(64, 'SMMU_EVENTQ_BASE', {
  rsv63: reserved(63),
  WA: bit(62),
  rsv56: reserved(61, 56),
  ADDR: bits(55, 5),
  LOG2SIZE: uint(4, 0),
});

/** Where the MSI of the Event queue goes, in units of 4 bytes; 0 sends none. @spec SMMU-V3 "SMMU_EVENTQ_IRQ_CFG0" */
export const EventqIrqCfg0 = word(64, 'SMMU_EVENTQ_IRQ_CFG0', msiAddress);
/** What that MSI writes. @spec SMMU-V3 "SMMU_EVENTQ_IRQ_CFG1" */
export const EventqIrqCfg1 = word(32, 'SMMU_EVENTQ_IRQ_CFG1', { DATA: uint(31, 0) });
/** With which attributes. @spec SMMU-V3 "SMMU_EVENTQ_IRQ_CFG2" */
export const EventqIrqCfg2 = word(32, 'SMMU_EVENTQ_IRQ_CFG2', msiAttributes);

/** The SMMU's index; records were lost while OVFLG differs from `EventqCons.OVACKFLG`. @spec SMMU-V3 "SMMU_EVENTQ_PROD" */
export const EventqProd = word(32, 'SMMU_EVENTQ_PROD', { OVFLG: bit(31), rsv: reserved(30, 20), WR: uint(19, 0) });

/** Software's index. @spec SMMU-V3 "SMMU_EVENTQ_CONS" */
export const EventqCons = word(32, 'SMMU_EVENTQ_CONS', { OVACKFLG: bit(31), rsv: reserved(30, 20), RD: uint(19, 0) });

/** The registers and their offsets from the base of page 0. @spec SMMU-V3 "Registers in Page 0" and "Registers in Page 1" */
export const MAP = {
  IDR0: { at: 0x0000, layout: Idr0 },
  IDR1: { at: 0x0004, layout: Idr1 },
  IDR2: { at: 0x0008, layout: Idr2 },
  IDR3: { at: 0x000c, layout: Idr3 },
  IDR4: { at: 0x0010, layout: Idr4 },
  IDR5: { at: 0x0014, layout: Idr5 },
  IIDR: { at: 0x0018, layout: Iidr },
  AIDR: { at: 0x001c, layout: Aidr },
  CR0: { at: 0x0020, layout: Cr0 },
  CR0ACK: { at: 0x0024, layout: Cr0Ack },
  CR1: { at: 0x0028, layout: Cr1 },
  CR2: { at: 0x002c, layout: Cr2 },
  STATUSR: { at: 0x0040, layout: Statusr },
  GBPA: { at: 0x0044, layout: Gbpa },
  AGBPA: { at: 0x0048, layout: Agbpa },
  IRQ_CTRL: { at: 0x0050, layout: IrqCtrl },
  IRQ_CTRLACK: { at: 0x0054, layout: IrqCtrlAck },
  GERROR: { at: 0x0060, layout: Gerror },
  GERRORN: { at: 0x0064, layout: Gerrorn },
  GERROR_IRQ_CFG0: { at: 0x0068, layout: GerrorIrqCfg0 },
  GERROR_IRQ_CFG1: { at: 0x0070, layout: GerrorIrqCfg1 },
  GERROR_IRQ_CFG2: { at: 0x0074, layout: GerrorIrqCfg2 },
  STRTAB_BASE: { at: 0x0080, layout: StrtabBase },
  STRTAB_BASE_CFG: { at: 0x0088, layout: StrtabBaseCfg },
  CMDQ_BASE: { at: 0x0090, layout: CmdqBase },
  CMDQ_PROD: { at: 0x0098, layout: CmdqProd },
  CMDQ_CONS: { at: 0x009c, layout: CmdqCons },
  EVENTQ_BASE: { at: 0x00a0, layout: EventqBase },
  EVENTQ_IRQ_CFG0: { at: 0x00b0, layout: EventqIrqCfg0 },
  EVENTQ_IRQ_CFG1: { at: 0x00b8, layout: EventqIrqCfg1 },
  EVENTQ_IRQ_CFG2: { at: 0x00bc, layout: EventqIrqCfg2 },
  IDR6: { at: 0x0190, layout: Idr6 },
  EVENTQ_PROD: { at: 0x100a8, layout: EventqProd },
  EVENTQ_CONS: { at: 0x100ac, layout: EventqCons },
} as const;

/** A register by its name. */
export type RegisterName = keyof typeof MAP;

/**
 * Registers that software may write only while these enables are 0, both as written and as acknowledged; from SMMUv3.2 on
 * other writes are ignored. CR1 has one list per group of fields: see `CR1_GUARDS`.
 * @spec SMMU-V3 "Register overview"
 */
export const GUARDS = {
  CR2: ['SMMUEN'],
  STRTAB_BASE: ['SMMUEN'],
  STRTAB_BASE_CFG: ['SMMUEN'],
  CMDQ_BASE: ['CMDQEN'],
  CMDQ_CONS: ['CMDQEN'],
  EVENTQ_BASE: ['EVENTQEN'],
  EVENTQ_PROD: ['EVENTQEN'],
  GERROR_IRQ_CFG0: ['GERROR_IRQEN'],
  GERROR_IRQ_CFG1: ['GERROR_IRQEN'],
  GERROR_IRQ_CFG2: ['GERROR_IRQEN'],
  EVENTQ_IRQ_CFG0: ['EVENTQ_IRQEN'],
  EVENTQ_IRQ_CFG1: ['EVENTQ_IRQEN'],
  EVENTQ_IRQ_CFG2: ['EVENTQ_IRQEN'],
} as const satisfies Partial<Record<RegisterName, readonly (keyof typeof Cr0.fields | keyof typeof IrqCtrl.fields)[]>>;

/** The same for the fields of CR1. @spec SMMU-V3 "SMMU_CR1" */
export const CR1_GUARDS = {
  TABLE: { fields: ['TABLE_SH', 'TABLE_OC', 'TABLE_IC'], enables: ['SMMUEN'] },
  QUEUE: { fields: ['QUEUE_SH', 'QUEUE_OC', 'QUEUE_IC'], enables: ['CMDQEN', 'EVENTQEN', 'PRIQEN'] },
} as const;
