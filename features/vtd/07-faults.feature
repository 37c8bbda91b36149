@area:faults @needs:iommu
Feature: What a driver tells of faults

  @rule:VTDN-FLT-01 @kind:observed @profile:vtd-mainline
  Rule: Each fault that was recorded is told with its reason, device, PASID and page, and what was lost is lost

    Source: Linux at c34e9ab9a612, drivers/iommu/intel/dmar.c "pasid_present ? pasid : IOMMU_PASID_INVALID,"

    Scenario Outline: where there is <part>, of a device that nobody attached
      Given IOMMU 0 has <part>
      And a domain A for d1
      When d1 writing 0x1008 faults
      Then the driver tells of the fault of d1 at 0x1000 with cause <cause>

      Examples:
        | part             | cause |
        | no PRS           | 0x59  |
        | no scalable mode | 0x2   |

    Example: of a page that is not mapped
      Given a domain A for d1
      And the driver attaches d1 to A
      When d1 reading 0x7f12_3456_7008 faults
      Then the driver tells of the fault of d1 at 0x7f12_3456_7000 with cause 0x71

    @needs:nesting
    Scenario Outline: of a guest whose <what> its parent does not map
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver unmaps 4 KiB at <gpa> in A
      When d1 reading 0x1008 faults
      Then the driver tells of the fault of d1 at 0x1000 with cause <cause>

      Examples:
        | what        | gpa       | cause |
        | first table | 0x10_0000 | 0x75  |
        | last table  | 0x10_3000 | 0x76  |

    @needs:pasid
    Example: of requests with a PASID
      Given d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1
      And the driver attaches d1 with PASID 77777 to A
      And d1 with PASID 77777 reading 0x1008 faults
      When d1 with PASID 100 reading 0x2008 faults
      Then the driver tells of the fault of d1 with PASID 77777 at 0x1000 with cause 0x71
      And the driver tells of the fault of d1 with PASID 100 at 0x2000 with cause 0x51

    Example: of several that were recorded before it was asked
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver attaches d2 to A
      And d1 reading 0x1008 faults
      And d2 reading 0x2008 faults
      When d1 reading 0x3008 faults
      Then the driver tells of the fault of d1 at 0x1000 with cause 0x71
      And the driver tells of the fault of d2 at 0x2000 with cause 0x71
      And the driver tells of the fault of d1 at 0x3000 with cause 0x71

    Example: of those after it was asked
      Given a domain A for d1
      And the driver attaches d1 to A
      And d1 reading 0x1000 faults
      And the driver tells of the fault of d1 at 0x1000 with cause 0x71
      When d1 reading 0x7000 faults
      Then the driver tells of the fault of d1 at 0x7000 with cause 0x71

    Example: of as many as there is room for
      Given a domain A for d1
      And d1 reading 0x1000 faults
      And d1 reading 0x2000 faults
      And d1 reading 0x3000 faults
      And d1 reading 0x4000 faults
      When d1 reading 0x5000 faults
      Then the driver tells of the fault of d1 at 0x4000 with cause 0x59

    Example: of those after some were lost
      Given a domain A for d1
      And d1 reading 0x1000 faults
      And d1 reading 0x2000 faults
      And d1 reading 0x3000 faults
      And d1 reading 0x4000 faults
      And d1 reading 0x5000 faults
      And the driver tells of the fault of d1 at 0x1000 with cause 0x59
      When d1 reading 0x7000 faults
      Then the driver tells of the fault of d1 at 0x7000 with cause 0x59

    Example: of a device behind another unit, under an id that the first has, too
      Given there are 2 IOMMUs
      And d2 is behind IOMMU 1
      And d2 has the ids 0x1
      And a domain A for d1
      When d2 reading 0x5008 faults
      Then the driver tells of the fault of d2 at 0x5000 with cause 0x59

    Example: of a device of two ids
      Given d1 has the ids 0x85, 0x1234
      And a domain A for d1
      And the driver attaches d1 to A
      When d1 reading 0x5008 faults
      Then the driver tells of the fault of d1 at 0x5000 with cause 0x71
