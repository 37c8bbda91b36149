@area:dirty @needs:iommufd
Feature: Which pages devices have written

  @rule:IFD-DRT-01 @kind:observed @profile:iommufd
  Rule: Tracking is switched for HWPTs that were made for it, flags checked first

    Source: Linux at 11534b4de2a1, drivers/iommu/iommufd/hw_pagetable.c "cmd->flags & ~IOMMU_HWPT_DIRTY_TRACKING_ENABLE"

    Scenario Outline: flags <flags> of <id>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user calls IOMMU_HWPT_SET_DIRTY_TRACKING, refused with <errno>:
        | flags   | <flags> |
        | hwpt_id | <id>    |
      Then the user attaches D1 to H1

      Examples:
        | flags  | id      | errno      |
        | 2      | missing | EOPNOTSUPP |
        | ENABLE | missing | ENOENT     |
        | ENABLE | I1      | ENOENT     |
        | ENABLE | D1      | ENOENT     |
        | ENABLE | H1      | EOPNOTSUPP |
        | 0      | H1      | EOPNOTSUPP |

    @needs:nesting
    Example: a guest's tables
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags NEST_PARENT
      And the user calls IOMMU_HWPT_ALLOC:
        | dev_id      | D1        |
        | pt_id       | H1        |
        | (guest)     | 0x10_0000 |
        | out_hwpt_id | H2        |
      When the user calls IOMMU_HWPT_SET_DIRTY_TRACKING, refused with ENOENT:
        | flags   | ENABLE |
        | hwpt_id | H2     |
      Then the user attaches D1 to H2

  @rule:IFD-DRT-02 @kind:observed @needs:dirty-tracking @profile:iommufd
  Rule: What was written before tracking is enabled does not count

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "Clear dirty bits from PTEs to ensure a clean snapshot"

    Scenario Outline: nor what was written while it was enabled before, <stopped>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags DIRTY_TRACKING
      And the user attaches D1 to H1
      And the user has 8 KiB as P1 in I1 at 0x1000_0000
      And the user starts tracking in H1
      And d1 writes 0x1000_1000
      When the user <again> tracking in H1
      Then the user finds <bits> of 8 KiB at 0x1000_0000 dirty in H1, by 4 KiB

      Examples:
        | stopped                 | again  | bits |
        | when it is enabled anew | starts | 0    |
        | but when it is stopped  | stops  | 2    |

  @rule:IFD-DRT-03 @kind:observed @profile:iommufd
  Rule: A bitmap is asked for with flags, a HWPT, a range and a size of pages that fit, in this order

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "if (!bitmap->page_size)"

    Scenario Outline: <what>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user calls IOMMU_HWPT_GET_DIRTY_BITMAP, refused with <errno>:
        | flags     | <flags>  |
        | hwpt_id   | <id>     |
        | iova      | <iova>   |
        | length    | <length> |
        | page_size | <page>   |
        | data      | 0x10     |
      Then the user attaches D1 to H1

      Examples:
        | what                                     | flags | id      | iova                  | length | page   | errno      |
        | unknown flags, and no such HWPT          | 2     | missing | 0x1000_0000           | 0x1000 | 0x1000 | EOPNOTSUPP |
        | no such HWPT, and no size of pages       | 0     | missing | 0x1000_0000           | 0x1000 | 0      | ENOENT     |
        | no HWPT                                  | 0     | I1      | 0x1000_0000           | 0x1000 | 0x1000 | ENOENT     |
        | beyond the end, and no size of pages     | 0     | H1      | 0xffff_ffff_ffff_f000 | 0x2000 | 0      | EOVERFLOW  |
        | no size of pages                         | 0     | H1      | 0x1000_0000           | 0x1000 | 0      | EINVAL     |
        | a start that is not aligned              | 0     | H1      | 0x1000_0001           | 0xfff  | 1      | EINVAL     |
        | an end that is not aligned               | 0     | H1      | 0x1000_0000           | 0xfff  | 1      | EINVAL     |
        | a start that is not aligned to the pages | 0     | H1      | 0x1000_1000           | 0x3000 | 0x2000 | EINVAL     |
        | an end that is not aligned to the pages  | 0     | H1      | 0x1000_0000           | 0x1000 | 0x2000 | EINVAL     |
        | a HWPT that is not tracked               | 0     | H1      | 0x1000_0000           | 0x1000 | 0x1000 | EOPNOTSUPP |

  @rule:IFD-DRT-04 @kind:uapi @needs:dirty-tracking @profile:iommufd
  Rule: Each bit stands for so many bytes from the IOVA on, and is clear afterwards unless it is to stay

    Source: Linux, include/uapi/linux/iommufd.h "page size granularity of each bit in the bitmap"

    Scenario Outline: by <page>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags DIRTY_TRACKING
      And the user attaches D1 to H1
      And the user has 16 KiB as P1 in I1 at 0x1000_0000
      And the user starts tracking in H1
      When d1 writes 0x1000_2000
      Then the user finds <bits> of 16 KiB at 0x1000_0000 dirty in H1, by <page>

      Examples:
        | page   | bits |
        | 2 KiB  | 0x30 |
        | 4 KiB  | 0x4  |
        | 8 KiB  | 0x2  |
        | 16 KiB | 0x1  |

    Scenario Outline: <how>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags DIRTY_TRACKING
      And the user attaches D1 to H1
      And the user has 16 KiB as P1 in I1 at 0x1000_0000
      And the user starts tracking in H1
      And d1 writes 0x1000_2000
      When the user finds 0x4 of 16 KiB at 0x1000_0000 dirty in H1, by 4 KiB<stays>
      Then the user finds <bits> of 16 KiB at 0x1000_0000 dirty in H1, by 4 KiB

      Examples:
        | how                             | stays                 | bits |
        | read to stay, it is there again | , and leaves it so    | 0x4  |
        | read and cleared, it is not     |                       | 0    |

    Example: a part of a mapping, bits counted from its own start
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags DIRTY_TRACKING
      And the user attaches D1 to H1
      And the user has 16 KiB as P1 in I1 at 0x1000_0000
      And the user starts tracking in H1
      When d1 writes 0x1000_2000
      Then the user finds 0x2 of 8 KiB at 0x1000_1000 dirty in H1, by 4 KiB

    Example: what is written after it was cleared is noted, whatever the hardware has in its caches
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags DIRTY_TRACKING
      And the user attaches D1 to H1
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And the user starts tracking in H1
      And d1 writes 0x1000_0000
      And the user finds 0x1 of 4 KiB at 0x1000_0000 dirty in H1, by 4 KiB
      When d1 writes 0x1000_0000
      Then the user finds 0x1 of 4 KiB at 0x1000_0000 dirty in H1, by 4 KiB

  @rule:IFD-DRT-05 @kind:hardened @needs:dirty-tracking @profile:iommufd
  Rule: A range with a hole has no bitmap

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "ret = iommu_read_and_clear_dirty(domain, iopt, flags, bitmap);"

    Scenario Outline: <size> at <iova>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags DIRTY_TRACKING
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And the user maps 4 KiB of P1 in I1 at 0x1000_2000
      And the user starts tracking in H1
      When the user finds 0 of <size> at <iova> dirty in H1, by 4 KiB, refused with EINVAL
      Then the user finds 0 of 4 KiB at 0x1000_2000 dirty in H1, by 4 KiB

      Examples:
        | size   | iova        |
        | 12 KiB | 0x1000_0000 |
        | 8 KiB  | 0x1000_1000 |
        | 8 KiB  | 0x1000_2000 |
        | 4 KiB  | 0x2000_0000 |

  @rule:IFD-DRT-06 @kind:uapi @needs:dirty-tracking @profile:iommufd
  Rule: A HWPT that is tracked takes no device that cannot note what it writes

    Source: Linux, include/uapi/linux/iommufd.h "Dirty tracking support for device IOMMU is enforced on device attachment"

    Example: attached
      Given there are 2 IOMMUs
      And IOMMU 1 has no SLADS
      And d2 is behind IOMMU 1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1 with flags DIRTY_TRACKING
      When the user attaches D2 to H1, refused with EINVAL
      Then the user attaches D2 to I1

    Example: nor is one made for it
      Given there are 1 IOMMUs
      And IOMMU 0 has no SLADS
      And an IOAS I1
      And the user binds d1 as D1
      When the user calls IOMMU_HWPT_ALLOC, refused with EOPNOTSUPP:
        | dev_id | D1             |
        | pt_id  | I1             |
        | flags  | DIRTY_TRACKING |
      Then the user attaches D1 to I1

  @rule:IFD-DRT-07 @kind:observed @needs:dirty-tracking @profile:iommufd
  Rule: Tracking is started or stopped as often as one likes

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "ret = ops->set_dirty_tracking(domain, enable);"

    Scenario Outline: <first>, then <second>, then again
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags DIRTY_TRACKING
      And the user <first> tracking in H1
      When the user <second> tracking in H1
      Then the user <second> tracking in H1

      Examples:
        | first  | second |
        | starts | starts |
        | starts | stops  |
        | stops  | stops  |
        | stops  | starts |

  @rule:IFD-DRT-08 @kind:hardened @profile:iommufd
  Rule: A range of no bytes has no bitmap

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "check_add_overflow(bitmap->iova, bitmap->length - 1, &last_iova)"

    Scenario Outline: at <iova>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user calls IOMMU_HWPT_GET_DIRTY_BITMAP, refused with <errno>:
        | hwpt_id   | H1     |
        | iova      | <iova> |
        | page_size | 0x1000 |
        | data      | 0x10   |
      Then the user attaches D1 to H1

      Examples:
        | iova        | errno     |
        | 0x1000_0000 | EOVERFLOW |
        | 0           | EINVAL    |

  @rule:IFD-DRT-09 @kind:hardened @profile:iommufd
  Rule: The size of pages is a power of 2

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "bitmap->iova & (bitmap->page_size - 1)"

    Scenario Outline: and not <page>
      Given an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      When the user calls IOMMU_HWPT_GET_DIRTY_BITMAP, refused with EINVAL:
        | hwpt_id   | H1          |
        | iova      | 0x1000_0000 |
        | length    | 0x3000      |
        | page_size | <page>      |
        | data      | 0x10        |
      Then the user attaches D1 to H1

      Examples:
        | page   |
        | 3      |
        | 0x801  |
