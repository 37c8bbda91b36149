@area:reserved @needs:iommufd
Feature: Regions that devices reserve, and what iommufd leaves to others

  @rule:IFD-RSV-01 @kind:observed @profile:iommufd
  Rule: Reserved regions and those of interrupts cannot be mapped; those that may be mapped over can

    Source: Linux at fba27fe5aaf1, drivers/iommu/iommufd/io_pagetable.c "Drivers must offer sane combinations of regions"

    Scenario Outline: <kind>
      Given d1 has a <kind> region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user maps 4 KiB of P1 in I1 at <iova>, refused with EINVAL
      Then the user maps 4 KiB of P1 in I1 at 0x2001_0000

      Examples:
        | kind     | iova        |
        | reserved | 0x2000_0000 |
        | reserved | 0x2000_f000 |
        | MSI      | 0x2000_0000 |
        | MSI      | 0x2000_f000 |

    Example: two of them
      Given d1 has a reserved region of 64 KiB at 0x2000_0000 and an MSI region of 64 KiB at 0x3000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user maps 4 KiB of P1 in I1 at 0x3000_0000, refused with EINVAL
      Then the user maps 4 KiB of P1 in I1 at 0x2000_0000, refused with EINVAL

    Example: one that may be mapped over
      Given d1 has a relaxable region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user maps 4 KiB of P1 in I1 at 0x2000_0000
      Then the user unmaps 4 KiB at 0x2000_0000 in I1

    Scenario Outline: a device with <what> is not attached
      Given d1 has <what>
      And an IOAS I1
      And the user binds d1 as D1
      When the user attaches D1 to I1, refused with EINVAL
      Then the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x2000_0000

      Examples:
        | what                                                                                             |
        | a software MSI region of 64 KiB at 0x2000_0000 and an MSI region of 64 KiB at 0x3000_0000          |
        | a software MSI region of 64 KiB at 0x2000_0000 and a software MSI region of 64 KiB at 0x3000_0000  |

  @rule:IFD-RSV-02 @kind:uapi @profile:iommufd
  Rule: A region is free again when the last device that reserves it is gone

    Source: Linux, include/uapi/linux/iommufd.h "Detaching a device can widen the ranges"

    Example: the only one
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user detaches D1
      Then the user maps 4 KiB of P1 in I1 at 0x2000_0000

    Example: one that moves elsewhere
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user moves D1 to I2
      Then the user maps 4 KiB of P1 in I1 at 0x2000_0000
      And the user maps 4 KiB of P1 in I2 at 0x2000_0000, refused with EINVAL

    Example: the first of two
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And d2 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user attaches D1 to I1
      And the user attaches D2 to I1
      And the user allocates 4 KiB as P1
      When the user detaches D1
      Then the user maps 4 KiB of P1 in I1 at 0x2000_0000, refused with EINVAL

    Example: one that is unbound
      Given d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And the user attaches D1 to I1
      And the user allocates 4 KiB as P1
      When the user unbinds D1
      Then the user maps 4 KiB of P1 in I1 at 0x2000_0000

  @rule:IFD-SVA-01 @kind:observed @profile:iommufd
  Rule: A device is bound to a process's memory once, however often it is asked for

    Source: Linux at 03c11eb3b16d, drivers/iommu/iommu-sva.c "between @device and @mm, an additional internal reference is taken"

    Excluded: iommufd has no ioctl for it: other parts of the kernel share the memory of processes with devices

  @rule:IFD-SVA-02 @kind:observed @profile:iommufd
  Rule: A fault in a process's memory is served from it, until the process ends

    Source: Linux at 03c11eb3b16d, drivers/iommu/iommu-sva.c "I/O page fault handler for SVA"

    Excluded: iommufd has no ioctl for it: other parts of the kernel share the memory of processes with devices

  @rule:IFD-NOI-01 @kind:observed @profile:iommufd
  Rule: Where there is no IOMMU a HWPT takes neither flags nor data

    Source: Linux at 546b928da042, drivers/iommu/iommufd/hwpt_noiommu.c "if (flags || user_data)"

    Excluded: every driver below is one of an IOMMU
