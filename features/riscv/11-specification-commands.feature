@area:specification @needs:iommu @needs:nesting
Feature: Commands that hardware of this architecture takes

  @rule:RVN-SP-10 @kind:spec @profile:riscv-review
  Rule: A second stage is invalidated without a PSCID, which would be illegal

    Source: RISC-V IOMMU Architecture Specification 1.0, "IOMMU Page-Table cache invalidation commands" "Setting PSCV to 1 with IOTINVAL.GVMA is illegal."

    Scenario Outline: an unmapping of <range>
      Given a nest parent A for d1
      And the driver attaches d1 to A
      And the driver maps 4 MiB at 0x20_0000 in A to PA 0x8000_0000, read-write
      And d1 reads 0x20_0000
      When unmapping <range> in A gives the commands "<commands>"
      Then d1 reading 0x20_0000 faults with cause 21

      Examples:
        | range              | commands                                             |
        | 4 KiB at 0x20_0000 | IOTINVAL.GVMA gscid 0x1 address 0x20_0000, IOFENCE.C |
        | 2 MiB at 0x20_0000 | IOTINVAL.GVMA gscid 0x1, IOFENCE.C                   |

  @rule:RVN-SP-11 @kind:spec @profile:riscv-review
  Rule: A context is dropped by the id of its device, no wider than the directory

    Source: RISC-V IOMMU Architecture Specification 1.0, "IOMMU directory cache invalidation commands" "DID operand must not be wider than that supported"

    Scenario Outline: <levels>, id <id>
      Given IOMMU 0 has directories of <levels>
      And d1 has the id <id>
      And a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in B to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reading 0x1000 faults with cause 13
      When the driver replaces the domain of d1 by B
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | levels   | id        |
        | 1 level  | 0x3f      |
        | 2 levels | 0x7fff    |
        | 3 levels | 0xff_ffff |

  @rule:RVN-SP-12 @kind:spec @profile:riscv-review
  Rule: When what a context's guest address leads to changes, the context is dropped as well

    Source: RISC-V IOMMU Architecture Specification 1.0, "Changing second-stage page table entry" "software must invalidate all such cached DC using IODIR.INVAL_DDT with DV=1"

    Example: the root of the guest's tables is taken away
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When unmapping 4 KiB at 0x10_0000 in A gives the commands "IOTINVAL.GVMA gscid 0x1 address 0x10_0000, IOFENCE.C, IODIR.INVAL_DDT deviceId 0x1, IOFENCE.C"
      Then d1 reading 0x4000_0000 faults with cause 21

  @rule:RVN-SP-13 @kind:spec @profile:riscv-review
  Rule: The caches of the IOMMU are invalidated before those of a device, which asks them

    Source: RISC-V IOMMU Architecture Specification 1.0, "Device Address Translation Cache invalidations" "software must first invalidate the IOATC before sending invalidations to the DevATC"

    Scenario Outline: an unmapping in a <kind>
      Given d1 keeps translations of its own
      And a <kind> A for d1
      And the driver attaches d1 to A
      And the driver maps 16 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When unmapping 4 KiB at 0x1000 in A gives the commands "<first> address 0x1000, IOFENCE.C, ATS.INVAL segment 0x0 rid 0x1, IOFENCE.C"
      Then the device context of d1 has tc.EN_ATS 1
      And d1 reading 0x1000 faults

      Examples:
        | kind        | first                   |
        | domain      | IOTINVAL.VMA pscid 0x1  |
        | nest parent | IOTINVAL.GVMA gscid 0x1 |

  @rule:RVN-SP-14 @kind:spec @profile:riscv-review
  Rule: Without a second stage no context has an MSI page table

    Source: RISC-V IOMMU Architecture Specification 1.0, "MSI page table pointer (msiptp)" "The msiptp.MODE field is used to select the MSI address translation scheme."

    Scenario Outline: <which> domain
      Given <which> domain A for d1
      When the driver attaches d1 to A
      Then the device context of d1 has iohgatp.MODE Bare
      And the device context of d1 has msiptp.MODE Off

      Examples:
        | which       |
        | a           |
        | an identity |

  @rule:RVN-SP-15 @kind:spec
  Rule: Where reporting is disabled, faults of translation leave no record, and those of finding the context do

    Source: RISC-V IOMMU Architecture Specification 1.0, "Translation control (tc)" "disables reporting of faults encountered in the address translation process"

    Excluded: no driver here disables reporting, and what hardware does then is in hw-models/riscv-iommu/answers.test.ts; that a guest cannot disable it is RVN-UAPI-03

  @rule:RVN-SP-16 @kind:spec @profile:riscv-review
  Rule: What was not valid needs no invalidation: the next access finds what is there now

    Source: RISC-V IOMMU Architecture Specification 1.0, "Caching invalid entries" "Software need not perform invalidations when changing the V bit"

    Example: a leaf
      Given a domain A for d1
      And the driver attaches d1 to A
      And d1 reading 0x1000 faults with cause 13
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 reading 0x1008 reaches PA 0x8000_0008

    Example: a leaf of a second stage, below a first one
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x2000 to GPA 0x30_0000 in its tables at GPA 0x10_0000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reading 0x2000 faults with cause 21
      When the driver maps 4 KiB at 0x30_0000 in A to PA 0x8010_0000, read-write
      Then d1 reading 0x2008 reaches PA 0x8010_0008

    Example: a context
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And d1 reading 0x1000 faults with cause 258
      When the driver attaches d1 to A
      Then d1 reading 0x1008 reaches PA 0x8000_0008
