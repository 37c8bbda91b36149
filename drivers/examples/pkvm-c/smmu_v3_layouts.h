/*
 * Registers, entries and commands of SMMUv3, as far as stage 2 needs them, by the names and bit numbers of the
 * specification.
 * @spec SMMU-V3 "Registers in Page 0", "STE, Stream Table Entry", "L1STD, Level 1 Stream Table Descriptor" and
 * "Command opcodes"
 */
#ifndef PKVM_SMMU_V3_LAYOUTS_H
#define PKVM_SMMU_V3_LAYOUTS_H

#include "bits.h"

#define SMMU_IDR0 0x0000u
#define IDR0_ST_LEVEL FIELD(28, 27)
#define IDR0_ST_LEVEL_TWO_LEVEL 1u
#define IDR0_STALL_MODEL FIELD(25, 24)
#define IDR0_STALL_MODEL_STALL 2u
#define IDR0_TTENDIAN FIELD(22, 21)
#define IDR0_TTENDIAN_BIG 3u
#define IDR0_VMID16 BIT(18)
#define IDR0_COHACC BIT(4)
#define IDR0_TTF FIELD(3, 2)
#define IDR0_TTF_VMSAV8_32 1u
#define IDR0_TTF_BOTH 3u
#define IDR0_S2P BIT(0)

#define SMMU_IDR1 0x0004u
#define IDR1_TABLES_PRESET BIT(30)
#define IDR1_QUEUES_PRESET BIT(29)
#define IDR1_CMDQS FIELD(25, 21)
#define IDR1_EVENTQS FIELD(20, 16)
#define IDR1_SIDSIZE FIELD(5, 0)

#define SMMU_IDR5 0x0014u
#define IDR5_GRAN64K BIT(6)
#define IDR5_GRAN16K BIT(5)
#define IDR5_GRAN4K BIT(4)
#define IDR5_OAS FIELD(2, 0)

#define SMMU_CR0 0x0020u
#define SMMU_CR0ACK 0x0024u
#define CR0_CMDQEN BIT(3)
#define CR0_EVENTQEN BIT(2)
#define CR0_PRIQEN BIT(1)
#define CR0_SMMUEN BIT(0)

#define SMMU_CR1 0x0028u
#define CR1_TABLE_SH FIELD(11, 10)
#define CR1_TABLE_OC FIELD(9, 8)
#define CR1_TABLE_IC FIELD(7, 6)
#define CR1_QUEUE_SH FIELD(5, 4)
#define CR1_QUEUE_OC FIELD(3, 2)
#define CR1_QUEUE_IC FIELD(1, 0)
#define CR1_NON_CACHEABLE 0u
#define CR1_WRITE_BACK 1u

#define SMMU_CR2 0x002cu
#define CR2_PTM BIT(2)

#define SMMU_GBPA 0x0044u
#define GBPA_UPDATE BIT(31)
#define GBPA_ABORT BIT(20)
#define GBPA_SHCFG FIELD(13, 12)

#define SMMU_IRQ_CTRL 0x0050u

#define SMMU_GERROR 0x0060u
#define SMMU_GERRORN 0x0064u
#define GERROR_CMDQ_ERR BIT(0)

#define SMMU_STRTAB_BASE 0x0080u
#define STRTAB_BASE_ADDR FIELD(55, 6)
#define SMMU_STRTAB_BASE_CFG 0x0088u
#define STRTAB_BASE_CFG_FMT FIELD(17, 16)
#define STRTAB_BASE_CFG_FMT_LINEAR 0u
#define STRTAB_BASE_CFG_FMT_TWO_LEVEL 1u
#define STRTAB_BASE_CFG_SPLIT FIELD(10, 6)
#define STRTAB_BASE_CFG_LOG2SIZE FIELD(5, 0)

#define SMMU_CMDQ_BASE 0x0090u
#define SMMU_EVENTQ_BASE 0x00a0u
#define QUEUE_BASE_ADDR FIELD(55, 5)
#define QUEUE_BASE_LOG2SIZE FIELD(4, 0)
#define SMMU_CMDQ_PROD 0x0098u
#define CMDQ_PROD_WR FIELD(19, 0)
#define SMMU_CMDQ_CONS 0x009cu
#define CMDQ_CONS_RD FIELD(19, 0)
#define SMMU_EVENTQ_PROD 0x100a8u
#define SMMU_EVENTQ_CONS 0x100acu
#define EVENT_SIZE 32u

/* Of CR1 and of an STE. */
#define SH_INNER_SHAREABLE 3u
/* Of GBPA and of an STE. */
#define SHCFG_INCOMING 1u

#define L1STD_SIZE 8u
#define L1STD_L2PTR FIELD(55, 6)
#define L1STD_SPAN FIELD(4, 0)

/* An STE has eight words; of those below, STE0_… are fields of word 0, STE1_… of word 1, and so on. */
#define STE_SIZE 64u
#define STE_WORDS 8u
#define STE0_CONFIG FIELD(3, 1)
#define STE0_CONFIG_ABORT 0u
#define STE0_CONFIG_STAGE2 6u
#define STE0_V BIT(0)
#define STE1_SHCFG FIELD(45, 44)
#define STE2_S2R BIT(58)
#define STE2_S2AA64 BIT(51)
#define STE2_S2PS FIELD(50, 48)
#define STE2_S2TG FIELD(47, 46)
#define STE2_S2SH0 FIELD(45, 44)
#define STE2_S2OR0 FIELD(43, 42)
#define STE2_S2IR0 FIELD(41, 40)
#define STE2_S2SL0 FIELD(39, 38)
#define STE2_S2T0SZ FIELD(37, 32)
#define STE2_S2VMID FIELD(15, 0)
#define STE3_S2TTB FIELD(55, 4)
#define STE_WALK_NON_CACHEABLE 0u
#define STE_WALK_WRITE_BACK_ALLOCATE 1u
#define STE_S2TG_4K 0u
#define STE_S2TG_64K 1u
#define STE_S2TG_16K 2u

/* A command has two words; CMD0_… are fields of word 0, CMD1_… of word 1. */
#define COMMAND_SIZE 16u
#define CMD0_OPCODE FIELD(7, 0)
#define CMD_CFGI_STE 0x03u
#define CMD_CFGI_STE_RANGE 0x04u
#define CMD_TLBI_S12_VMALL 0x28u
#define CMD_TLBI_S2_IPA 0x2au
#define CMD_TLBI_NSNH_ALL 0x30u
#define CMD_SYNC 0x46u
#define CMD0_STREAM_ID FIELD(63, 32)
#define CMD0_VMID FIELD(47, 32)
#define CMD1_RANGE FIELD(4, 0)
#define CMD1_LEAF BIT(0)
#define CMD1_IPA FIELD(55, 12)
#define SYNC0_CS FIELD(13, 12)
#define SYNC0_CS_SIG_NONE 0u

#endif
