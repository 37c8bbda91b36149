@area:mapping
Feature: Mapping grants access, unmapping withdraws it

  @rule:COM-MAP-01 @kind:uapi
  Rule: A mapping over an existing one is refused and changes nothing

    Source: Sample interface guide, 2024-05-01 "an existing mapping is never replaced"

    Scenario Outline: overlap at the <where>
      Given a domain A for d1
      When the driver maps <range> in A
      Then the call is refused with EEXIST

      Examples:
        | where | range           |
        | start | 8 KiB at 0x1000 |
        | end   | 8 KiB at 0x3000 |

  @rule:COM-UNMAP-01 @rule:COM-UNMAP-02 @kind:spec
  Rule: After unmap returns, no device reaches the old page

    Source: Sample architecture manual, revision B, 2023-11-20 "'completed invalidation' & <no later use>"

    Example: a cached translation does not outlive its mapping
      Given a domain A for d1
      And d1 has read 0x1000 in A
      When the driver unmaps 4 KiB at 0x1000 in A
      Then d1 reading 0x1000 faults

    @needs:pasid
    Example: nor does one that was cached for a PASID
      Given a domain A for PASID 1 of d1
      And PASID 1 of d1 has read 0x1000 in A
      When the driver unmaps 4 KiB at 0x1000 in A
      Then PASID 1 of d1 reading 0x1000 faults
