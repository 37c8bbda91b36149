@area:invalidate @needs:iommu @needs:nesting
Feature: Whose caches forget what a guest changed

  @rule:VTDN-INV-01 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: What a guest asks to have forgotten is forgotten for every device and PASID that uses the domain

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "invalidate stage-1 IOTLB when there is mapping changed"

    Scenario Outline: devices behind two IOMMUs, what <device> has read
      Given there are 2 IOMMUs
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to B
      And <device> reads 0x1000
      And the guest of A unmaps 0x1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x1000 | npages 1 | flags LEAF |
      Then <device> reading 0x1000 faults

      Examples:
        | device |
        | d1     |
        | d2     |

    @needs:pasid
    Scenario Outline: requests of one device, what <sender> has read
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d1 with PASID 5 to B
      And <sender> reads 0x1000
      And the guest of A unmaps 0x1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x1000 | npages 1 | flags LEAF |
      Then <sender> reading 0x1000 faults

      Examples:
        | sender          |
        | d1              |
        | d1 with PASID 5 |

    Example: another domain keeps what it has
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d2 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to C
      Then invalidating "addr 0x1000, npages 1" in B gives the commands "p_iotlb_inv page did 0x2 pasid 0x0 address 0x1000 am 0x0, inv_wait"

  @rule:VTDN-INV-07 @kind:patch @profile:vtd-v4 @profile:vtd-mainline @needs:ats
  Rule: A device that keeps translations is told to forget the same, after its IOMMU was

    Source: Yi Liu, "[PATCH v4 07/12] iommufd: Add data structure for Intel VT-d stage-1 cache invalidation", 24 July 2023 "invalidation will be covered automatically in the IOTLB invalidation"

    Example: a page that is not mapped any more
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the guest of A unmaps 0x1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x1000 | npages 1 | flags LEAF |
      Then d1 reading 0x1000 faults

    Scenario Outline: <npages> pages at <addr>
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then invalidating "addr <addr>, npages <npages>" in B gives among others the commands "p_iotlb_inv then dev_tlb_inv <range>"

      Examples:
        | addr   | npages                | range                                               |
        | 0x1000 | 1                     | sid 0x1 qdep 0x0 address 0x1000                     |
        | 0x3000 | 3                     | sid 0x1 qdep 0x0 address 0x3000 size                |
        | 0x0    | 0xffff_ffff_ffff_ffff | sid 0x1 qdep 0x0 address 0x7fff_ffff_ffff_f000 size |

    Example: a device that keeps none is told nothing
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then invalidating "addr 0x1000, npages 1" in B gives no command "dev_tlb_inv"

  @rule:VTDN-INV-15 @kind:observed @profile:vtd-mainline
  Rule: What is forgotten is tagged with the PASID that the domain was attached with, and with 0 for requests without one

    Source: Linux at bcbef1e4a626, drivers/iommu/intel/cache.c "if (tag->pasid == IOMMU_NO_PASID)"

    @needs:pasid @needs:ats
    Scenario Outline: PASID <pasid>
      Given d1 has PASIDs of 20 bits
      And d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 with PASID <pasid> to B
      Then invalidating "addr 0x1000, npages 1" in B gives among others the commands "p_iotlb_inv page did 0x2 pasid <hex> then p_dev_tlb_inv sid 0x1 pasid <hex>"
      And invalidating "addr 0x1000, npages 1" in B gives no command "dev_tlb_inv"

      Examples:
        | pasid   | hex      |
        | 1       | 0x1      |
        | 64      | 0x40     |
        | 1048575 | 0xf_ffff |

    @needs:ats
    Example: requests without a PASID
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then invalidating "addr 0x1000, npages 1" in B gives among others the commands "p_iotlb_inv page did 0x2 pasid 0x0 then dev_tlb_inv sid 0x1"
      And invalidating "addr 0x1000, npages 1" in B gives no command "p_dev_tlb_inv"

    @needs:pasid @needs:ats
    Example: what the device has read with its PASID
      Given d1 has PASIDs of 20 bits
      And d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 with PASID 5 to B
      And d1 with PASID 5 reads 0x1000
      And the guest of A unmaps 0x1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x1000 | npages 1 | flags LEAF |
      Then d1 with PASID 5 reading 0x1000 faults
