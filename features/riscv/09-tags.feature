@area:tags @needs:iommu @needs:nesting
Feature: Identifiers that caches know address spaces by

  @rule:RVN-TAG-01 @kind:patch @profile:riscv-review
  Rule: A PSCID is 1 to 2^20 - 1, a GSCID 1 to 2^16 - 1

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "ida_alloc_range(&riscv_iommu_pscids, 1,"

    Scenario Outline: <space> <id> of a <kind> is in its context
      Given of the <space>s only <id> is left
      And a <kind> A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then the device context of d1 has <field> <id>
      And d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | space | id      | kind        | field         |
        | PSCID | 1       | domain      | ta.PSCID      |
        | PSCID | 1048575 | domain      | ta.PSCID      |
        | GSCID | 1       | nest parent | iohgatp.GSCID |
        | GSCID | 65535   | nest parent | iohgatp.GSCID |

    Scenario Outline: of <space> <id> alone, a <kind>
      Given of the <space>s only <id> is left
      Then allocating <kind> A for d1 is <answer>

      Examples:
        | space | id      | kind        | answer              |
        | PSCID | 0       | domain      | refused with ENOMEM |
        | PSCID | 1       | domain      | accepted            |
        | PSCID | 1048575 | domain      | accepted            |
        | PSCID | 1048576 | domain      | refused with ENOMEM |
        | GSCID | 0       | nest parent | refused with ENOMEM |
        | GSCID | 1       | nest parent | accepted            |
        | GSCID | 65535   | nest parent | accepted            |
        | GSCID | 65536   | nest parent | refused with ENOMEM |

    Scenario Outline: of PSCID <id> alone, a nested domain
      Given of the PSCIDs only <id> is left
      And a nest parent A for d1
      Then allocating nested domain B for d1 on A is <answer>

      Examples:
        | id      | answer              |
        | 0       | refused with ENOMEM |
        | 1       | accepted            |
        | 1048575 | accepted            |
        | 1048576 | refused with ENOMEM |

  @rule:RVN-TAG-02 @kind:hardened @profile:riscv-review
  Rule: The tag of a nested domain is the one in the context, and no two nested domains share it

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "riscv_iommu_iodir_update(iommu, dev, info->dc_user.fsc, info->dc_user.ta,"

    Example: the tag that was taken is in use
      Given of the PSCIDs only 7 is left
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B
      Then the device context of d1 has ta.PSCID 7

    Example: two guests' tables on one parent
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x1000 to GPA 0x20_1000 in its tables at GPA 0x10_8000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d2 on A with its tables at GPA 0x10_8000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver attaches d2 to C
      Then d2 reading 0x1008 reaches PA 0x8000_1008
      And d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:RVN-TAG-03 @kind:hardened @profile:riscv-review
  Rule: The second stage of a nested domain is its parent's, whatever the device had when it was allocated

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "info->dc_user.iohgatp"

    Example: allocated while the device has an identity domain
      Given a nest parent A for d1 with a guest
      And an identity domain C for d1
      And the driver attaches d1 to C
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver replaces the domain of d1 by B
      Then the device context of d1 has iohgatp.MODE Sv57x4
      And the device context of d1 has iohgatp.GSCID 1
      And d1 reading 0x1008 reaches PA 0x8000_0008

    Example: allocated before the device is attached to the parent
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B
      Then the device context of d1 has iohgatp.GSCID 1
      And d1 reading 0x1008 reaches PA 0x8000_0008

    Example: allocated while the device is attached to nothing
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then the device context of d1 has iohgatp.GSCID 1
      And d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:RVN-TAG-04 @kind:hardened @profile:riscv-review
  Rule: A nested domain stands on its own parent, not on the one that the device was attached to

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "info->dc_user.iohgatp"

    Example: from another nest parent
      Given a nest parent A for d1 with a guest
      And a nest parent C for d1
      And the driver maps 64 KiB at 0x10_0000 in C to PA 0xa010_0000, read-write
      And the driver attaches d1 to C
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver replaces the domain of d1 by B
      Then the device context of d1 has iohgatp.GSCID 1
      And d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:RVN-TAG-05 @kind:spec @profile:riscv-review
  Rule: An address space of a guest is known by GSCID and PSCID together, and is invalidated by both

    Source: RISC-V IOMMU Architecture Specification 1.0, "Changing first-stage page table entry" "software must perform invalidations using IOTINVAL.VMA with GV=1"

    Scenario Outline: the guest takes a page away, and says so of <what>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the guest of A unmaps 0x1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | IOTINVAL.VMA | <first> | <second> |
      Then d1 reading 0x1008 faults with cause 13

      Examples:
        | what               | first  | second   |
        | everything         |        |          |
        | an address space   | PSCV 1 | PSCID 0  |
        | another name of it | PSCV 1 | PSCID 9  |
        | an address         | AV 1   | ADDR 0x1 |

    Example: each nest parent has a GSCID of its own
      Given a nest parent A for d1 with a guest
      And a nest parent C for d2 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain D for d2 on C with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to D
      Then the device context of d1 has iohgatp.GSCID 1
      And the device context of d2 has iohgatp.GSCID 2
      And d2 reading 0x1008 reaches PA 0x8000_0008
