@area:attach @needs:iommu @needs:nesting
Feature: Several devices share a nested domain

  @rule:VTDN-ATT-16 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: Devices and PASIDs share a nested domain and its domain-id, which is free again after the last of them

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "curr->refcnt++;"

    Example: they share one domain-id
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And of the DIDs only 0x77 is left
      And the driver attaches d1 to B
      When the driver attaches d2 to B
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And d2 reading 0x1008 reaches PA 0x8000_0008
      And the device context of d2 has pasid.DID 0x77

    Example: when the first goes, the other stays, and so does the domain-id
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And of the DIDs only 0x77 is left
      And the driver attaches d1 to B
      And the driver attaches d2 to B
      When the driver detaches d1 from B
      Then attaching d1 to A is refused with ENOSPC
      And d2 reading 0x1008 reaches PA 0x8000_0008

    Example: when the last goes, the domain-id is free
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And of the DIDs only 0x77 is left
      And the driver attaches d1 to B
      And the driver attaches d2 to B
      And the driver detaches d1 from B
      When the driver detaches d2 from B
      Then attaching d1 to A is accepted
      And the device context of d1 has pasid.DID 0x77

    @needs:pasid
    Example: a device, and a PASID of it
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And of the DIDs only 0x77 is left
      And the driver attaches d1 to B
      And the driver attaches d1 with PASID 5 to B
      When the driver detaches d1 from B
      Then d1 with PASID 5 reading 0x1008 reaches PA 0x8000_0008
      And d1 reading 0x1008 faults with cause 0x59

    Example: each unit has a domain-id of its own for it
      Given there are 2 IOMMUs
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d2 to B
      And of the DIDs only 0x77 is left
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.DID 0x77
      And d2 reading 0x1008 reaches PA 0x8000_0008

    Scenario Outline: at once, <one> and <two>
      Given there are 2 IOMMUs
      And d3 is behind IOMMU 1
      And d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d4 to B
      Then of <one> and <two> at once, both succeed

      Examples:
        | one                 | two                               |
        | attaching d1 to B   | attaching d2 to B                 |
        | attaching d1 to B   | attaching d3 to B                 |
        | attaching d1 to A   | attaching d2 to B                 |
        | attaching d1 to B   | detaching d4 from B               |
        | attaching d1 to B   | unmapping 4 KiB at 0x20_0000 in A |
        | detaching d4 from B | unmapping 4 KiB at 0x20_0000 in A |
        | attaching d1 to B   | releasing d4                      |

    @needs:replace
    Scenario Outline: at once, <one> and <two>, replaced
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to <before>
      And the driver attaches d2 to B
      Then of <one> and <two> at once, both succeed

      Examples:
        | before | one                             | two                                       |
        | A      | replacing the domain of d1 by B | unmapping 4 KiB at 0x20_0000 in A         |
        | B      | replacing the domain of d1 by A | unmapping 4 KiB at 0x20_0000 in A         |
        | A      | replacing the domain of d1 by B | detaching d2 from B                       |
        | B      | replacing the domain of d1 by A | replacing the domain of d2 by A           |
        | A      | replacing the domain of d1 by B | invalidating "addr 0x1000, npages 1" in B |

    @needs:pasid
    Scenario Outline: at once, <one> and <two>, of a PASID
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 with PASID 6 to B
      Then of <one> and <two> at once, both succeed

      Examples:
        | one                            | two                               |
        | attaching d1 with PASID 5 to B | attaching d1 to B                 |
        | attaching d1 with PASID 5 to B | attaching d1 with PASID 70 to B   |
        | attaching d1 with PASID 5 to B | detaching d1 with PASID 6 from B  |
        | attaching d1 with PASID 5 to B | unmapping 4 KiB at 0x20_0000 in A |
