@area:mapping @needs:iommu @needs:paging
Feature: Mapping grants access, unmapping withdraws it

  @rule:COM-MAP-01 @kind:uapi
  Rule: A device reaches what is mapped in its domain, with the mapped permissions, and nothing else

    Source: Linux 6.12, include/linux/iommu.h "map a physically contiguous set of pages of the same size"

    Example: neighbours of a mapping are out of reach
      Given a domain A for d1
      And the driver attaches d1 to A
      When the driver maps 8 KiB at 0x2000 in A to PA 0x8000_0000, read-write
      Then d1 writing 0x2008 reaches PA 0x8000_0008
      And d1 reading 0x3ff8 reaches PA 0x8000_1ff8
      And d1 reading 0x1ff8 faults
      And d1 reading 0x4000 faults

    Scenario Outline: <prot> is what the device gets
      Given a domain A for d1
      And the driver attaches d1 to A
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, <prot>
      Then d1 reading 0x1000 <reading>
      And d1 writing 0x1000 <writing>

      Examples:
        | prot       | reading                | writing                |
        | read-only  | reaches PA 0x8000_0000 | faults                 |
        | read-write | reaches PA 0x8000_0000 | reaches PA 0x8000_0000 |

      @needs:hyp
      Examples: a permission that only some formats have
        | prot       | reading | writing                |
        | write-only | faults  | reaches PA 0x8000_0000 |

    Example: a mapping made before the attach is there after it
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then d1 writing 0x1000 reaches PA 0x8000_0000

  @rule:COM-MAP-02 @kind:uapi
  Rule: A mapping over an existing one is refused with EEXIST and changes nothing

    Source: Linux 6.12, include/uapi/linux/iommufd.h "existing IOVA cannot be replaced"

    Scenario Outline: overlap at the <where>
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 8 KiB at 0x2000 in A to PA 0x8000_0000, read-only
      When the driver maps <range> in A to PA 0x9000_0000, read-write, refused with EEXIST
      Then d1 reading 0x2000 reaches PA 0x8000_0000
      And d1 reading <beside> faults

      Examples:
        | where  | range            | beside |
        | start  | 8 KiB at 0x1000  | 0x1000 |
        | middle | 4 KiB at 0x2000  | 0x1000 |
        | end    | 16 KiB at 0x3000 | 0x4000 |

  @rule:COM-PHYS-01 @kind:uapi
  Rule: What iova_to_phys answers is what a device reaches

    Source: Linux 6.12, include/linux/iommu.h "translate iova to physical address"

    Example: inside, beside and after a mapping
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 8 KiB at 0x2000 in A to PA 0x8000_0000, read-only
      When the driver unmaps 4 KiB at 0x2000 in A
      Then 0x3010 in A translates to PA 0x8000_1010
      And d1 reading 0x3010 reaches PA 0x8000_1010
      And 0x2000 in A is not mapped
      And 0x4000 in A is not mapped

  @rule:COM-UNMAP-01 @kind:uapi
  Rule: After unmap answers, no device reaches the old page

    Source: Linux 6.12, include/linux/iommu.h "Flush all queued ranges from the hardware TLBs and empty flush queue"

    Example: a cached translation does not outlive its mapping
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 8 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And d1 writes 0x2008
      When the driver unmaps 4 KiB at 0x2000 in A
      Then d1 writing 0x2008 faults
      And d1 writing 0x1008 reaches PA 0x8000_0008

    Example: a page that is mapped anew is reached where it now is
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And d1 reads 0x1000
      And the driver unmaps 4 KiB at 0x1000 in A
      When the driver maps 4 KiB at 0x1000 in A to PA 0x9000_0000, read-write
      Then d1 reading 0x1000 reaches PA 0x9000_0000

    @heavy
    Example: a long range, to its last page
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 520 KiB at 0x10_0000 in A to PA 0x8000_0000, read-write
      And d1 reads 0x14_0000
      And d1 reads 0x18_1000
      When the driver unmaps 520 KiB at 0x10_0000 in A
      Then d1 reading 0x14_0000 faults
      And d1 reading 0x18_1000 faults

    Example: every device of the domain is cut off
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver attaches d2 to A
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And d1 reads 0x1000
      And d2 reads 0x1000
      When the driver unmaps 4 KiB at 0x1000 in A
      Then d1 reading 0x1000 faults
      And d2 reading 0x1000 faults

    Example: what was cached while attached is not there after an unmap while detached
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      And the driver detaches d1 from A
      And the driver unmaps 4 KiB at 0x1000 in A
      When the driver attaches d1 to A
      Then d1 reading 0x1000 faults
