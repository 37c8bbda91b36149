@area:ioas @needs:iommufd
Feature: Mapping user memory in an IOAS

  @rule:IFD-IOAS-01 @kind:observed @profile:iommufd
  Rule: A mapping is checked flags first, then its size, its permissions, the IOAS, and at last what it is of

    Source: Linux at 051ae5aa73d7, drivers/iommu/iommufd/ioas.c "cmd->iova >= ULONG_MAX || cmd->length >= ULONG_MAX"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user allocates 4 KiB as P1
      When the user calls IOMMU_IOAS_MAP, refused with <errno>:
        | flags   | <flags>  |
        | ioas_id | <ioas>   |
        | user_va | P1       |
        | length  | <length> |
        | iova    | <iova>   |
      Then the user maps 4 KiB of P1 in I1 at 0x1000_0000

      Examples:
        | what                                 | flags                     | ioas    | length                | iova                  | errno      |
        | an unknown flag, and no such IOAS    | FIXED_IOVA + READABLE + 8 | missing | 0x1000                | 0x1000_0000           | EOPNOTSUPP |
        | an unknown flag, and the last IOVA   | FIXED_IOVA + READABLE + 8 | I1      | 0x1000                | 0xffff_ffff_ffff_ffff | EOPNOTSUPP |
        | the last IOVA, and no permissions    | FIXED_IOVA                | I1      | 0x1000                | 0xffff_ffff_ffff_ffff | EOVERFLOW  |
        | the last length, and no permissions  | FIXED_IOVA                | I1      | 0xffff_ffff_ffff_ffff | 0x1000_0000           | EOVERFLOW  |
        | no permissions, and no such IOAS     | FIXED_IOVA                | missing | 0x1000                | 0x1000_0000           | EINVAL     |
        | no such IOAS, and no bytes           | FIXED_IOVA + READABLE     | missing | 0                     | 0x1000_0000           | ENOENT     |
        | no bytes                             | FIXED_IOVA + READABLE     | I1      | 0                     | 0x1000_0000           | EINVAL     |
        | more bytes than follow in user space | FIXED_IOVA + READABLE     | I1      | 0xffff_ffff_ffff_f000 | 0x1000_0000           | EOVERFLOW  |

  @rule:IFD-IOAS-02 @kind:observed @profile:iommufd
  Rule: A fixed IOVA is checked for alignment first, then for its end, then against what is reserved, then against what is mapped

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "No reserved IOVA intersects the range"

    Scenario Outline: <what>
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 64 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1fff_f000
      When the user maps <size> of P1 in I1 at <iova>, refused with <errno>
      Then the user unmaps 4 KiB at 0x1fff_f000 in I1
      And the user maps 4 KiB of P1 in I1 at 0x1fff_f000

      Examples:
        | what                          | size  | iova                  | errno     |
        | not aligned, over a mapping   | 4 KiB | 0x1fff_f801           | EINVAL    |
        | beyond the end, and reserved  | 8 KiB | 0xffff_ffff_ffff_f000 | EOVERFLOW |
        | reserved                      | 4 KiB | 0x2000_0000           | EINVAL    |
        | reserved, and over a mapping  | 8 KiB | 0x1fff_f000           | EINVAL    |
        | the last page of the reserved | 4 KiB | 0x2000_f000           | EINVAL    |
        | over a mapping                | 4 KiB | 0x1fff_f000           | EEXIST    |
        | over a part of a mapping      | 8 KiB | 0x1fff_e000           | EEXIST    |

    Scenario Outline: where no device asks for alignment any IOVA will do, as <iova>
      Given an IOAS I1
      And the user allocates 4 KiB as P1
      When the user maps 4 KiB of P1 in I1 at <iova>
      Then iova of the answer is <iova>
      And the user unmaps 4 KiB at <iova> in I1

      Examples:
        | iova                  |
        | 0x0                   |
        | 0xfff                 |
        | 0x1000_0001           |
        | 0xffff_ffff_ffff_f000 |

  @rule:IFD-IOAS-03 @kind:uapi @profile:iommufd
  Rule: Without a fixed IOVA one is chosen that is allowed, not reserved, free, and never 0

    Source: Linux, include/uapi/linux/iommufd.h "MAP will only allocate within the allowed IOVAs if they are present"

    Scenario Outline: of <length> bytes where <start> to <last> is allowed
      Given an IOAS I1
      And the user allocates 4 KiB as P1
      And the user puts iommu_iova_range at P1:
        | start | <start> |
        | last  | <last>  |
      And the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      When the user calls IOMMU_IOAS_MAP:
        | flags   | READABLE      |
        | ioas_id | I1            |
        | user_va | P1 + <offset> |
        | length  | <length>      |
      Then iova of the answer is <iova>

      Examples:
        | start       | last        | offset | length | iova        |
        | 0x1000_0000 | 0x1000_0fff | 0      | 0x1000 | 0x1000_0000 |
        | 0x1000_0000 | 0x1000_0fff | 0x30   | 0x10   | 0x1000_0030 |
        | 0           | 0x1fff      | 0      | 0x1000 | 0x1000      |

    Example: nothing is left
      Given an IOAS I1
      And the user allocates 4 KiB as P1
      And the user puts iommu_iova_range at P1:
        | start | 0x1000_0000 |
        | last  | 0x1000_0fff |
      And the user calls IOMMU_IOAS_ALLOW_IOVAS:
        | ioas_id       | I1 |
        | num_iovas     | 1  |
        | allowed_iovas | P1 |
      And the user maps 4 KiB of P1 in I1
      When the user maps 4 KiB of P1 in I1, refused with ENOSPC
      Then the user maps 4 KiB of P1 in I1 at 0x2000_0000

    Example: what a device reserves is passed over
      Given d1 has a reserved region of 1792 MiB at 0x0
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user maps 4 KiB of P1 in I1
      Then iova of the answer is 0x7000_0000

    Example: half of all there is
      Given an IOAS I1
      When the user calls IOMMU_IOAS_MAP, refused with EOVERFLOW:
        | flags   | READABLE              |
        | ioas_id | I1                    |
        | user_va | 0x1000                |
        | length  | 0x8000_0000_0000_0000 |
      Then iova of the answer is 0

  @rule:IFD-IOAS-04 @kind:uapi @profile:iommufd
  Rule: A mapping that one HWPT cannot have is in none, and its IOVAs are free

    Source: Linux, Documentation/userspace-api/iommufd.rst "must operate equally on each of the iommu_domains inside of it"

    Example: memory that ends too early
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1
      And the user allocates 8 KiB as P1
      When the user maps 12 KiB of P1 in I1 at 0x1000_0000, refused with EFAULT
      Then the user maps 8 KiB of P1 in I1 at 0x1000_0000

    Example: memory that may not be written
      Given an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1, read-only
      When the user maps 4 KiB of P1 in I1 at 0x1000_0000, refused with EFAULT
      Then the user maps 4 KiB of P1 in I1 at 0x1000_0000, read-only

    Example: what the first page was mapped to is not left to a device
      Given an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user maps 8 KiB of P1 in I1 at 0x1000_0000, refused with EFAULT
      Then d1 reading 0x1000_0000 faults

    Example: nothing is left, whatever runs out
      Given an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D2
      And the user attaches D1 to H1
      And the user attaches D2 to H2
      And the user allocates 8 KiB as P1
      Then mapping 8 KiB of P1 in I1 at 0x1000_0000 leaves no trace, whichever allocation fails

    Example: nor of its first page, where each is mapped for itself
      Given an IOAS I1
      And the user calls IOMMU_OPTION:
        | option_id | HUGE_PAGES |
        | op        | SET        |
        | object_id | I1         |
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 8 KiB as P1
      Then mapping 8 KiB of P1 in I1 at 0x101f_f000 leaves no trace, whichever allocation fails

  @rule:IFD-IOAS-13 @kind:observed @profile:iommufd
  Rule: Every mapping is asked to be coherent with the processors' caches

    Source: Linux at 051ae5aa73d7, drivers/iommu/iommufd/ioas.c "we require the underlying IOMMU to support CPU coherent operation"

    Excluded: what a mapping is asked to be shows only to the driver below, which refuses to bind a device where it could not be; drivers/iommufd/below.test.ts looks at what the driver below is given

  @rule:IFD-IOAS-14 @kind:uapi @profile:iommufd
  Rule: Every HWPT of an IOAS holds all that is mapped in it, whenever it was made

    Source: Linux, Documentation/userspace-api/iommufd.rst "it will synchronize its mapping with each member HWPT_PAGING"

    Example: what was mapped before the HWPT was made
      Given an IOAS I1
      And the user binds d1 as D1
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And a HWPT H1 of I1 for D1
      When the user attaches D1 to H1
      Then d1 writing 0x1000_0008 reaches P1 + 8 of the user

    Example: what is mapped afterwards is in two alike
      Given an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      And the user attaches D2 to I1
      And the user allocates 4 KiB as P1
      When the user maps 4 KiB of P1 in I1 at 0x1000_0000
      Then d1 writing 0x1000_0008 reaches P1 + 8 of the user
      And d2 writing 0x1000_0010 reaches P1 + 0x10 of the user

    Example: what is unmapped is in neither
      Given an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      And the user attaches D2 to I1
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      When the user unmaps 4 KiB at 0x1000_0000 in I1
      Then d2 reading 0x1000_0000 faults

    Example: a HWPT that cannot hold it is not made
      Given an IOAS I1
      And the user binds d1 as D1
      And the user has 4 KiB as P1 in I1 at 0xffff_ffff_0000_0000
      When the user calls IOMMU_HWPT_ALLOC, refused with EADDRINUSE:
        | dev_id | D1 |
        | pt_id  | I1 |
      Then the user unmaps 4 KiB at 0xffff_ffff_0000_0000 in I1
      And the user attaches D1 to I1
