@area:alloc @needs:iommu @needs:nesting
Feature: Allocating nested domains

  @rule:RVN-ALLOC-09 @kind:patch @profile:riscv-review
  Rule: Data of another type is refused with EOPNOTSUPP

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "if (user_data->type != IOMMU_HWPT_DATA_RISCV_IOMMU)"

    Scenario Outline: <what>
      Given a nest parent A for d1
      When the driver allocates nested domain B for d1 on A, refused with EOPNOTSUPP, from:
        | (type) | <type> |
      Then allocating nested domain B for d1 on A is accepted

      Examples:
        | what         | type        |
        | none         | 0           |
        | Intel's      | 1           |
        | Arm's        | 2           |
        | no one's yet | 0xffff_ffff |

  @rule:RVN-ALLOC-10 @kind:patch @profile:riscv-review
  Rule: A parent without a page table of the host's is refused with EINVAL

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "if (parent->type != IOMMU_DOMAIN_UNMANAGED)"

    Scenario Outline: <which> parent
      Given <which> domain A for d1
      Then allocating nested domain B for d1 on A is refused with EINVAL

      Examples:
        | which       |
        | an identity |
        | a blocked   |

    Example: a nested parent
      Given a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then allocating nested domain C for d1 on B is refused with EINVAL

    Example: no parent
      Then allocating nested domain B for d1 on A is refused with EINVAL

  @rule:RVN-ALLOC-11 @kind:hardened @profile:riscv-review
  Rule: A parent that is no nest parent, or that the IOMMU of the device cannot use, is refused with EINVAL

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "if (parent->type != IOMMU_DOMAIN_UNMANAGED)"

    Example: a first stage as parent
      Given a domain A for d1
      Then allocating nested domain B for d1 on A is refused with EINVAL

    Example: a second stage that the other IOMMU does not have
      Given there are 2 IOMMUs
      And IOMMU 1 has no Sv57x4
      And d2 is behind IOMMU 1
      And a nest parent A for d1
      Then allocating nested domain B for d2 on A is refused with EINVAL
      And allocating nested domain C for d1 on A is accepted

  @rule:RVN-ALLOC-12 @kind:patch @profile:riscv-review
  Rule: The type of the data comes first, then the parent, then the copy

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "return ERR_PTR(-EOPNOTSUPP); if (parent->type != IOMMU_DOMAIN_UNMANAGED)"

    Scenario Outline: <what>
      Given a nest parent A for d1
      And an identity domain C for d1
      Then the driver allocates nested domain B for d1 on <parent>, refused with <errno>, from:
        | <first>  | 1  |
        | <second> | 31 |

      Examples:
        | what                           | parent | first     | second    | errno      |
        | type and parent                | C      | (type)    | (type)    | EOPNOTSUPP |
        | type and address               | A      | (type)    | (address) | EOPNOTSUPP |
        | parent and address             | C      | (address) | (address) | EINVAL     |
        | type, with parent and address  | C      | (type)    | (address) | EOPNOTSUPP |
        | length and address, fit parent | A      | (address) | (length)  | EINVAL     |
        | nothing but the address        | A      | (address) | (address) | EFAULT     |

  @rule:RVN-ALLOC-13 @kind:patch @profile:riscv-review
  Rule: An error of the copy is the answer: EINVAL for a length that cannot be, EFAULT for an address that cannot be read

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "if (ret) return ERR_PTR(ret);"

    Scenario Outline: <field> <value>
      Given a nest parent A for d1
      When the driver allocates nested domain B for d1 on A, refused with <errno>, from:
        | <field> | <value> |
      Then allocating nested domain B for d1 on A is accepted

      Examples:
        | field     | value | errno  |
        | (length)  | 8     | EINVAL |
        | (length)  | 4096  | EINVAL |
        | (address) | bad   | EFAULT |

  @rule:RVN-ALLOC-14 @kind:patch @profile:riscv-review
  Rule: What runs out is answered with ENOMEM, identifiers as well as memory

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "return ERR_PTR(-ENOMEM);"

    Scenario Outline: no <space> for a <kind>
      Given no <space> is left
      Then allocating <kind> A for d1 is refused with ENOMEM

      Examples:
        | space | kind        |
        | PSCID | domain      |
        | GSCID | nest parent |

    Example: no PSCID for a nested domain
      Given no PSCID is left
      And a nest parent A for d1
      Then allocating nested domain B for d1 on A is refused with ENOMEM

  @rule:RVN-ALLOC-15 @kind:hardened @profile:riscv-review
  Rule: A context that cannot be read is EFAULT, not EINVAL, and costs no identifier

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "ret = riscv_iommu_get_dc_user(dev, &arg);"

    Example: the only PSCID is still there
      Given of the PSCIDs only 1 is left
      And a nest parent A for d1
      When the driver allocates nested domain B for d1 on A, refused with EFAULT, from:
        | (address) | bad |
      Then allocating nested domain B for d1 on A is accepted

  @rule:RVN-ALLOC-16 @kind:review
  Rule: There is no shadow page table in this interface

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "What is a shadow page table?"

    Excluded: the reviewer asks about a word of a comment, and no driver does anything by it
