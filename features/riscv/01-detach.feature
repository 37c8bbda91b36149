@area:detach @needs:iommu @needs:paging @needs:nesting
Feature: A detached device keeps nothing of its domain

  @rule:RVN-DET-01 @kind:review @profile:riscv-review
  Rule: When a device is detached the driver drops every reference to the domain at once

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "the driver must drop all references to it immediately"

    Example: the domain is freed and the device goes on without it
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver detaches d1 from B
      Then freeing B is accepted
      And attaching d1 to A is accepted
      And d1 reading 0x20_0008 reaches PA 0x8000_0008

  @rule:RVN-DET-02 @kind:patch @profile:riscv-review
  Rule: After the last device is detached the domain is freed, with no bond left in it

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "riscv_iommu_bond_unlink(info->domain, dev);"

    Example: not before the last
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver attaches d2 to B
      When the driver detaches d1 from B
      Then freeing B is refused with EBUSY
      And detaching d2 from B is accepted
      And freeing B is accepted

    @needs:replace
    Example: a device that was replaced into another domain
      Given a nest parent A for d1
      And a domain B for d1
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B
      Then freeing A is accepted

  @rule:RVN-DET-03 @kind:patch @profile:riscv-review
  Rule: A blocked device has a device context that is not valid, and its requests fault with cause 258

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "riscv_iommu_iodir_update(iommu, dev, RISCV_IOMMU_FSC_BARE, 0, 0);"

    Example: after a detach
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 writes 0x1000
      When the driver detaches d1 from B
      Then the device context of d1 has tc.V 0
      And d1 reading 0x1000 faults with cause 258
      And d1 writing 0x1000 faults with cause 258

    @needs:replace @needs:blocked
    Example: in a blocked domain
      Given a nest parent A for d1 with a guest
      And a blocked domain B for d1
      And the driver attaches d1 to A
      And d1 writes 0x20_0000
      When the driver replaces the domain of d1 by B
      Then the device context of d1 has tc.V 0
      And d1 reading 0x20_0000 faults with cause 258
      And d1 writing 0x8000_0000 faults with cause 258

  @rule:RVN-DET-04 @kind:patch @profile:riscv-review
  Rule: Attaching to the blocked domain takes nothing that could run out, and is accepted, also twice

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "static int riscv_iommu_attach_blocking_domain(struct iommu_domain *iommu_domain,"

    @needs:replace @needs:blocked
    Example: from another domain
      Given a nest parent A for d1
      And a blocked domain B for d1
      And the driver attaches d1 to A
      Then replacing the domain of d1 by B allocates structures never
      And replacing the domain of d1 by B allocates pages never

    @needs:replace @needs:blocked
    Example: where nothing can be allocated
      Given a nest parent A for d1
      And a blocked domain B for d1
      And the driver attaches d1 to A
      And the next allocation fails
      When the driver replaces the domain of d1 by B
      Then d1 reading 0x0 faults with cause 258

    @needs:blocked
    Example: two devices of one blocked domain
      Given a blocked domain A for d1
      And the driver attaches d1 to A
      When the driver attaches d2 to A
      Then detaching d1 from A is accepted
      And freeing A is refused with EBUSY

  @rule:RVN-DET-05 @kind:review @profile:riscv-review
  Rule: What the user said of a nested domain is kept in that domain, and not with the device

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Nope, whatever is going on here, this can't be correct."

    Example: a second domain is allocated for the device before the first is attached
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x1000 to GPA 0x20_1000 in its tables at GPA 0x10_4000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x10_4000
      When the driver attaches d1 to B
      Then the device context of d1 has iosatp.PPN 0x100
      And d1 reading 0x1000 reaches PA 0x8000_0000

    Example: a domain that another device was the reason for
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x1000 to GPA 0x20_1000 in its tables at GPA 0x10_4000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d2 on A with its tables at GPA 0x10_4000
      When the driver attaches d1 to C
      And the driver attaches d2 to B
      Then d1 reading 0x1000 reaches PA 0x8000_1000
      And d2 reading 0x1000 reaches PA 0x8000_0000

  @rule:RVN-DET-06 @kind:patch @profile:riscv-review
  Rule: A device that was blocked is attached anew with the values of its new domain alone

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "which is used when attaching device into s1 domain"

    Example: from one nested domain through blocking to another
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x1000 to GPA 0x20_1000 in its tables at GPA 0x10_4000
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x10_4000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the driver detaches d1 from B
      When the driver attaches d1 to C
      Then the device context of d1 has iosatp.PPN 0x104
      And d1 reading 0x1000 reaches PA 0x8000_1000

    Example: from a nested domain through blocking to its parent
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver detaches d1 from B
      When the driver attaches d1 to A
      Then the device context of d1 has iosatp.MODE Bare
      And the device context of d1 has ta.PSCID 0
      And d1 reading 0x20_0000 reaches PA 0x8000_0000

  @rule:RVN-DET-07 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: A released device ends blocked, with a device context that is not valid

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c ".release_domain = &riscv_iommu_blocking_domain"

    Example: released from its domain
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 writes 0x1000
      And the driver detaches d1 from A
      When the driver releases d1
      Then the device context of d1 has tc.V 0
      And d1 writing 0x1000 faults with cause 258

    Example: released while it is attached
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 writes 0x1000
      When the driver releases d1
      Then the device context of d1 has tc.V 0
      And d1 writing 0x1000 faults with cause 258
