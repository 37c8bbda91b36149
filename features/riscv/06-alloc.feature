@area:alloc @needs:iommu @needs:paging
Feature: Allocating domains for user space

  @rule:RVN-ALLOC-01 @kind:review @profile:riscv-review @needs:nesting
  Rule: Flags are looked at before anything else, and before the parent

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "This if should be moved up to the top"

    Scenario Outline: <flags> with a parent, fit or not
      Given a nest parent A for d1
      And a domain C for d1
      Then allocating nested domain B for d1 on A with flags <flags> is refused with EOPNOTSUPP
      And allocating nested domain B for d1 on C with flags <flags> is refused with EOPNOTSUPP
      And allocating domain B for d1 on A with flags <flags> is refused with EOPNOTSUPP

      Examples:
        | flags       |
        | 0x2         |
        | 0x10        |
        | 0x8000_0000 |

  @rule:RVN-ALLOC-02 @kind:review @profile:riscv-review @needs:nesting
  Rule: Dirty tracking, which the driver does not have, is refused

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "this driver does not support diry_tracking, so don't test it"

    Scenario Outline: of a <kind>
      Then allocating <kind> A for d1 with flags 0x2 is refused with EOPNOTSUPP

      Examples:
        | kind        |
        | domain      |
        | nest parent |

  @rule:RVN-ALLOC-03 @kind:patch @profile:riscv-review @needs:nesting
  Rule: A flag that the driver does not know is refused with EOPNOTSUPP

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "return ERR_PTR(-EOPNOTSUPP);"

    Scenario Outline: <flags>
      Then allocating domain A for d1 with flags <flags> is refused with EOPNOTSUPP
      And allocating nest parent A for d1 with flags <flags> is refused with EOPNOTSUPP

      Examples:
        | flags       |
        | 0x4         |
        | 0x8         |
        | 0x10        |
        | 0x100       |
        | 0x1_0000    |
        | 0x4000_0000 |
        | 0x8000_0000 |
        | 0xffff_fffe |

  @rule:RVN-ALLOC-04 @kind:review @profile:riscv-review
  Rule: Without flags and data the domain is the ordinary one, a first stage of the host's

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "create the same domain as alloc_domain_paging"

    Example: it takes no GSCID
      Given no GSCID is left
      Then allocating domain A for d1 is accepted

    Example: its context
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then the device context of d1 has iosatp.MODE Sv57
      And the device context of d1 has ta.PSCID 1
      And the device context of d1 has iohgatp.MODE Bare
      And the device context of d1 has iohgatp.GSCID 0
      And d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:RVN-ALLOC-05 @kind:patch @profile:riscv-review @needs:nesting
  Rule: A nest parent is a second stage: a mode of a second stage, a GSCID, and a root of 16 KiB aligned to 16 KiB

    Source: "[PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu for creating domains owned by userspace", 7 May 2024 "riscv_domain->gscid = ida_alloc_range(&riscv_iommu_gscids, 1,"

    Scenario Outline: where hardware has <first> and <second>, <mode>
      Given IOMMU 0 has <first>
      And IOMMU 0 has <second>
      And a nest parent A for d1
      And the driver maps 4 KiB at 0x1ff_ffff_f000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then the device context of d1 has iohgatp.MODE <mode>
      And the device context of d1 has iohgatp.GSCID 1
      And the device context of d1 has iosatp.MODE Bare
      And d1 reading 0x1ff_ffff_f008 reaches PA 0x8000_0008

      Examples:
        | first     | second    | mode   |
        | no DBG    | no DBG    | Sv57x4 |
        | no Sv57x4 | no DBG    | Sv48x4 |
        | no Sv57x4 | no Sv48x4 | Sv39x4 |

    Example: it takes no PSCID
      Given no PSCID is left
      Then allocating nest parent A for d1 is accepted

  @rule:RVN-ALLOC-06 @kind:open @profile:riscv-review @profile:riscv-mainline
  Rule: Data of the user for a paging domain is refused, with one errno or another

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "Really? Don't you need to ask for the s2?"

    The patch answers EINVAL, drivers of today EOPNOTSUPP; a driver might also have to be asked for a second stage so.

    Scenario Outline: it is not ignored
      Then allocating domain A for d1 from data of the user is <answer>

      @profile:riscv-review
      Examples: as the patch or as drivers of today
        | answer  |
        | refused |

      @profile:riscv-mainline
      Examples: as drivers of today
        | answer                  |
        | refused with EOPNOTSUPP |

  @rule:RVN-ALLOC-07 @kind:review
  Rule: The allocation calls functions of the driver only, and needs no bus

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "structure your driver properly so you can call only internal functions"

    Excluded: the contract has neither a bus nor a core that a driver could call, so no driver of this contract can do it and no scenario can show it

  @rule:RVN-ALLOC-08 @kind:review @profile:riscv-review @needs:nesting
  Rule: No step undoes what an earlier step made: the root is allocated once

    Source: Jason Gunthorpe, "Re: [PATCH RFC RESEND 5/6] iommu/riscv: support nested iommu", 7 May 2024 "so you don't have to undo what prior functions did"

    Scenario Outline: of a <kind>
      Then allocating <kind> A for d1 allocates pages once

      Examples:
        | kind        |
        | domain      |
        | nest parent |
