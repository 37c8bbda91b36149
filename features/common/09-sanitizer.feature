@area:sanitizer @needs:iommu @needs:paging
Feature: What no scenario has to say

  The sanitizer holds every driver to these rules in every scenario of every feature. The scenarios here are short ways to meet them.

  @rule:SAN-DANGLING @kind:review
  Rule: Nothing that the hardware or its caches can get to lies in a page that was given back

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Once a domain is detached the driver must drop all references"

    Example: the tables of a domain that is in use stay
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      When the driver frees A, refused
      Then d1 reading 0x1000 reaches PA 0x8000_0000

    Example: the tables of a domain that was in use go when nothing leads there
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      And the driver detaches d1 from A
      When the driver frees A
      Then d1 reading 0x1000 faults

  @rule:SAN-ISOLATION @kind:review
  Rule: A device reaches what its domain grants, during a change what the old or the new one grants, and nothing else

    Source: Will Deacon, "Re: [RFC PATCH 1/3] iommu: introduce IOMMU_DOMAIN_HYP domain type", 1 Jul 2014 "isolation of the DMA to the physical range assigned"

    Example: a mapping ends where it was asked to end
      Given a domain A for d1
      And the driver attaches d1 to A
      When the driver maps 8 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 writing 0x2ff8 reaches PA 0x8000_1ff8
      And d1 writing 0x3000 faults

    Example: a device goes from one domain to another
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver maps 4 KiB at 0x2000 in B to PA 0x9000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      When the driver detaches d1 from A
      And the driver attaches d1 to B
      Then d1 reading 0x1000 faults
      And d1 reading 0x2000 reaches PA 0x9000_0000

  @rule:SAN-STALENESS @kind:review
  Rule: When the call that promises it has answered, nothing is translated through what was removed

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "The cache tags should be in good shape before they are assigned"

    Example: a tag that is handed out again brings nothing with it
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      And the driver detaches d1 from A
      And the driver frees A
      And a domain B for d1
      When the driver attaches d1 to B
      Then d1 reading 0x1000 faults

    Example: every page of a range that is unmapped
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 12 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And d1 reads 0x3000
      When the driver unmaps 12 KiB at 0x1000 in A
      Then d1 reading 0x3000 faults

    @needs:hyp
    Example: hardware that answers too late has what it had
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 12 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then unmapping 12 KiB at 0x1000 in A leaves no trace, whichever wait times out

    Example: a table that is put in place is seen with its own entries
      Given a domain A for d1
      And the driver attaches d1 to A
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And d1 reading 0x3_d000 faults

  @rule:SAN-HITLESS @kind:review @needs:hitless
  Rule: In a change that is declared hitless the hardware sees the old or the new configuration, and no mixture

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "changing from S2 to S2+S1 and back to be hitless"

    Example: one domain for another that maps the same
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver maps 4 KiB at 0x1000 in B to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      When replacing the domain of d1 by B is accepted
      Then d1 reading 0x1000 reaches PA 0x8000_0000

  @rule:SAN-BALANCE @kind:uapi
  Rule: What is taken is given back: a domain's when it is freed, a device's when it is released, the rest at the end

    Source: Linux 6.12, include/linux/iommu.h "Release the domain after use"

    Example: a domain with tables of its own
      Given a domain A for d1
      And the driver maps 8 KiB at 0x1f_f000 in A to PA 0x8000_0000, read-write
      When the driver unmaps 8 KiB at 0x1f_f000 in A
      And the driver frees A
      Then allocating domain A for d1 is accepted

    Example: a domain that is freed with mappings
      Given a domain A for d1
      And the driver maps 8 KiB at 0x1f_f000 in A to PA 0x8000_0000, read-write
      When the driver frees A
      Then allocating domain A for d1 is accepted

  @rule:SAN-LOCKING @kind:patch
  Rule: A structure that a lock protects is stored to under that lock

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "Serialize access to domains and IOMMU driver internal structures"

    Example: the device table
      Given a domain A for d1
      When the driver attaches d1 to A
      And the driver detaches d1 from A
      Then d1 reading 0x1000 faults

  @rule:SAN-ALL-OR-NOTHING @kind:review
  Rule: A call that is refused has changed nothing that a device or a later call can tell

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "so you don't have to undo what prior functions did"

    Example: a mapping that runs out of table pages half way
      Given a domain A for d1
      And the driver attaches d1 to A
      Then mapping 8 KiB at 0x1f_f000 in A to PA 0x8000_0000, read-write leaves no trace, whichever allocation fails

    Example: a mapping over another
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 4 KiB at 0x2000 in A to PA 0x8000_0000, read-only
      When the driver maps 8 KiB at 0x1000 in A to PA 0x9000_0000, read-write, refused with EEXIST
      Then d1 reading 0x1000 faults

    @needs:hyp
    Example: an unmapping that the hardware answers too late
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only
      And the driver attaches d1 to A
      Then unmapping 4 KiB at 0x1000 in A leaves no trace, whichever wait times out

    @needs:hyp
    Example: a mapping whose last page is beyond the memory that the host has
      Given a domain A for d1
      And the driver attaches d1 to A
      When the driver maps 8 KiB at 0x1000 in A to PA 0x10_7fff_f000, read-write, refused
      Then d1 reading 0x1000 faults

  @rule:SAN-ATTENTION @kind:spec
  Rule: What the hardware reports of a driver's commands is looked at

    Source: Arm IHI 0070, "Command queue errors" "Commands newer than the erroneous command have no effect"

    Example: a domain's life leaves no report behind
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      When the driver unmaps 4 KiB at 0x1000 in A
      And the driver detaches d1 from A
      Then freeing A is accepted
