@area:attach @needs:iommu @needs:nesting
Feature: An attach that is refused changes nothing, and what is shared stays for those who share it

  @rule:VTDN-ATT-11 @kind:hardened @profile:vtd-mainline
  Rule: A device whose attach is refused stays on the domain that it was on

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "ret = paging_domain_compatible(domain, dev);"

    @needs:replace
    Scenario Outline: what does not suit the unit leaves the device on a <kind>
      Given IOMMU 0 has no SRS, EAFS
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | <field> | <value> |
      And a <kind> C for d1
      And the driver maps 4 KiB at 0x1000 in C to PA 0x9000_0000, read-write
      And the driver attaches d1 to C
      When the driver replaces the domain of d1 by B, refused with EINVAL
      Then d1 reading 0x1008 reaches PA 0x9000_0008

      Examples:
        | field      | value | kind        |
        | addr_width | 50    | domain      |
        | addr_width | 50    | nest parent |
        | flags      | SRE   | domain      |
        | flags      | EAFE  | nest parent |

    @needs:replace
    Example: and on a nested domain
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver allocates nested domain C for d1 on A, from:
        | addr_width | 50 |
      And the driver attaches d1 to B
      When the driver replaces the domain of d1 by C, refused with EINVAL
      Then d1 reading 0x1008 reaches PA 0x8000_0008

    @needs:replace
    Example: a second stage that does not suit the unit leaves it, too
      Given there are 2 IOMMUs
      And IOMMU 1 has no SMPWC
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And a domain B for d2
      And the driver maps 4 KiB at 0x1000 in B to PA 0x9000_0000, read-write
      And the driver attaches d2 to B
      When the driver replaces the domain of d2 by A, refused with EINVAL
      Then d2 reading 0x1008 reaches PA 0x9000_0008

    Example: a device that was on none stays blocked
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | addr_width | 50 |
      When the driver attaches d1 to B, refused with EINVAL
      Then d1 reading 0x1008 faults with cause 0x59

  @rule:VTDN-ATT-12 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: An attach without a domain-id is refused with ENOSPC, one without memory with ENOMEM, and what it had taken is given back

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "int num, ret = -ENOSPC;"

    Example: no domain-id is left
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And no DID is left
      When the driver attaches d1 to B, refused with ENOSPC
      Then d1 reading 0x1008 faults with cause 0x59

    Example: there is no memory to note what the device keeps
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d2 to B
      And the next allocation fails
      When the driver attaches d1 to B, refused with ENOMEM
      Then d1 reading 0x1008 faults with cause 0x59

    @needs:replace
    Example: without a domain-id the device stays where it was
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      And no DID is left
      When the driver replaces the domain of d1 by B, refused with ENOSPC
      Then d1 reading 0x20_0008 reaches PA 0x8000_0008

    Example: the last domain-id goes round
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And of the DIDs only 0x77 is left
      And the driver attaches d1 to A
      And attaching d2 to B is refused with ENOSPC
      And the driver detaches d1 from A
      When the driver attaches d2 to B
      Then d2 reading 0x1008 reaches PA 0x8000_0008

    Scenario Outline: an attach of a device, when the <shortage>
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d1 to B leaves no trace, whichever <shortage>

      Examples:
        | shortage         |
        | allocation fails |
        | wait times out   |

    @needs:pasid
    Scenario Outline: of a PASID, when the <shortage>
      Given d1 has PASIDs of 20 bits
      And d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d1 with PASID 74565 to B leaves no trace, whichever <shortage>

      Examples:
        | shortage         |
        | allocation fails |
        | wait times out   |

    @needs:replace
    Scenario Outline: of one that was on <before>, when the <shortage>
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a domain C for d1
      And the driver attaches d1 to <before>
      And d1 reading <iova> reaches PA 0x8000_0008
      Then replacing the domain of d1 by <after> leaves no trace, whichever <shortage>

      Examples:
        | before | iova      | after | shortage         |
        | A      | 0x20_0008 | B     | allocation fails |
        | A      | 0x20_0008 | B     | wait times out   |
        | B      | 0x1008    | C     | allocation fails |
        | B      | 0x1008    | C     | wait times out   |

    Example: and a detach has nothing to take
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1008
      Then detaching d1 from B leaves no trace, whichever wait times out

  @rule:VTDN-ATT-14 @kind:observed @needs:pasid @profile:vtd-mainline
  Rule: An attach of a PASID is refused with EOPNOTSUPP where there are none, and only then with EINVAL for the domain

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "if (!pasid_supported(iommu) || dev_is_real_dma_subdevice(dev))"

    Scenario Outline: a <what> domain on <where> is <answer>
      Given IOMMU 0 has <part>
      And d1 has PASIDs of <bits> bits
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | addr_width | <width> |
      Then attaching d1 with PASID 5 to B is <answer>

      Examples:
        | what  | where                   | part     | bits | width | answer                  |
        | fit   | a unit with PASIDs      | no PRS   | 20   | 48    | accepted                |
        | fit   | a unit without PASIDs   | no PASID | 20   | 48    | refused with EOPNOTSUPP |
        | fit   | a device without PASIDs | no PRS   | 0    | 48    | refused with EOPNOTSUPP |
        | unfit | a unit with PASIDs      | no PRS   | 20   | 50    | refused with EINVAL     |
        | unfit | a unit without PASIDs   | no PASID | 20   | 50    | refused with EOPNOTSUPP |
        | unfit | a device without PASIDs | no PRS   | 0    | 50    | refused with EOPNOTSUPP |

  @rule:VTDN-ATT-15 @kind:uapi @needs:pasid @needs:replace @profile:vtd-mainline
  Rule: A PASID whose domain is not replaced is left in its old configuration

    Source: Yi Liu, "[PATCH v5 13/13] iommu: Make set_dev_pasid op support domain replacement", 6 Nov 2024 "left in the old config in error case"

    Scenario Outline: it stays on a <kind>
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | addr_width | 50 |
      And a <kind> C for d1
      And the driver maps 4 KiB at 0x1000 in C to PA 0x9000_0000, read-write
      And the driver attaches d1 with PASID 5 to C
      When the driver replaces the domain of d1 with PASID 5 by B, refused with EINVAL
      Then d1 with PASID 5 reading 0x1008 reaches PA 0x9000_0008

      Examples:
        | kind              |
        | domain            |
        | domain for PASIDs |
        | nest parent       |

    Example: it stays on a nested domain
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver allocates nested domain C for d1 on A, from:
        | addr_width | 50 |
      And the driver attaches d1 with PASID 5 to B
      And the device context of d1 with PASID 5 has pasid.P 1
      When the driver replaces the domain of d1 with PASID 5 by C, refused with EINVAL
      Then d1 with PASID 5 reading 0x1008 reaches PA 0x8000_0008

    Scenario Outline: whichever <shortage>
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 with PASID 5 to A
      And d1 with PASID 5 reads 0x20_0008
      Then replacing the domain of d1 with PASID 5 by B leaves no trace, whichever <shortage>

      Examples:
        | shortage         |
        | allocation fails |
        | wait times out   |
