@area:dirty @needs:iommu @needs:nesting @needs:dirty-tracking
Feature: Which pages were written to

  @rule:VTDN-DIRTY-01 @kind:observed @profile:vtd-mainline
  Rule: Tracking is switched in every entry that leads to the second stage, or in none

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "ret = parent_domain_set_dirty_tracking(dmar_domain, enable);"

    Scenario Outline: the driver <switches> it
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to A
      And the driver <before> dirty tracking in A
      When the driver <switches> dirty tracking in A
      Then the device context of d1 has pasid.SSADE <flag>
      And the device context of d2 has pasid.SSADE <flag>

      Examples:
        | before | switches | flag |
        | stops  | starts   | 1    |
        | starts | starts   | 1    |
        | starts | stops    | 0    |
        | stops  | stops    | 0    |

    Example: on two that stand on it
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d2 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to C
      When the driver starts dirty tracking in A
      Then the device context of d1 has pasid.SSADE 1
      And the device context of d2 has pasid.SSADE 1

    Scenario Outline: <act>, where hardware does not answer for one of two
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to A
      And the driver <before> dirty tracking in A
      Then <act> dirty tracking in A leaves no trace, whichever wait times out

      Examples:
        | act      | before |
        | starting | stops  |
        | stopping | starts |

    Scenario Outline: in a <kind> there is none
      Given a <kind> A for d1
      And the driver attaches d1 to A
      When the driver starts dirty tracking in A, refused with EOPNOTSUPP
      Then the device context of d1 has pasid.SSADE 0

      Examples:
        | kind            |
        | domain          |
        | nest parent     |
        | identity domain |

    Example: in a nested domain there is none of its own
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver starts dirty tracking in B, refused with EOPNOTSUPP
      Then the device context of d1 has pasid.SSADE 0

  @rule:VTDN-DIRTY-02 @kind:observed @profile:vtd-mainline
  Rule: An entry that leads to a second stage with tracking has it from the beginning

    Source: Yi Liu, "[PATCH 09/10] iommu/vt-d: Set SSADE when attaching to a parent with dirty tracking", 19 February 2024 "if its parent has already enabled dirty tracking"

    Example: through a guest's first stage
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver starts dirty tracking in A
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.PGTT nested
      And the device context of d1 has pasid.SSADE 1

    Example: the page that the guest's page is at
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver starts dirty tracking in A
      And the driver attaches d1 to B
      When d1 writes 0x1000
      Then the dirty pages of 64 KiB at 0x20_0000 in A are 0x20_0000

    Example: the second stage alone
      Given a dirty-tracked domain A for d1
      And the driver maps 8 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver starts dirty tracking in A
      And the driver attaches d1 to A
      When d1 writes 0x2000
      Then the dirty pages of 64 KiB at 0x0 in A are 0x2000

    Example: without tracking it has not
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.SSADE 0

  @rule:VTDN-DIRTY-03 @kind:observed @profile:vtd-mainline
  Rule: When tracking was switched, hardware has forgotten the entries and what they led to

    Source: Linux at f35f22cc760e, drivers/iommu/intel/pasid.c "PASID-selective-within-Domain PASID-cache invalidation"

    Scenario Outline: <act>
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver <before> dirty tracking in A
      Then <act> dirty tracking in A gives among others the commands "pc_inv pasid did 0x2 pasid 0x0 then iotlb_inv domain did 0x2"

      Examples:
        | act      | before |
        | starting | stops  |
        | stopping | starts |

    @needs:ats
    Example: a device that keeps translations is told last
      Given d1 keeps translations of its own
      And a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then starting dirty tracking in A gives among others the commands "pc_inv pasid did 0x2 pasid 0x0 then iotlb_inv domain did 0x2 then dev_tlb_inv sid 0x1"

    Scenario Outline: a page that <what> before is noted
      Given a dirty-tracked domain A for d1
      And the driver maps 8 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 <access> 0x2000
      When the driver starts dirty tracking in A
      Then d1 writing 0x2008 reaches PA 0x8000_1008
      And the dirty pages of 64 KiB at 0x0 in A are 0x2000

      Examples:
        | what        | access |
        | was read    | reads  |
        | was written | writes |

  @rule:VTDN-DIRTY-04 @kind:observed @profile:vtd-mainline
  Rule: Pages of the range that were written to are told, and forgotten unless they are to stay

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "if (dma_sl_pte_test_and_clear_dirty(pte, flags))"

    Example: once, and again after the next write
      Given a dirty-tracked domain A for d1
      And the driver maps 16 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And the driver starts dirty tracking in A
      And d1 writes 0x3000
      And the dirty pages of 64 KiB at 0x0 in A are 0x3000
      And the dirty pages of 64 KiB at 0x0 in A are none
      When d1 writes 0x3000
      Then the dirty pages of 64 KiB at 0x0 in A are 0x3000

    Example: until they are not to stay any more
      Given a dirty-tracked domain A for d1
      And the driver maps 16 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And the driver starts dirty tracking in A
      When d1 writes 0x3000
      Then the dirty pages of 64 KiB at 0x0 in A are 0x3000, and stay so
      And the dirty pages of 64 KiB at 0x0 in A are 0x3000
      And the dirty pages of 64 KiB at 0x0 in A are none

    Example: those beyond the range are left
      Given a dirty-tracked domain A for d1
      And the driver maps 16 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And the driver starts dirty tracking in A
      And d1 writes 0x1000
      When d1 writes 0x3000
      Then the dirty pages of 8 KiB at 0x1000 in A are 0x1000
      And the dirty pages of 8 KiB at 0x3000 in A are 0x3000

    Example: of a large page, those of the range
      Given a dirty-tracked domain A for d1
      And the driver maps 2 MiB at 0x20_0000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And the driver starts dirty tracking in A
      When d1 writes 0x20_5000
      Then the dirty pages of 8 KiB at 0x20_0000 in A are 0x20_0000, 0x20_1000

    Example: a page that was read is not dirty
      Given a dirty-tracked domain A for d1
      And the driver maps 16 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And the driver starts dirty tracking in A
      When d1 reads 0x1000
      Then the dirty pages of 64 KiB at 0x0 in A are none

    Example: when tracking has stopped, what was noted is still told
      Given a dirty-tracked domain A for d1
      And the driver maps 16 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And the driver starts dirty tracking in A
      And d1 writes 0x1000
      And the driver stops dirty tracking in A
      When d1 writes 0x2000
      Then the dirty pages of 64 KiB at 0x0 in A are 0x1000

    Example: hardware is told what was cleared
      Given a dirty-tracked nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver starts dirty tracking in A
      And d1 writes 0x1000
      And the dirty pages of 64 KiB at 0x20_0000 in A are 0x20_0000
      When d1 writes 0x1000
      Then the dirty pages of 64 KiB at 0x20_0000 in A are 0x20_0000
