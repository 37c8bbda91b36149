@area:nesting @needs:iommu @needs:paging @needs:nesting
Feature: What a nested domain is made of

  @rule:RVN-NST-01 @kind:review @profile:riscv-review
  Rule: A nested domain takes no memory for tables

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "The kernel doesn't do any memory allocation for nested domains"

    Example: when it is allocated
      Given a nest parent A for d1
      Then allocating nested domain B for d1 on A allocates pages never

    Example: when a device is attached
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d1 to B allocates pages never
      And d1 reading 0x1000 reaches PA 0x8000_0000

  @rule:RVN-NST-02 @kind:review @profile:riscv-review
  Rule: A nested domain has no page sizes, and nothing is mapped in it

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "nested domains don't support paging/map"

    Example: it says so
      Given a nest parent A for d1 with a guest
      When a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then B has no page sizes
      And B has no operation map
      And B has no operation unmap
      And B has no operation iovaToPhys

    Example: it does so
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver maps 4 KiB at 0x4000 in B to PA 0x9000_0000, read-write, refused
      Then unmapping 4 KiB at 0x1000 in B is refused
      And d1 reading 0x4000 faults
      And d1 reading 0x1000 reaches PA 0x8000_0000

  @rule:RVN-NST-03 @kind:review @profile:riscv-review
  Rule: A nested domain has no aperture

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "this. Don't set it."

    Example: it says so
      Given a nest parent A for d1
      When a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then B has no aperture

  @rule:RVN-NST-04 @kind:review @profile:riscv-review
  Rule: How wide a first stage can be is not looked at when a nested domain is allocated

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Will remove the confusing va_bit stuff"

    Scenario Outline: <hardware>
      Given IOMMU 0 has no Sv57
      And IOMMU 0 has no Sv48
      And IOMMU 0 has no <last>
      And a nest parent A for d1 with a guest
      When a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then d1 reading 0x1000 <reach>

      Examples:
        | hardware              | last | reach                  |
        | the narrowest         | Sv48 | reaches PA 0x8000_0000 |
        | no first stage at all | Sv39 | faults with cause 259  |

  @rule:RVN-NST-05 @kind:patch @profile:riscv-review
  Rule: A nested domain is of the type nested, and has operations of its own

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "s1_domain->domain.type = IOMMU_DOMAIN_NESTED;"

    Example: beside its parent
      Given a nest parent A for d1
      When a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then B has the type nested
      And A has the type paging
      And B has no operation map

  @rule:RVN-NST-06 @kind:review @profile:riscv-review
  Rule: A nested domain is freed as others are, and gives its PSCID back

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Doesn't the driver already have this function?"

    Example: the last PSCID serves one after another
      Given of the PSCIDs only 5 is left
      And a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver frees B
      Then allocating nested domain C for d1 on A is accepted
      And freeing C is accepted
      And allocating domain D for d1 is accepted

  @rule:RVN-NST-07 @kind:patch @profile:riscv-review
  Rule: A nest parent is not freed while a nested domain stands on it

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "s1_domain->s2 = s2_domain;"

    Example: without a device
      Given a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver frees A, refused with EBUSY
      Then freeing B is accepted
      And freeing A is accepted

    Example: with a device
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver frees A, refused with EBUSY
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And detaching d1 from B is accepted
      And freeing A is refused with EBUSY

    Example: the last of two
      Given a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x10_0000
      And the driver frees B
      When the driver frees A, refused with EBUSY
      Then freeing C is accepted
      And freeing A is accepted

  @rule:RVN-NST-08 @kind:review @profile:riscv-review
  Rule: A nested domain stays as it was allocated, whatever the user does to the memory that it was made from

    Source: Jason Gunthorpe, "Re: [RFC PATCH v2 07/10] iommu/riscv: support nested iommu for creating domains owned by userspace", 19 Jun 2024 "The kernel can't change the nested domain"

    Example: overwritten before the attach
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the user overwrites what B was made from
      When the driver attaches d1 to B
      Then the device context of d1 has iosatp.PPN 0x100
      And d1 reading 0x1000 reaches PA 0x8000_0000

    Example: overwritten between two attaches
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the user overwrites what B was made from
      When the driver attaches d2 to B
      Then d2 reading 0x1000 reaches PA 0x8000_0000
      And d1 reading 0x1000 reaches PA 0x8000_0000
      And attaching d3 to B reads user memory never
