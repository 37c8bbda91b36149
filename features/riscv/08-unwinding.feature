@area:unwinding @needs:iommu @needs:nesting
Feature: Allocations that fail half way

  @rule:RVN-UNW-01 @kind:hardened @profile:riscv-review
  Rule: A step that fails gives back exactly what the steps before it took

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "kfree(s1_domain); return ERR_PTR(-ENOMEM);"

    Scenario Outline: of a <kind>
      Then allocating <kind> A for d1 leaves no trace, whichever allocation fails

      Examples:
        | kind            |
        | domain          |
        | nest parent     |
        | identity domain |
        | blocked domain  |

    Example: of a nested domain
      Given a nest parent A for d1
      Then allocating nested domain B for d1 on A leaves no trace, whichever allocation fails

  @rule:RVN-UNW-02 @kind:hardened @profile:riscv-review
  Rule: Without a PSCID nothing is given back that was never taken

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "iommu_free_page(s1_domain->pgd_root);"

    Example: the parent goes on
      Given no PSCID is left
      And a nest parent A for d1 with a guest
      And the driver attaches d1 to A
      When allocating nested domain B for d1 on A is refused with ENOMEM
      Then d1 reading 0x20_0008 reaches PA 0x8000_0008
      And 0x20_0000 in A translates to PA 0x8000_0000

  @rule:RVN-UNW-03 @kind:hardened @profile:riscv-review
  Rule: Where hardware has no mode for a domain, ENODEV costs neither a domain nor a PSCID

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "cannot find supported page table mode"

    Example: the only PSCID is still there
      Given there are 2 IOMMUs
      And IOMMU 0 has no Sv57
      And IOMMU 0 has no Sv48
      And IOMMU 0 has no Sv39
      And d2 is behind IOMMU 1
      And of the PSCIDs only 1 is left
      When allocating domain A for d1 is refused with ENODEV
      Then allocating domain A for d2 is accepted

  @rule:RVN-UNW-04 @kind:hardened @profile:riscv-review
  Rule: Without a root the domain is given back

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "if (!riscv_domain->pgd_root) return ERR_PTR(-ENOMEM);"

    Scenario Outline: of a <kind>, while another has one
      Given a <kind> A for d1
      Then allocating <kind> B for d1 leaves no trace, whichever allocation fails

      Examples:
        | kind        |
        | domain      |
        | nest parent |

  @rule:RVN-UNW-05 @kind:hardened @profile:riscv-review
  Rule: Without a GSCID a nest parent keeps neither its root nor a PSCID

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "if (riscv_domain->gscid < 0)"

    Example: the only PSCID is still there
      Given of the PSCIDs only 1 is left
      And no GSCID is left
      When allocating nest parent A for d1 is refused with ENOMEM
      Then allocating domain A for d1 is accepted

  @rule:RVN-UNW-06 @kind:hardened @profile:riscv-review
  Rule: An identifier that was not given is noticed, and not used as a number

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "if (s1_domain->pscid < 0)"

    Example: no PSCID for a nested domain
      Given of the PSCIDs only 1 is left
      And a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When allocating nested domain C for d1 on A is refused with ENOMEM
      Then freeing B is accepted
      And allocating nested domain C for d1 on A is accepted

    Example: no GSCID for a nest parent
      Given of the GSCIDs only 1 is left
      And a nest parent A for d1
      When allocating nest parent B for d1 is refused with ENOMEM
      Then freeing A is accepted
      And allocating nest parent B for d1 is accepted
