@area:devices @needs:iommu
Feature: What a device has to begin with, and without a page table

  @rule:VTDN-RESV-01 @kind:observed @profile:vtd-mainline
  Rule: Addresses whose writes are interrupts are kept from being mapped

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "0, IOMMU_RESV_MSI, GFP_KERNEL);"

    Example: for a device that firmware says nothing of
      Then the reserved regions of d1 are MSI 0xfee0_0000 to 0xfeef_ffff

    Scenario Outline: what firmware says, the caller knows: a <kind> region
      Given d1 has a <kind> region of 64 KiB at 0x8000_0000
      Then the reserved regions of d1 are MSI 0xfee0_0000 to 0xfeef_ffff

      Examples:
        | kind      |
        | direct    |
        | relaxable |
        | reserved  |

    Example: behind a unit in legacy mode, too
      Given IOMMU 0 has no scalable mode
      Then the reserved regions of d1 are MSI 0xfee0_0000 to 0xfeef_ffff

  @rule:VTDN-IDN-01 @kind:observed @profile:vtd-mainline @needs:identity
  Rule: Addresses pass as they are through an entry of their own type, under domain-id 1, on units that let them

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "context_set_translation_type(context, CONTEXT_TT_PASS_THROUGH);"

    Example: in scalable mode
      Given an identity domain A for d1
      When the driver attaches d1 to A
      Then the device context of d1 has pasid.PGTT pass-through
      And the device context of d1 has pasid.DID 1
      And d1 writing 0x8000_0008 reaches PA 0x8000_0008

    Example: in legacy mode
      Given IOMMU 0 has no scalable mode
      And an identity domain A for d1
      When the driver attaches d1 to A
      Then the device context of d1 has context.TT pass-through
      And the device context of d1 has context.DID 1
      And the device context of d1 has context.AW 57
      And d1 writing 0x8000_0008 reaches PA 0x8000_0008

    @needs:pasid
    Example: for a PASID
      Given d1 has PASIDs of 20 bits
      And an identity domain A for d1
      When the driver attaches d1 with PASID 5 to A
      Then the device context of d1 with PASID 5 has pasid.PGTT pass-through
      And d1 with PASID 5 writing 0x8000_0008 reaches PA 0x8000_0008
      And d1 writing 0x8000_0008 faults with cause 0x59

    Example: however many share it, it takes no domain-id
      Given no DID is left
      And an identity domain A for d1
      And an identity domain B for d2
      When the driver attaches d1 to A
      And the driver attaches d2 to B
      Then d1 reading 0x8000_0008 reaches PA 0x8000_0008
      And d2 reading 0x8000_0008 reaches PA 0x8000_0008

    Scenario Outline: a unit with <part> does not let them
      Given IOMMU 0 has <part>
      Then allocating identity domain A for d1 is refused with EOPNOTSUPP

      Examples:
        | part  |
        | no PT |

    Example: nor one that the domain was not made for
      Given there are 2 IOMMUs
      And IOMMU 1 has no PT
      And d2 is behind IOMMU 1
      And an identity domain A for d1
      When the driver attaches d2 to A, refused with EINVAL
      Then d2 reading 0x8000_0008 faults with cause 0x59

    Scenario Outline: <afterwards>, nothing passes any more
      Given a domain B for d1
      And an identity domain A for d1
      And the driver attaches d1 to A
      And d1 reads 0x8000_0000
      When the driver <leaves>
      Then d1 reading 0x8000_0008 faults

      Examples:
        | afterwards      | leaves                         |
        | once it is left | detaches d1 from A             |
        | once another is | replaces the domain of d1 by B |

  @rule:VTDN-BLK-01 @kind:observed @profile:vtd-mainline
  Rule: What is attached to nothing, or to a blocked domain, has an entry that is not present

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "intel_pasid_tear_down_entry(info->iommu, dev, pasid, false);"

    Example: a device that nobody attached yet
      Given a domain A for d1
      Then the device context of d1 has pasid.P 0
      And d1 reading 0x1000 faults with cause 0x59

    Example: in legacy mode, too
      Given IOMMU 0 has no scalable mode
      And a domain A for d1
      Then the device context of d1 has context.P 0
      And d1 reading 0x1000 faults with cause 0x2

    Scenario Outline: after <what>
      Given a blocked domain B for d1
      And a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      When the driver <leaves>
      Then the device context of d1 has pasid.P 0
      And d1 reading 0x1008 faults with cause 0x59

      Examples:
        | what          | leaves                         |
        | a detach      | detaches d1 from A             |
        | a replacement | replaces the domain of d1 by B |

    @needs:blocked
    Scenario Outline: a device that is attached to it, where there is <part>
      Given IOMMU 0 has <part>
      And a blocked domain B for d1
      When the driver attaches d1 to B
      Then the device context of d1 has <word>.P 0
      And d1 reading 0x1000 faults with cause <cause>

      Examples:
        | part             | word    | cause |
        | no PRS           | pasid   | 0x59  |
        | no scalable mode | context | 0x2   |

    @needs:pasid
    Example: a PASID beside one that is attached
      Given d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 with PASID 5 to A
      Then the device context of d1 with PASID 6 has pasid.P 0
      And d1 with PASID 6 reading 0x1008 faults with cause 0x59
      And d1 with PASID 5 reading 0x1008 reaches PA 0x8000_0008

  @rule:VTDN-CTX-01 @kind:observed @profile:vtd-mainline
  Rule: In scalable mode a device's context leads to a PASID directory, and says what the device and its unit can

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "ret = intel_pasid_setup_sm_context(dev);"

    Scenario Outline: a device that <can>
      Given d1 <can>
      And a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And the device context of d1 has context.RID_PASID 0
      And the device context of d1 has context.DTE <DTE>
      And the device context of d1 has context.PRE <PRE>
      And the device context of d1 has context.PASIDE <PASIDE>

      Examples:
        | can                           | DTE | PRE | PASIDE |
        | is behind IOMMU 0             | 0   | 0   | 0      |
        | has PASIDs of 20 bits         | 0   | 0   | 1      |
        | has the ids 0x5, 0x85, 0xffff | 0   | 0   | 0      |

      @needs:ats
      Examples:
        | can                           | DTE | PRE | PASIDE |
        | keeps translations of its own | 1   | 0   | 0      |
        | asks for pages                | 1   | 1   | 0      |

    Scenario Outline: what a unit with no <lack> has no use for
      Given IOMMU 0 has no <lack>
      And d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain A for d1
      When the driver attaches d1 to A
      Then the device context of d1 has context.DTE <DTE>
      And the device context of d1 has context.PRE <PRE>
      And the device context of d1 has context.PASIDE <PASIDE>

      Examples:
        | lack         | DTE | PRE | PASIDE |
        | PRS          | 1   | 0   | 1      |
        | DT, PRS, PDS | 0   | 0   | 1      |
        | PASID        | 1   | 1   | 0      |

    @needs:pasid
    Scenario Outline: the directory has room for PASID <pasid> of <bits> bits
      Given d1 has PASIDs of <bits> bits
      And a domain for PASIDs A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 with PASID <pasid> to A
      Then d1 with PASID <pasid> reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | bits | pasid   |
        | 1    | 1       |
        | 6    | 63      |
        | 7    | 127     |
        | 13   | 8191    |
        | 15   | 32767   |
        | 16   | 65535   |
        | 20   | 64      |
        | 20   | 1048575 |

    @needs:pasid
    Scenario Outline: and a PASID <which> is refused with EINVAL
      Given d1 has PASIDs of <bits> bits
      And a domain for PASIDs A for d1
      Then attaching d1 with PASID <pasid> to A is refused with EINVAL

      Examples:
        | which                            | bits | pasid   |
        | beyond those of the device       | 6    | 64      |
        | beyond all of them               | 20   | 1048576 |
        | that is that of requests without | 20   | 0       |
