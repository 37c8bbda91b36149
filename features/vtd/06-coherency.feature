@area:coherency @needs:iommu @needs:nesting
Feature: What hardware sees of stores, and what accesses see of caches

  @rule:VTDN-CM-01 @kind:observed @profile:vtd-mainline
  Rule: Where caches keep what is not present, or stores wait in a buffer, what was mapped is made known as what was attached is

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "cache_tag_flush_range_np(dmar_domain, iova, iova + size - 1);"

    Scenario Outline: with <part>, in a <kind>, what was looked for in vain is found once it is mapped
      Given IOMMU 0 has <part>
      And a <kind> A for d1
      And the driver attaches d1 to A
      And d1 reading 0x1008 faults
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | part           | kind                 |
        | caching mode   | nest parent          |
        | caching mode   | dirty-tracked domain |
        | caching mode   | domain               |
        | a write buffer | nest parent          |
        | a write buffer | domain               |

    Scenario Outline: with <part>, what a guest looked for in vain is found
      Given IOMMU 0 has <part>
      And a nest parent A for d1 with a guest
      And the driver unmaps 4 KiB at 0x20_0000 in A
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reading 0x1008 faults
      When the driver maps 4 KiB at 0x20_0000 in A to PA 0x8000_0000, read-write
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | part           |
        | caching mode   |
        | a write buffer |

    Scenario Outline: with <part>, a mapping gives <commands>
      Given IOMMU 0 has <part>
      And a nest parent A for d1
      And the driver attaches d1 to A
      Then mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write gives <commands>

      Examples:
        | part           | commands                                                 |
        | no PRS         | the commands ""                                          |
        | a write buffer | the commands ""                                          |
        | caching mode   | among others the commands "iotlb_inv page then inv_wait" |

    Scenario Outline: behind another unit with <part>, too
      Given there are 2 IOMMUs
      And IOMMU 0 has <part>
      And IOMMU 1 has <part>
      And d2 is behind IOMMU 1
      And a nest parent A for d1
      And the driver attaches d1 to A
      And the driver attaches d2 to A
      And d2 reading 0x1008 faults
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d2 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | part           |
        | caching mode   |
        | a write buffer |

    Scenario Outline: with <part>, a mapping that <fails> grants nothing
      Given IOMMU 0 has <part>
      And a nest parent A for d1
      And the driver attaches d1 to A
      Then mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write leaves no trace, whichever <fails>

      Examples:
        | part           | fails            |
        | caching mode   | wait times out   |
        | caching mode   | allocation fails |
        | a write buffer | wait times out   |

  @rule:VTDN-SNOOP-01 @kind:observed @profile:vtd-mainline
  Rule: Accesses are made to see what is in the processors' caches where every unit can do that, and where none was mapped to do otherwise

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "(!dmar_domain->use_first_level && dmar_domain->has_mappings)) {"

    Scenario Outline: in a <kind> that has <mappings>, a driver <ability> do it
      Given a <kind> A for d1
      And the driver attaches d1 to A
      And <mappings>
      Then the driver <ability> enforce coherency in A

      Examples:
        | kind                 | mappings                                                           | ability |
        | domain               | d1 reading 0x1000 faults                                           | can     |
        | domain               | the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write | can     |
        | nest parent          | d1 reading 0x1000 faults                                           | can     |
        | nest parent          | the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write | cannot  |
        | dirty-tracked domain | d1 reading 0x1000 faults                                           | can     |
        | dirty-tracked domain | the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write | cannot  |

    Example: nothing says so on a unit that cannot
      Given IOMMU 0 has no SC
      And a nest parent A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And the driver cannot enforce coherency in A

    Example: what was mapped to do otherwise, and is not mapped any more, counts
      Given a nest parent A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver unmaps 4 KiB at 0x1000 in A
      Then the driver cannot enforce coherency in A

    Example: what was enforced before mappings stays enforced after them
      Given a nest parent A for d1
      And the driver can enforce coherency in A
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then the driver can enforce coherency in A

    Example: the entries of a first stage say so, from then on
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the device context of d1 has pasid.PGSNP 0
      And the driver can enforce coherency in A
      When the driver attaches d2 to A
      Then the device context of d1 has pasid.PGSNP 1
      And the device context of d2 has pasid.PGSNP 1
      And d1 reading 0x1008 reaches PA 0x8000_0008

    @needs:pasid
    Example: and so do those of PASIDs
      Given d1 has PASIDs of 20 bits
      And a domain A for d1
      And the driver attaches d1 with PASID 5 to A
      When the driver can enforce coherency in A
      Then the device context of d1 with PASID 5 has pasid.PGSNP 1

    Scenario Outline: a <kind> that is used on a unit which cannot is not made to
      Given there are 2 IOMMUs
      And IOMMU 1 has no SC
      And d2 is behind IOMMU 1
      And a <kind> A for d1
      And the driver attaches d1 to A
      And the driver attaches d2 to A
      Then the driver cannot enforce coherency in A
      And the device context of d1 has pasid.PGSNP 0

      Examples:
        | kind        |
        | domain      |
        | nest parent |

    Scenario Outline: a <kind> that is made to is refused on a unit which cannot
      Given there are 2 IOMMUs
      And IOMMU 1 has no SC
      And d2 is behind IOMMU 1
      And a <kind> A for d1
      And the driver can enforce coherency in A
      When the driver attaches d2 to A, refused with EINVAL
      Then d2 reading 0x1000 faults with cause 0x59

      Examples:
        | kind        |
        | domain      |
        | nest parent |

    Example: a user of the nested domain counts as one of its parent
      Given there are 2 IOMMUs
      And IOMMU 1 has no SC
      And d2 is behind IOMMU 1
      And a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d2 to B
      Then the driver cannot enforce coherency in A

    Example: of enforcing and attaching, nothing is left when a wait times out
      Given a nest parent A for d1
      And the driver can enforce coherency in A
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d1 to B leaves no trace, whichever wait times out
