@area:invalidate @needs:iommu @needs:paging
Feature: What is invalidated as long as a device is attached

  @rule:RVN-FLUSH-07 @kind:hardened @profile:riscv-review @profile:riscv-mainline
  Rule: An attach that cannot take a bond is refused with ENOMEM, and the device stays with its old domain and bond

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "if (riscv_iommu_bond_link(riscv_domain, dev)) return -ENOMEM;"

    @needs:replace
    Example: an unmapping in the old domain still reaches the caches
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      And the next allocation fails
      When the driver replaces the domain of d1 by B, refused with ENOMEM
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And unmapping 4 KiB at 0x1000 in A is accepted
      And d1 reading 0x1000 faults

    @needs:nesting @needs:replace
    Example: an unmapping in the parent of both
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the next allocation fails
      When the driver replaces the domain of d1 by C, refused with ENOMEM
      Then unmapping 4 KiB at 0x20_0000 in A is accepted
      And d1 reading 0x1000 faults with cause 21

    Example: a blocked device stays blocked
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And d2 reading 0x1000 faults with cause 258
      And the next allocation fails
      When the driver attaches d2 to A, refused with ENOMEM
      Then d2 reading 0x1000 faults with cause 258
      And freeing A is accepted

  @rule:RVN-FLUSH-08 @kind:spec @profile:riscv-review @needs:nesting
  Rule: An unmapping in a nest parent takes the guest's translations through it away, by IOTINVAL.GVMA

    Source: RISC-V IOMMU Architecture Specification 1.0, "Changing second-stage page table entry" "IOTINVAL.GVMA with GV=AV=1, GSCID=DC.iohgatp.GSCID, and ADDR[63:12]=G"

    Scenario Outline: a page of the guest's data, <access>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 <accesses> 0x1000
      When the driver unmaps 4 KiB at 0x20_0000 in A
      Then d1 <access> 0x1000 faults with cause <cause>

      Examples:
        | access  | accesses | cause |
        | reading | reads    | 21    |
        | writing | writes   | 23    |

    Example: one command for one page
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then unmapping 4 KiB at 0x20_0000 in A gives among others the commands "IOTINVAL.GVMA gscid 0x1 then IOFENCE.C"
      And unmapping 4 KiB at 0x20_1000 in A gives no command "IOTINVAL.VMA"

    Example: a page of the guest's tables
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver unmaps 4 KiB at 0x10_2000 in A
      Then d1 reading 0x2000 faults with cause 21

    Example: with a table of the second stage
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver unmaps 2 MiB at 0x20_0000 in A
      Then d1 reading 0x1000 faults with cause 21
