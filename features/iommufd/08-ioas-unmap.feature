@area:ioas @needs:iommufd
Feature: Unmapping and copying in an IOAS

  @rule:IFD-IOAS-05 @kind:uapi @profile:iommufd
  Rule: What is unmapped are whole mappings, and something has to be; 0 and the last count stand for everything

    Source: Linux, include/uapi/linux/iommufd.h "Splitting or truncating ranges is not allowed"

    Scenario Outline: <size> at <iova> of a mapping is refused, and it stays
      Given an IOAS I1
      And the user has 16 KiB as P1 in I1 at 0x1000_0000
      When the user unmaps <size> at <iova> in I1, refused with ENOENT
      Then the user unmaps 16 KiB at 0x1000_0000 in I1
      And length of the answer is 0x4000

      Examples:
        | size  | iova        |
        | 8 KiB | 0x1000_0000 |
        | 4 KiB | 0x1000_1000 |
        | 8 KiB | 0x1000_2000 |
        | 8 KiB | 0xfff_f000  |
        | 8 KiB | 0x1000_3000 |
        | 4 KiB | 0x2000_0000 |

    Scenario Outline: <length> bytes at <iova> are refused with <errno>
      Given an IOAS I1
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      When the user calls IOMMU_IOAS_UNMAP, refused with <errno>:
        | ioas_id | I1       |
        | iova    | <iova>   |
        | length  | <length> |
      Then the user unmaps 4 KiB at 0x1000_0000 in I1

      Examples:
        | iova                  | length                | errno     |
        | 0x1000_0000           | 0                     | EINVAL    |
        | 0x1000_0000           | 0xffff_ffff_ffff_f000 | EOVERFLOW |
        | 0x1000_0000           | 0xffff_ffff_ffff_ffff | EOVERFLOW |
        | 0xffff_ffff_ffff_ffff | 0                     | EOVERFLOW |
        | 0xffff_ffff_ffff_ffff | 1                     | EOVERFLOW |

    Example: several mappings, and what is between them
      Given an IOAS I1
      And the user allocates 16 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1000_0000
      And the user maps 8 KiB of P1 in I1 at 0x1000_4000
      When the user unmaps 64 KiB at 0xfff_f000 in I1
      Then length of the answer is 0x3000

    Example: everything
      Given an IOAS I1
      And the user allocates 16 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1000_0000
      And the user maps 8 KiB of P1 in I1 at 0x7000_0000
      When the user calls IOMMU_IOAS_UNMAP:
        | ioas_id | I1                    |
        | iova    | 0                     |
        | length  | 0xffff_ffff_ffff_ffff |
      Then length of the answer is 0x3000

    Example: a device that has the mapping in its caches reaches it no more
      Given an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And d1 writes 0x1000_0000
      When the user unmaps 4 KiB at 0x1000_0000 in I1
      Then d1 writing 0x1000_0000 faults

    Example: a mapping of which a part was to be unmapped stays a device's
      Given an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user has 8 KiB as P1 in I1 at 0x1000_0000
      When the user unmaps 4 KiB at 0x1000_0000 in I1, refused with ENOENT
      Then d1 writing 0x1000_0008 reaches P1 + 8 of the user

  @rule:IFD-IOAS-06 @kind:observed @profile:iommufd
  Rule: To unmap everything succeeds where there is nothing

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "If the IOVAs are empty then unmap all succeeds"

    Example: and says that it was nothing
      Given an IOAS I1
      When the user calls IOMMU_IOAS_UNMAP:
        | ioas_id | I1                    |
        | iova    | 0                     |
        | length  | 0xffff_ffff_ffff_ffff |
      Then length of the answer is 0

  @rule:IFD-IOAS-07 @kind:hardened @profile:iommufd
  Rule: Where unmapping stops at a mapping that reaches further, those before it are gone, and no length is told

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "The requested range must be a superset of existing ranges"

    Example: the first is gone, the second is there
      Given an IOAS I1
      And the user allocates 16 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1000_0000
      And the user maps 8 KiB of P1 in I1 at 0x1000_2000
      When the user unmaps 12 KiB at 0x1000_0000 in I1, refused with ENOENT
      Then length of the answer is 0x3000
      And the user maps 4 KiB of P1 in I1 at 0x1000_2000, refused with EEXIST
      And the user maps 4 KiB of P1 in I1 at 0x1000_0000

    Example: the same for a device
      Given an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 16 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1000_0000
      And the user maps 8 KiB of P1 in I1 at 0x1000_2000
      And d1 reads 0x1000_0000
      When the user unmaps 12 KiB at 0x1000_0000 in I1, refused with ENOENT
      Then d1 reading 0x1000_0000 faults
      And d1 reading 0x1000_2008 reaches P1 + 8 of the user

  @rule:IFD-IOAS-08 @kind:uapi @profile:iommufd
  Rule: A copy maps what is mapped without a gap, and not with more permission than it was pinned for

    Source: Linux, include/uapi/linux/iommufd.h "Copy an already existing mapping from src_ioas_id and establish it"

    Scenario Outline: <what>
      Given an IOAS I1
      And an IOAS I2
      And the user allocates 8 KiB as P1
      And the user maps 8 KiB of P1 in I1 at 0x1000_0000, read-only
      When the user calls IOMMU_IOAS_COPY, refused with <errno>:
        | flags       | <flags>     |
        | src_ioas_id | <from>      |
        | dst_ioas_id | <to>        |
        | src_iova    | <iova>      |
        | dst_iova    | 0x2000_0000 |
        | length      | <length>    |
      Then the user maps 8 KiB of P1 in I2 at 0x2000_0000

      Examples:
        | what                                  | flags                     | from    | to      | iova                  | length                | errno      |
        | an unknown flag, and the last IOVA    | FIXED_IOVA + READABLE + 8 | I1      | I2      | 0xffff_ffff_ffff_ffff | 0x1000                | EOPNOTSUPP |
        | the last IOVA, and no permissions     | FIXED_IOVA                | I1      | I2      | 0xffff_ffff_ffff_ffff | 0x1000                | EOVERFLOW  |
        | no permissions, and no such source    | FIXED_IOVA                | missing | I2      | 0x1000_0000           | 0x1000                | EINVAL     |
        | no such source, and no bytes          | FIXED_IOVA + READABLE     | missing | I2      | 0x1000_0000           | 0                     | ENOENT     |
        | no bytes, and no such destination     | FIXED_IOVA + READABLE     | I1      | missing | 0x1000_0000           | 0                     | EINVAL     |
        | beyond the end                        | FIXED_IOVA + READABLE     | I1      | missing | 0x1000_0000           | 0xffff_ffff_ffff_f000 | EOVERFLOW  |
        | more than is mapped, and to nowhere   | FIXED_IOVA + READABLE     | I1      | missing | 0x1000_1000           | 0x2000                | ENOENT     |
        | of nothing                            | FIXED_IOVA + READABLE     | I1      | I2      | 0x3000_0000           | 0x1000                | ENOENT     |
        | no such destination                   | FIXED_IOVA + READABLE     | I1      | missing | 0x1000_0000           | 0x1000                | ENOENT     |
        | to be written, and pinned to be read  | FIXED_IOVA + WRITEABLE    | I1      | I2      | 0x1000_0000           | 0x2000                | EPERM      |

    Example: a part of a mapping, at another IOVA
      Given an IOAS I1
      And an IOAS I2
      And the user has 8 KiB as P1 in I1 at 0x1000_0000
      When the user calls IOMMU_IOAS_COPY:
        | flags       | FIXED_IOVA + READABLE |
        | src_ioas_id | I1                    |
        | dst_ioas_id | I2                    |
        | src_iova    | 0x1000_1000           |
        | dst_iova    | 0x2000_0000           |
        | length      | 0x1000                |
      Then the user unmaps 4 KiB at 0x2000_0000 in I2
      And length of the answer is 0x1000

    Example: which leads to the same memory
      Given an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And the user attaches D1 to I2
      And the user has 8 KiB as P1 in I1 at 0x1000_0000
      When the user calls IOMMU_IOAS_COPY:
        | flags       | FIXED_IOVA + READABLE |
        | src_ioas_id | I1                    |
        | dst_ioas_id | I2                    |
        | src_iova    | 0x1000_1000           |
        | dst_iova    | 0x2000_0000           |
        | length      | 0x1000                |
      Then d1 reading 0x2000_0008 reaches P1 + 0x1008 of the user
      And d1 writing 0x2000_0008 faults
