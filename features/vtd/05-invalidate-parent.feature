@area:invalidate @needs:iommu @needs:nesting
Feature: What is forgotten of a second stage, and of those that stand on it

  @rule:VTDN-INV-08 @kind:observed @profile:vtd-mainline
  Rule: A range is widened to the smallest aligned power of two that covers it, and to everything beyond what hardware can be told

    Source: Linux at bcbef1e4a626, drivers/iommu/intel/cache.c "PSI masks the low order bits of the base address"

    Scenario Outline: <npages> pages of a guest at <addr>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then invalidating "addr <addr>, npages <npages>" in B gives the commands "p_iotlb_inv page did 0x2 pasid 0x0 <pages>, inv_wait"

      Examples:
        | addr      | npages | pages                 |
        | 0x3000    | 1      | address 0x3000 am 0x0 |
        | 0x2000    | 2      | address 0x2000 am 0x1 |
        | 0x1000    | 2      | address 0x0 am 0x2    |
        | 0x3000    | 2      | address 0x0 am 0x3    |
        | 0x3000    | 3      | address 0x0 am 0x3    |
        | 0x1000    | 511    | address 0x0 am 0x9    |
        | 0x0       | 512    | address 0x0 am 0x9    |
        | 0x1000    | 512    | address 0x0 am 0xa    |
        | 0x1f_f000 | 2      | address 0x0 am 0xa    |

    Scenario Outline: <size> of a second stage at <iova>
      Given a dirty-tracked domain A for d1
      And the driver maps <size> at <iova> in A to PA 0x1_0000_0000, read-write
      And the driver attaches d1 to A
      Then unmapping <size> at <iova> in A gives among others the commands "iotlb_inv <scope>"

      Examples:
        | size  | iova        | scope                                    |
        | 4 KiB | 0x1000      | page did 0x2 address 0x1000 am 0x0       |
        | 8 KiB | 0x3000      | page did 0x2 address 0x0 am 0x3          |
        | 1 GiB | 0x4000_0000 | page did 0x2 address 0x4000_0000 am 0x12 |
        | 2 GiB | 0x8000_0000 | domain did 0x2                           |

    Example: a page of a second stage where hardware is not told of pages
      Given IOMMU 0 has no PSI
      And a dirty-tracked domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      Then unmapping 4 KiB at 0x1000 in A gives among others the commands "iotlb_inv domain did 0x2"

    Example: the last page of the range is covered
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x4000 to GPA 0x20_1000 in its tables at GPA 0x10_0000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x4000
      And the guest of A unmaps 0x4000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x3000 | npages 2 |
      Then d1 reading 0x4000 faults

  @rule:VTDN-INV-13 @kind:observed @profile:vtd-mainline
  Rule: What is unmapped in a parent is forgotten under the domain-ids of those that stand on it, and by their devices altogether

    Source: Linux at bcbef1e4a626, drivers/iommu/intel/cache.c "affected by a change in S2. So just flush the entire"

    Example: a page of the guest's data
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver unmaps 4 KiB at 0x20_0000 in A
      Then d1 reading 0x1000 faults with cause 0x79

    Example: a page of the guest's tables
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver unmaps 4 KiB at 0x10_3000 in A
      Then d1 reading 0x1000 faults

    @needs:ats
    Example: a device that keeps translations
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver unmaps 4 KiB at 0x20_0000 in A
      Then d1 reading 0x1000 faults

    @needs:ats
    Example: what is given for it
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then unmapping 4 KiB at 0x20_0000 in A gives among others the commands "iotlb_inv page did 0x2 address 0x20_0000 then dev_tlb_inv sid 0x1 qdep 0x0 address 0x7fff_ffff_ffff_f000 size"

    Example: two that stand on it
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d2 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to C
      Then unmapping 4 KiB at 0x20_0000 in A gives among others the commands "iotlb_inv page did 0x2, iotlb_inv page did 0x3"

  @rule:VTDN-INV-14 @kind:observed @profile:vtd-mainline
  Rule: A parent's caches and a nested domain's are told apart, and each is told of as long as one of its users is left

    Source: Linux at 0a3f6b346301, drivers/iommu/intel/cache.c "if (--tag->users == 0)"

    Example: one of two devices has left
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to B
      And the driver detaches d1 from B
      And d2 reads 0x1000
      And the guest of A unmaps 0x1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B:
        | addr 0x1000 | npages 1 | flags LEAF |
      Then d2 reading 0x1000 faults

    Example: and the parent is told of it
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to B
      And the driver detaches d1 from B
      And d2 reads 0x1000
      When the driver unmaps 4 KiB at 0x20_0000 in A
      Then d2 reading 0x1000 faults

    Example: what a guest changed is no affair of its parent's
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d2 to A
      And the driver attaches d1 to B
      Then invalidating "addr 0x1000, npages 1" in B gives the commands "p_iotlb_inv page did 0x3 pasid 0x0 address 0x1000 am 0x0, inv_wait"

    Example: what a parent changed is
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d2 to A
      And the driver attaches d1 to B
      Then unmapping 4 KiB at 0x20_0000 in A gives among others the commands "iotlb_inv page did 0x2, iotlb_inv page did 0x3"
      And d2 reading 0x20_0000 faults
