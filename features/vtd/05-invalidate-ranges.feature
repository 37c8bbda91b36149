@area:invalidate @needs:iommu @needs:nesting
Feature: Ranges that a guest asks to have forgotten

  @rule:VTDN-INV-04 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: A range that does not begin with a page, or is everything from another address than 0 on, is refused with EINVAL

    Source: Yi Liu, "[PATCH v4 09/12] iommu/vt-d: Add iotlb flush for nested domain", 24 July 2023 "!IS_ALIGNED(req->addr, VTD_PAGE_SIZE)"

    Scenario Outline: <npages> pages at <addr>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then the guest invalidates in B, refused with EINVAL after 0 entries:
        | addr <addr> | npages <npages> |

      Examples:
        | addr                  | npages                |
        | 0x1                   | 1                     |
        | 0xfff                 | 1                     |
        | 0x1800                | 1                     |
        | 0x1                   | 0xffff_ffff_ffff_ffff |
        | 0x1000                | 0xffff_ffff_ffff_ffff |
        | 0xffff_ffff_ffff_f000 | 0xffff_ffff_ffff_ffff |

  @rule:VTDN-INV-05 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: All pages from address 0 on are the whole domain, and no other

    Source: Yi Liu, "[PATCH v4 09/12] iommu/vt-d: Add iotlb flush for nested domain", 24 July 2023 "if (addr == 0 && npages == -1)"

    Scenario Outline: with flags <flags>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then invalidating "addr 0x0, npages 0xffff_ffff_ffff_ffff, flags <flags>" in B gives the commands "p_iotlb_inv pasid did 0x2 pasid 0x0, inv_wait"

      Examples:
        | flags |
        | 0     |
        | LEAF  |

    Example: leaves and tables of the guest's
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x1000 to GPA 0x20_2000 in its tables at GPA 0x10_8000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the guest of A leads 0x1000 to a table at GPA 0x10_b000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x0 | npages 0xffff_ffff_ffff_ffff |
      Then d1 reading 0x1008 reaches PA 0x8000_2008

  @rule:VTDN-INV-06 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: Only an entry that is about leaves lets hardware keep what it holds of the tables above

    Source: Yi Liu, "[PATCH v4 07/12] iommufd: Add data structure for Intel VT-d stage-1 cache invalidation", 24 July 2023 "leaf PTE caching needs to be invalidated"

    Example: a table was replaced
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x1000 to GPA 0x20_1000 in its tables at GPA 0x10_8000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the guest of A leads 0x1000 to a table at GPA 0x10_b000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x1000 | npages 1 |
      Then d1 reading 0x1008 reaches PA 0x8000_1008

    Example: a leaf was replaced
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the guest of A maps 0x1000 to GPA 0x20_1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x1000 | npages 1 | flags LEAF |
      Then d1 reading 0x1008 reaches PA 0x8000_1008

    Scenario Outline: with flags <flags>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then invalidating "addr 0x1000, npages 1, flags <flags>" in B gives the commands "<command>, inv_wait"

      Examples:
        | flags | command                                                     |
        | 0     | p_iotlb_inv page did 0x2 pasid 0x0 address 0x1000 am 0x0    |
        | LEAF  | p_iotlb_inv page did 0x2 pasid 0x0 address 0x1000 am 0x0 ih |

  @rule:VTDN-INV-10 @kind:hardened @profile:vtd-mainline
  Rule: No pages are no range

    Source: Linux at 3daee2e4b356, drivers/iommu/intel/nested.c "inv_entry.addr + nrpages_to_size(inv_entry.npages) - 1"

    Scenario Outline: at <addr> with flags <flags>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then the guest invalidates in B, refused with EINVAL after 0 entries:
        | addr <addr> | npages 0 | flags <flags> |

      Examples:
        | addr   | flags |
        | 0x0    | 0     |
        | 0x1000 | 0     |
        | 0x1000 | LEAF  |

  @rule:VTDN-INV-11 @kind:hardened @profile:vtd-mainline
  Rule: A range that ends beyond the last address does not begin again at the first

    Source: Linux at 3daee2e4b356, drivers/iommu/intel/nested.c "inv_entry.addr + nrpages_to_size(inv_entry.npages) - 1"

    Scenario Outline: <npages> pages at <addr>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then the guest invalidates in B, refused with EINVAL after 0 entries:
        | addr <addr> | npages <npages> |

      Examples:
        | addr                  | npages                |
        | 0x1000                | 0x10_0000_0000_0000   |
        | 0x0                   | 0x10_0000_0000_0001   |
        | 0x0                   | 0xffff_ffff_ffff_fffe |
        | 0xffff_ffff_ffff_f000 | 2                     |

    Example: as many pages as there are addresses
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the guest of A unmaps 0x1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x0 | npages 0x10_0000_0000_0000 |
      Then d1 reading 0x1000 faults
