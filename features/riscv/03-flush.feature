@area:invalidate @needs:iommu @needs:paging
Feature: What is invalidated when a device changes its domain

  @rule:RVN-FLUSH-01 @kind:review @profile:riscv-review @needs:nesting
  Rule: An attach does not wipe the cache tag of its domain

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Wiping it on every attach is just needless flushing"

    Example: to a nested domain that another device uses
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d2 to B
      And d2 reads 0x1000
      Then attaching d1 to B gives no command "IOTINVAL.VMA"
      And detaching d1 from B is accepted
      And attaching d1 to B gives no command "IOTINVAL.GVMA"

    Scenario Outline: to <what>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a domain C for d1
      Then attaching d1 to <domain> gives the commands ""

      Examples:
        | what            | domain |
        | a nest parent   | A      |
        | a nested domain | B      |
        | a first stage   | C      |

  @rule:RVN-FLUSH-02 @kind:review @profile:riscv-review @needs:nesting
  Rule: A cache tag that is given to another domain holds nothing of the one before

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "The cache tags should be in good shape before they are assigned"

    Example: the PSCID of a nested domain
      Given of the PSCIDs only 5 is left
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the driver detaches d1 from B
      And the driver frees B
      And a nested domain C for d1 on A with its tables at GPA 0x10_8000
      When the driver attaches d1 to C
      Then d1 reading 0x1000 faults with cause 13

    Scenario Outline: the <space> of a <kind>
      Given of the <space>s only 5 is left
      And a <kind> A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      And the driver detaches d1 from A
      And the driver frees A
      And a <kind> B for d1
      When the driver attaches d1 to B
      Then d1 reading 0x1000 faults with cause <cause>

      Examples:
        | space | kind        | cause |
        | PSCID | domain      | 13    |
        | GSCID | nest parent | 21    |

  @rule:RVN-FLUSH-03 @kind:spec @profile:riscv-review @profile:riscv-mainline
  Rule: A change of a valid device context invalidates it, and what its words as they were have brought into the caches

    Source: RISC-V IOMMU Architecture Specification 1.0, "Changing device directory table entry" "then the following invalidations must be performed"

    Example: from a first stage
      Given a domain A for d1
      And the driver attaches d1 to A
      Then detaching d1 from A gives among others the commands "IODIR.INVAL_DDT deviceId 0x1, IOTINVAL.VMA pscid 0x1 then IOFENCE.C"

    @needs:nesting
    Scenario Outline: from <what>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to <domain>
      And the driver attaches d2 to A
      Then detaching d1 from <domain> gives among others the commands "IODIR.INVAL_DDT deviceId 0x1, IOTINVAL.VMA gscid 0x1, IOTINVAL.GVMA gscid 0x1 then IOFENCE.C"

      Examples:
        | what           | domain |
        | a second stage | A      |
        | both stages    | B      |

    @needs:nesting
    Example: from a guest's process directory
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | tc.PDTV   | 1     |
        | pdtp.MODE | PD8   |
        | pdtp.PPN  | 0x108 |
      And the driver attaches d1 to B
      Then detaching d1 from B gives among others the commands "IODIR.INVAL_DDT deviceId 0x1, IOTINVAL.VMA gscid 0x1, IOTINVAL.GVMA gscid 0x1 then IOFENCE.C"

    @needs:nesting @needs:replace
    Example: from one second stage to another, by the words as they were
      Given a nest parent A for d1
      And a nest parent B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      Then replacing the domain of d1 by B gives among others the commands "IODIR.INVAL_DDT deviceId 0x1, IOTINVAL.VMA gscid 0x1, IOTINVAL.GVMA gscid 0x1 then IOFENCE.C"
      And d1 reading 0x1000 faults with cause 21

  @rule:RVN-FLUSH-04 @kind:spec @profile:riscv-review @profile:riscv-mainline
  Rule: What becomes valid takes effect at once, since what was not valid is not cached

    Source: RISC-V IOMMU Architecture Specification 1.0, "Caching invalid entries" "Software need not perform invalidations when changing the V bit"

    Example: a device context
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And d1 reading 0x1000 faults with cause 258
      When the driver attaches d1 to A
      Then d1 reading 0x1000 reaches PA 0x8000_0000

    Example: a mapping of the driver
      Given a domain A for d1
      And the driver attaches d1 to A
      And d1 reading 0x1000 faults with cause 13
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 reading 0x1000 reaches PA 0x8000_0000

    @needs:nesting
    Example: a mapping of the guest
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reading 0x2000 faults with cause 13
      When the guest of A maps 0x2000 to GPA 0x20_1000 in its tables at GPA 0x10_0000
      Then d1 reading 0x2000 reaches PA 0x8000_1000

  @rule:RVN-FLUSH-05 @kind:spec @profile:riscv-review @profile:riscv-mainline
  Rule: A change of the domain is answered when an IOFENCE.C behind its invalidations is complete

    Source: RISC-V IOMMU Architecture Specification 1.0, "IOMMU Command-queue Fence commands" "guarantees that all previous commands fetched from the CQ have been completed"

    @needs:replace
    Example: a first stage in place of another
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 writes 0x1000
      Then replacing the domain of d1 by B gives among others the commands "IODIR.INVAL_DDT deviceId 0x1 then IOFENCE.C"
      And d1 writing 0x1000 faults with cause 15

    @needs:nesting @needs:replace
    Example: both stages in place of the second
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      And d1 writes 0x20_0000
      Then replacing the domain of d1 by B gives among others the commands "IODIR.INVAL_DDT deviceId 0x1 then IOFENCE.C"
      And d1 writing 0x20_0000 faults
      And d1 writing 0x1000 reaches PA 0x8000_0000

  @rule:RVN-FLUSH-06 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: A device is in the list of its new domain before it can use it, and in that of the old one until it cannot

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "Devices should be linked to the domain before first use"

    Example: an unmapping in the new domain while the device comes
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then of attaching d1 to A and unmapping 4 KiB at 0x1000 in A at once, both succeed

    @needs:replace
    Example: an unmapping in the old domain while the device goes
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      Then of replacing the domain of d1 by B and unmapping 4 KiB at 0x1000 in A at once, both succeed

    @needs:nesting
    Example: an unmapping in the parent of the new domain
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then of attaching d1 to B and unmapping 4 KiB at 0x20_0000 in A at once, both succeed
