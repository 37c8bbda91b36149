@area:attach @needs:iommu @needs:paging
Feature: A device has one domain, and no translation but its own

  @rule:COM-ATT-01 @kind:patch
  Rule: Devices attached to one domain share its page tables

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "allows to share the same page tables between multiple devices"

    Example: one mapping serves both devices
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver attaches d2 to A
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 writing 0x1000 reaches PA 0x8000_0000
      And d2 writing 0x1000 reaches PA 0x8000_0000

    Example: devices of different domains do not see each other's mappings
      Given a domain A for d1
      And a domain B for d2
      And the driver attaches d1 to A
      And the driver attaches d2 to B
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And d2 reading 0x1000 faults

  @rule:COM-ATT-02 @kind:uapi
  Rule: A device in one domain is not attached to another

    Source: Linux 6.12, include/linux/iommu.h "device is attached to a domain and cannot be changed"

    Example: the second attach is refused and the first domain still translates
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only
      And the driver attaches d1 to A
      When the driver attaches d1 to B, refused with EBUSY
      Then d1 reading 0x1010 reaches PA 0x8000_0010

  @rule:COM-DET-01 @kind:review
  Rule: A detached device is blocked, and nothing it had cached serves it

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Once a domain is detached the driver must drop all references"

    Example: no access after detach
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 writes 0x1000
      When the driver detaches d1 from A
      Then d1 writing 0x1000 faults

    Example: the domain goes on serving its other devices
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And the driver attaches d2 to A
      When the driver detaches d1 from A
      Then d1 reading 0x1000 faults
      And d2 reading 0x1000 reaches PA 0x8000_0000

    Example: a new domain is not mixed with the old one
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 writes 0x1000
      And the driver detaches d1 from A
      When the driver attaches d1 to B
      Then d1 writing 0x1000 faults

  @rule:COM-FREE-01 @kind:uapi
  Rule: A domain with a device is not freed

    Source: Linux 6.12, include/linux/iommu.h "Release the domain after use"

    Example: free is refused and the device still translates
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      When the driver frees A, refused with EBUSY
      Then d1 reading 0x1000 reaches PA 0x8000_0000

    Example: after the detach it is freed
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver detaches d1 from A
      When the driver frees A
      Then attaching d1 to A is refused with ENOENT

  @rule:COM-UNW-01 @kind:review
  Rule: A call that runs out of something leaves nothing behind

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "so you don't have to undo what prior functions did"

    Example: whichever allocation of a new domain fails
      Then allocating domain A for d1 leaves no trace, whichever allocation fails

    Example: whichever allocation of a mapping fails
      Given a domain A for d1
      And the driver attaches d1 to A
      Then mapping 8 KiB at 0x1f_f000 in A to PA 0x8000_0000, read-write leaves no trace, whichever allocation fails

  @rule:COM-RACE-01 @kind:patch
  Rule: Calls that may come at once are each carried out

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "Serialize access to domains and IOMMU driver internal structures"

    A caller attaches, detaches and frees under the lock of a device's group; it maps and unmaps as it likes in ranges that do not overlap.

    Example: two devices, two domains
      Given a domain A for d1
      And a domain B for d2
      Then of attaching d1 to A and attaching d2 to B at once, both succeed

    Example: two devices, one domain
      Given a domain A for d1
      Then of attaching d1 to A and attaching d2 to A at once, both succeed

    Example: two mappings that need the same table
      Given a domain A for d1
      And the driver attaches d1 to A
      Then of mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write and mapping 4 KiB at 0x2000 in A to PA 0x9000_0000, read-write at once, both succeed

    Example: an unmapping beside a mapping
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then of unmapping 4 KiB at 0x1000 in A and mapping 4 KiB at 0x2000 in A to PA 0x9000_0000, read-write at once, both succeed
