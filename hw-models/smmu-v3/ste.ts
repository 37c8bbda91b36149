/**
 * What the Stream table consists of: level-1 descriptors and Stream Table Entries.
 */

import { bit, bits, oneOf, reserved, uint, word } from '#hw-models/core/bits';
import { SHAREABILITY } from '#hw-models/smmu-v3/registers';

/** Bytes of an STE. @spec SMMU-V3 "STE, Stream Table Entry" */
export const STE_SIZE = 64;

/** Bytes of an L1STD. @spec SMMU-V3 "L1STD, Level 1 Stream Table Descriptor" */
export const L1STD_SIZE = 8;

/**
 * Points at an array of `2 ** (Span - 1)` STEs, in units of 64 bytes; Span 0 and 12 to 31 make it invalid.
 * @spec SMMU-V3 "L1STD, Level 1 Stream Table Descriptor"
 */
export const L1Std = word(64, 'L1STD', {
  rsv56: reserved(63, 56),
  L2Ptr: bits(55, 6),
  rsv5: reserved(5),
  Span: uint(4, 0),
});

/** Cacheability of table walks and of CD fetches; the two differ in what the names of write-back mean. */
const WALK_CACHEABILITY = { nonCacheable: 0, writeBackAllocate: 1, writeThrough: 2, writeBackNoWriteAllocate: 3 } as const;
const CD_CACHEABILITY = { nonCacheable: 0, writeBackAllocate: 1, writeThrough: 2, writeBackNoReadAllocate: 3 } as const;

/** Encoding 3 is reserved and makes the STE ILLEGAL. */
const GRANULE = { '4K': 0, '64K': 1, '16K': 2 } as const;

/**
 * The configuration of one stream. Reserved Config values (1 to 3) act as `abort`.
 * @spec SMMU-V3 "STE, Stream Table Entry"
 */
export const Ste = word(512, 'STE', {
  // Doubleword 7: what each stage-2 overlay index stands for, sixteen encodings of four bits.
  S2POI: bits(511, 448),

  // Doubleword 6: stage 2 of Secure IPAs.
  rsv447: reserved(447),
  S_S2SKL: uint(446, 445),
  rsv440: reserved(444, 440),
  S_S2TTB: bits(439, 388),
  rsv387: reserved(387),
  S_S2SL0_2: bit(386),
  S2SA: bit(385),
  S2SW: bit(384),

  // Doubleword 5: resource partitioning and hardening.
  rsv376: reserved(383, 376),
  VMSPtr: bits(375, 332),
  TL1: bit(331),
  TL0: bit(330),
  AssuredOnly: bit(329),
  MPAM_NS: bit(328),
  PMG: uint(327, 320),

  // Doubleword 4.
  MECID: uint(319, 304),
  S_S2TG: oneOf(303, 302, GRANULE),
  rsv296: reserved(301, 296),
  S_S2SL0: uint(295, 294),
  S_S2T0SZ: uint(293, 288),
  PARTID: uint(287, 272),
  IMPDEF256: bits(271, 256),

  // Doubleword 3: the stage-2 table, in units of 16 bytes.
  rsv255: reserved(255),
  S2SKL: uint(254, 253),
  rsv248: reserved(252, 248),
  S2TTB: bits(247, 196),
  S2DS: bit(195),
  S2SL0_2: bit(194),
  S2NSA: bit(193),
  S2NSW: bit(192),

  // Doubleword 2: how stage 2 translates and faults.
  DPT_VMATCH: uint(191, 190),
  S2POE: bit(189),
  S2PIE: bit(188),
  S2HAFT: bit(187),
  S2R: bit(186),
  S2S: bit(185),
  S2HA: bit(184),
  S2HD: bit(183),
  S2PTW: bit(182),
  S2AFFD: bit(181),
  S2ENDI: bit(180),
  S2AA64: bit(179),
  S2PS: uint(178, 176),
  S2TG: oneOf(175, 174, GRANULE),
  S2SH0: oneOf(173, 172, SHAREABILITY),
  S2OR0: oneOf(171, 170, WALK_CACHEABILITY),
  S2IR0: oneOf(169, 168, WALK_CACHEABILITY),
  S2SL0: uint(167, 166),
  S2T0SZ: uint(165, 160),
  IMPDEF144: bits(159, 144),
  S2VMID: uint(143, 128),

  // Doubleword 1: attributes, and what is common to the stages.
  IMPDEF116: bits(127, 116),
  INSTCFG: oneOf(115, 114, { incoming: 0, data: 2, instruction: 3 }),
  PRIVCFG: oneOf(113, 112, { incoming: 0, unprivileged: 2, privileged: 3 }),
  NSCFG: uint(111, 110),
  SHCFG: oneOf(109, 108, { nonShareable: 0, incoming: 1, outerShareable: 2, innerShareable: 3 }),
  rsv105: reserved(107, 105),
  ALLOCCFG: uint(104, 101),
  MTCFG: bit(100),
  MemAttr: uint(99, 96),
  STRW: uint(95, 94),
  EATS: oneOf(93, 92, { none: 0, full: 1, splitStage: 2, fullWithDpt: 3 }),
  S1STALLD: bit(91),
  S1MPAM: bit(90),
  S2FWB: bit(89),
  S1PIE: bit(88),
  SW_RESERVED: uint(87, 84),
  MEV: bit(83),
  PPAR: bit(82),
  DCP: bit(81),
  CONT: uint(80, 77),
  DRE: bit(76),
  S2HWU62: bit(75),
  S2HWU61: bit(74),
  S2HWU60: bit(73),
  S2HWU59: bit(72),
  S1CSH: oneOf(71, 70, SHAREABILITY),
  S1COR: oneOf(69, 68, CD_CACHEABILITY),
  S1CIR: oneOf(67, 66, CD_CACHEABILITY),
  S1DSS: oneOf(65, 64, { terminate: 0, bypass: 1, substream0: 2 }),

  // Doubleword 0: whether the stream is configured, and where its Context descriptors are, in units of 64 bytes.
  S1CDMax: uint(63, 59),
  rsv56: reserved(58, 56),
  S1ContextPtr: bits(55, 6),
  S1Fmt: oneOf(5, 4, { linear: 0, twoLevel4K: 1, twoLevel64K: 2 }),
  Config: oneOf(3, 1, { abort: 0, bypass: 4, stage1: 5, stage2: 6, nested: 7 }),
  V: bit(0),
});

/** The name of a field of an STE. */
export type SteField = keyof typeof Ste.fields;
